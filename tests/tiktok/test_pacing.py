"""One shop's requests wait as long as TikTok wants, and then go as fast as it has let them before."""

from hypothesis import given
from hypothesis import strategies as st

from gcw_tiktok.tiktok.pacing import FASTEST, REMEMBERED, SLOWEST, Learned, Pacer


class Road:
    """A clock that only waiting moves, and what was told and kept."""

    def __init__(self, learned: Learned | None = None, now: float = 1_795_300_000.0) -> None:
        self.now = now
        self.told: list[tuple[str, bool]] = []
        self.kept: list[Learned] = []
        self.pacer = Pacer(
            "Paper Harbor",
            learned or Learned(),
            now=lambda: self.now,
            sleep=self.sleep,
            tell=lambda words, important: self.told.append((words, important)),
            keep=self.kept.append,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def ask(self, times: int = 1, each: float = 0.01) -> float:
        """Seconds that so many answered requests waited."""
        waited = 0.0
        for _ in range(times):
            waited += self.pacer.take_turn()
            self.now += each
            self.pacer.answered()
        return waited


def test_nobody_waits_before_tiktok_refuses_something() -> None:
    assert Road().ask(1000) == 0


def test_after_a_refusal_it_goes_half_as_fast_as_in_the_last_second() -> None:
    road = Road()
    road.ask(20, each=0.1)
    road.pacer.take_turn()
    road.pacer.refused(7)
    assert 4 <= road.kept[-1].rate <= 6
    assert road.pacer.take_turn() == 7
    assert 0.15 <= road.pacer.take_turn() <= 0.25


def test_each_refusal_halves_the_rate_and_each_answer_raises_it() -> None:
    road = Road(Learned(rate=8, limited_at=1_795_299_990, limited_until=1_795_299_991))
    road.pacer.refused(1)
    road.pacer.refused(1)
    assert road.pacer.learned.rate == 2
    road.ask(10)
    assert 2.9 < road.pacer.learned.rate < 3.1


def test_requests_that_were_on_their_way_together_are_refused_once() -> None:
    road = Road(Learned(rate=8, limited_at=1_795_299_990, limited_until=1_795_299_991))
    sent = [road.now, road.now + 0.01, road.now + 0.02]
    road.now += 0.3
    road.pacer.refused(2, sent[0])
    road.pacer.refused(5, sent[1])
    road.pacer.refused(1, sent[2])
    assert road.pacer.learned.rate == 4
    assert 4.9 < road.pacer.take_turn() <= 5
    road.pacer.refused(1, road.now)
    assert road.pacer.learned.rate == 2


def test_it_never_stands_still() -> None:
    road = Road()
    for _ in range(50):
        road.pacer.take_turn()
        road.pacer.refused(0)
    assert road.pacer.learned.rate == SLOWEST


def test_a_limit_that_is_gone_is_forgotten_in_the_end() -> None:
    road = Road()
    road.pacer.take_turn()
    road.pacer.refused(1)
    road.ask(int(FASTEST / 0.1) + 10)
    assert road.kept[-1].rate == 0
    assert road.ask(100) == 0


def test_refusals_in_a_row_wait_twice_as_long_each_time_up_to_a_minute() -> None:
    road = Road()
    waits = []
    for _ in range(8):
        road.pacer.refused(0)
        waits.append(road.pacer.learned.limited_until - road.now)
    assert [int(wait) for wait in waits[:4]] == [1, 2, 4, 8]
    assert max(waits) <= 60


def test_jitter_keeps_two_that_were_refused_together_apart() -> None:
    roads = [Road() for _ in range(20)]
    for road in roads:
        road.pacer.refused(0)
    assert len({road.pacer.take_turn() for road in roads}) > 10


def test_the_next_run_begins_with_what_was_learned() -> None:
    first = Road()
    first.ask(20, each=0.1)
    first.pacer.refused(40)
    second = Road(first.kept[-1], now=first.now + 10)
    assert second.pacer.take_turn() == 30
    assert second.pacer.learned.rate == first.kept[-1].rate


def test_after_an_hour_it_is_as_if_nothing_had_been() -> None:
    first = Road()
    first.pacer.refused(1)
    assert Road(first.kept[-1], now=first.now + REMEMBERED + 1).ask(100) == 0


def test_a_note_from_the_future_is_of_another_clock() -> None:
    assert Road(Learned(rate=1, limited_at=1_999_999_999, limited_until=2_000_000_000)).ask(5) == 0


def test_why_it_waits_is_told_and_a_long_wait_to_everybody() -> None:
    road = Road()
    for seconds in (2, 40):
        road.pacer.refused(seconds)
        road.pacer.take_turn()
        road.pacer.answered()
    assert road.told == [
        ("waiting 2 s: TikTok limits Paper Harbor", False),
        ("waiting 40 s: TikTok limits Paper Harbor", True),
    ]


@given(st.lists(st.sampled_from(["ask", "refuse", "hold"]), max_size=60), st.floats(0, 100))
def test_whatever_happens_waits_are_bounded_and_the_rate_is_sane(happens: list[str], retry_after: float) -> None:
    road = Road()
    for what in happens:
        if what == "ask":
            assert 0 <= road.ask() <= max(100, 1 / SLOWEST)
        elif what == "refuse":
            road.pacer.refused(retry_after)
        else:
            road.pacer.hold(3, "TikTok did not answer as it should")
        assert road.pacer.learned.rate == 0 or SLOWEST <= road.pacer.learned.rate <= FASTEST

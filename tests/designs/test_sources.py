"""Gathering designs: each address once, many at a time, remembered, and never another file in silence."""

import hashlib
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlmodel import select

from filehost import file_host
from gcw_tiktok.errors import BadInput, GcwError, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import Design, DesignSource
from gcw_tiktok.workflow.designs import sources
from gcw_tiktok.workflow.designs.asking import MOST_TOGETHER
from gcw_tiktok.workflow.designs.fetching import Fetcher
from gcw_tiktok.workflow.designs.sources import Got
from gcw_tiktok.workflow.history import Act

HOST = "https://files.example.com"
POSTER = f"{HOST}/poster.png"


def png(colour: str = "red") -> bytes:
    into = BytesIO()
    Image.new("RGB", (40, 30), colour).save(into, "PNG")
    return into.getvalue()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Far:
    """Hosts that answer with files by path, with marks when `marked`, and count what they are asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.marked = True
        self.asked: Counter[str] = Counter()
        self.statuses: list[int] = []
        self.troubles: dict[str, list[httpx.Response | Exception]] = {}
        self.before: Callable[[httpx.Request], None] = lambda request: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        address = f"https://{request.headers['host']}{request.url.raw_path.decode()}"
        self.asked[address] += 1
        self.before(request)
        if self.troubles.get(address):
            trouble = self.troubles[address].pop(0)
            if isinstance(trouble, Exception):
                raise trouble
            return trouble
        answer = self._answer(request, self.files.get(address))
        self.statuses.append(answer.status_code)
        return answer

    def _answer(self, request: httpx.Request, content: bytes | None) -> httpx.Response:
        if content is None:
            return httpx.Response(404)
        etag = f'"{sha(content)}"'
        if self.marked and request.headers.get("if-none-match") == etag:
            return httpx.Response(304)
        return httpx.Response(200, content=content, headers={"etag": etag} if self.marked else {})

    @property
    def fetcher(self) -> Fetcher:
        return Fetcher(transport=httpx.MockTransport(self), resolve=lambda host, port: ["93.184.215.14"])


class Gathering:
    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder, self.far = database, folder, Far()
        self.now = 1_000_000
        self.sleeps: list[float] = []
        self.steps: list[tuple[int, int]] = []

    def __call__(self, *wanted: str, **options: object) -> dict[str, Got]:
        return dict(self.going(*wanted, **options))

    def going(self, *wanted: str, **options: object) -> Iterator[tuple[str, Got]]:
        return sources.gather(
            self.database,
            wanted,
            self.folder,
            Act("ada", self.now),
            **{  # type: ignore[arg-type]
                "fetcher": self.far.fetcher,
                "sleep": self.sleeps.append,
                "progress": lambda done, total: self.steps.append((done, total)),
            }
            | options,
        )

    def row(self, address: str = POSTER) -> DesignSource:
        with self.database.view() as session:
            return session.get_one(DesignSource, address)


@pytest.fixture
def gather(database: Database, tmp_path: Path) -> Gathering:
    return Gathering(database, tmp_path / "designs")


def test_an_address_is_fetched_once_however_many_rows_name_it(gather: Gathering) -> None:
    gather.far.files[POSTER] = png()
    got = gather(*[POSTER] * 1_000)
    assert gather.far.asked == {POSTER: 1}
    assert got[POSTER].file.sha256 == sha(png())
    assert got[POSTER].file.path.read_bytes() == png()
    assert (got[POSTER].file.facts.width, got[POSTER].file.facts.media_type) == (40, "image/png")
    assert gather.row().sha256 == sha(png())
    assert gather.steps == [(1, 1)]


def test_a_file_that_cannot_be_had_says_why_and_stops_no_other(gather: Gathering, tmp_path: Path) -> None:
    gather.far.files |= {POSTER: png(), f"{HOST}/page": b"<html>a viewer</html>"}
    got = gather(
        f"{HOST}/none", POSTER, f"{HOST}/page", str(tmp_path / "no.png"), "ftp://x/y", "https://canva.com/design/x"
    )
    errors = {source: str(one.error) for source, one in got.items() if one.error}
    assert "There is nothing at" in errors[f"{HOST}/none"]
    assert "web page" in errors[f"{HOST}/page"]
    assert "does not exist" in errors[str(tmp_path / "no.png")]
    assert "no https address" in errors["ftp://x/y"]
    assert "page of Canva" in errors["https://canva.com/design/x"]
    assert set(got) - set(errors) == {POSTER}
    with pytest.raises(BadInput, match="nothing at"):
        _ = got[f"{HOST}/none"].file


def test_what_answered_a_while_ago_is_not_asked_again(gather: Gathering) -> None:
    gather.far.files[POSTER] = png()
    gather(POSTER)
    gather.now += 3_600
    again = gather(POSTER)[POSTER]
    assert gather.far.asked == {POSTER: 1}
    assert not again.asked
    assert again.file.sha256 == sha(png())
    assert again.file.facts.width == 40


def test_what_answered_long_ago_is_asked_whether_it_is_the_same(gather: Gathering) -> None:
    gather.far.files[POSTER] = png()
    gather(POSTER)
    gather.now += 90_000
    assert gather(POSTER)[POSTER].file.sha256 == sha(png())
    assert gather.far.statuses == [200, 304]
    gather(POSTER)
    assert gather.far.statuses == [200, 304], "it answered just now"


def test_an_address_without_marks_is_fetched_and_compared(gather: Gathering) -> None:
    gather.far.marked = False
    gather.far.files[POSTER] = png()
    gather(POSTER)
    assert gather(POSTER, fresh_seconds=0)[POSTER].file.sha256 == sha(png())
    assert gather.far.statuses == [200, 200]


def test_a_file_that_is_no_longer_in_the_folder_is_fetched_again(gather: Gathering) -> None:
    gather.far.files[POSTER] = png()
    path = gather(POSTER)[POSTER].file.path
    path.unlink()
    assert gather(POSTER)[POSTER].file.path == path
    assert path.read_bytes() == png()
    assert gather.far.statuses == [200, 200]


def test_another_file_where_nothing_is_printed_from_is_simply_the_file(gather: Gathering) -> None:
    """Whoever mends a file that failed its checks puts it in the same place."""
    gather.far.files[POSTER] = png()
    gather(POSTER)
    gather.far.files[POSTER] = png("blue")
    with gather.database.session() as session:
        sources.ask_again(session, [POSTER])
    assert gather(POSTER)[POSTER].file.sha256 == sha(png("blue"))
    assert gather.row().sha256 == sha(png("blue"))


def test_an_interrupted_run_goes_on_where_it_was(gather: Gathering) -> None:
    wanted = [f"{HOST}/{number}.png" for number in range(300)]
    gather.far.files = dict.fromkeys(wanted, png())
    going = gather.going(*wanted)
    done = {next(going)[0] for _ in range(20)}
    going.close()  # type: ignore[attr-defined]
    before = Counter(gather.far.asked)
    assert 20 <= sum(before.values()) < 300
    assert set(gather(*wanted)) == set(wanted)
    assert all(gather.far.asked[one] == 1 for one in done)
    assert sum(gather.far.asked.values()) - 300 <= sources.AT_ONCE, "what was in hand, and no more, is asked again"


def test_what_a_killed_run_left_half_done_is_swept_away(gather: Gathering) -> None:
    gather.folder.mkdir()
    old, young = (gather.folder / f".incoming-{name}" for name in ("old", "young"))
    for path, age in ((old, 200_000), (young, 60)):
        path.write_bytes(b"half")
        os.utime(path, (gather.now - age, gather.now - age))
    gather.far.files[POSTER] = png()
    gather(POSTER)
    assert not old.exists()
    assert young.exists(), "another run may be busy with it"


def test_several_are_asked_at_once_but_few_of_one_host(gather: Gathering) -> None:
    hosts = ("a.example.com", "b.example.com", "c.example.com")
    wanted = [f"https://{host}/{number}.png" for host in hosts for number in range(12)]
    gather.far.files = dict.fromkeys(wanted, png())
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    lock, together = threading.Lock(), threading.Barrier(6)

    def count(request: httpx.Request) -> None:
        host = request.headers["host"]
        with lock:
            now.update([host, "all"])
            for one in (host, "all"):
                most[one] = max(most[one], now[one])
            first = not together.broken and sum(gather.far.asked.values()) <= 6
        if first:
            together.wait(20)  # six at once, or it never ends
        with lock:
            now.subtract([host, "all"])

    gather.far.before = count
    assert len(gather(*wanted, workers=6)) == 36
    assert most["all"] == 6
    assert max(most[host] for host in hosts) <= 4


def test_what_may_work_later_is_tried_again_a_few_times(gather: Gathering) -> None:
    gather.far.files[POSTER] = png()
    gather.far.troubles[POSTER] = [httpx.Response(503), httpx.ConnectError("down")]
    assert gather(POSTER)[POSTER].file.sha256 == sha(png())
    assert gather.sleeps == [1.0, 4.0]
    gather.far.troubles[POSTER] = [httpx.ReadTimeout("slow")] * 3
    error = gather(POSTER, fresh_seconds=0)[POSTER].error
    assert isinstance(error, TryAgain)
    assert gather.far.asked == {POSTER: 6}


def test_a_host_is_given_the_time_that_it_asks_for_within_bounds(gather: Gathering) -> None:
    gather.far.files[POSTER] = png()
    gather.far.troubles[POSTER] = [httpx.Response(429, headers={"retry-after": "30"})]
    assert gather(POSTER)[POSTER].file
    assert gather.sleeps == [30.0]
    gather.far.troubles[POSTER] = [httpx.Response(429, headers={"retry-after": "3600"})]
    assert isinstance(gather(POSTER, fresh_seconds=0)[POSTER].error, TryAgain)
    assert gather.sleeps == [30.0]


def test_a_host_that_is_down_is_not_asked_for_every_file_of_it(gather: Gathering) -> None:
    wanted = [f"{HOST}/{number}.png" for number in range(200)]
    gather.far.troubles = {one: [httpx.ConnectError("down")] * 3 for one in wanted}
    gather.far.files["https://other.example.com/a.png"] = png()
    got = gather(*wanted, "https://other.example.com/a.png")
    assert got["https://other.example.com/a.png"].file
    assert all(isinstance(got[one].error, TryAgain) for one in wanted)
    assert sum(gather.far.asked.values()) < 60
    assert "failed 5 times in a row" in str(got[wanted[-1]].error)


def test_what_is_stopped_ends_quickly(gather: Gathering) -> None:
    stopping = threading.Event()
    held = threading.Event()
    wanted = [f"{HOST}/{number}.png" for number in range(100)]
    gather.far.files = dict.fromkeys(wanted, png())

    def stop(request: httpx.Request) -> None:
        stopping.set()
        held.wait(20)

    gather.far.before = stop
    with pytest.raises(KeyboardInterrupt):
        gather(*wanted, stopping=stopping)
    held.set()
    assert sum(gather.far.asked.values()) <= sources.AT_ONCE


def test_a_path_is_read_where_it_lies(gather: Gathering, tmp_path: Path) -> None:
    path = tmp_path / "here.png"
    path.write_bytes(png())
    first = gather(str(path), str(path))
    assert first[str(path)].file.sha256 == sha(png())
    with gather.database.view() as session:
        assert [one.sha256 for one in session.exec(select(Design))] == [sha(png())]
        assert not session.exec(select(DesignSource)).all()
    path.write_bytes(png("blue"))
    assert gather(str(path))[str(path)].file.sha256 == sha(png("blue"))
    wrong = tmp_path / "here.pdf"
    wrong.write_bytes(png())
    assert "not what it is called" in str(gather(str(wrong))[str(wrong)].error)


def test_an_address_longer_than_an_index_holds_is_remembered_too(gather: Gathering) -> None:
    long = f"{POSTER}?signature={'0123456789abcdef' * 500}"
    other = long + "0"
    gather.far.files |= {long: png(), other: png("blue")}
    assert [gather(one)[one].file.sha256 for one in (long, other)] == [sha(png()), sha(png("blue"))]
    gather(long, other)
    assert set(gather.far.asked.values()) == {1}


def test_a_bug_is_not_taken_for_a_failure_of_the_net(gather: Gathering) -> None:
    def broken(request: httpx.Request) -> None:
        raise ZeroDivisionError

    gather.far.before = broken
    with pytest.raises(ZeroDivisionError):
        gather(POSTER)


def test_two_runs_at_once_record_the_same_files(gather: Gathering) -> None:
    wanted = [f"{HOST}/{number}.png" for number in range(30)]
    gather.far.files = dict.fromkeys(wanted, png())
    troubles: list[BaseException] = []

    def run() -> None:
        try:
            gather(*wanted)
        except BaseException as error:  # noqa: BLE001  told by the test itself
            troubles.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not troubles
    with gather.database.view() as session:
        assert len(session.exec(select(DesignSource)).all()) == 30


def test_a_run_that_is_killed_is_taken_up_by_the_next(tmp_path: Path) -> None:
    """A process of its own, ended in the middle as by a power cut."""
    script = """
import sys
from pathlib import Path
from gcw_tiktok.store.database import Database
from gcw_tiktok.workflow.designs import sources
from gcw_tiktok.workflow.history import Act
url, folder, *wanted = sys.argv[1:]
for source, got in sources.gather(Database(url), wanted, Path(folder), Act("ada", 1_000_000), allow_private=True):
    print(source, got.file.sha256, flush=True)
"""
    with file_host() as host:
        host.files = {f"/{number}.png": png() for number in range(200)}
        wanted = [host.address(path) for path in host.files]
        command = [sys.executable, "-c", script, f"sqlite:///{tmp_path / 'gcw.db'}", str(tmp_path / "designs"), *wanted]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            done = [process.stdout.readline().split()[0] for _ in range(30)]
            process.kill()
            done += [line.split()[0] for line in process.stdout if line.endswith("\n")]
        asked = sum(host.asked.values())
        assert asked < 200
        again = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        assert len(again.stdout.splitlines()) == 200
        assert all(host.asked[one.removeprefix(host.address("")), 200] == 1 for one in done)
        most_in_hand = sources.AT_ONCE + MOST_TOGETHER
        assert sum(host.asked.values()) - 200 <= most_in_hand


ODD = st.one_of(
    st.text(max_size=30),
    st.text(max_size=30).map("https://".__add__),
    st.text("[]:@/?#%.\\\0\ud800\uff41①ß", max_size=12).map("https://".__add__),
    st.text(max_size=12).map("https://files.example.com/".__add__),
    st.text(max_size=8).map("s3://".__add__),
)


@given(odd=st.lists(ODD, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_whatever_a_row_may_hold_is_told_and_stops_no_other(gather: Gathering, odd: list[str]) -> None:
    gather.far.files[POSTER] = png()
    got = gather(*odd, POSTER)
    assert set(got) == {*odd, POSTER}
    assert got[POSTER].file.sha256 == sha(png())
    assert all(isinstance(one.error, GcwError) and str(one.error) for source, one in got.items() if source != POSTER)

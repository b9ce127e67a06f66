"""Beside SQLite webhooks lie in files until the database has them: sealed, once, and through any kill."""

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.workflow import recording
from gcw_tiktok.workflow.inbox import Inbox
from orders.killing import Killed
from webhooks.pushes import Receiving, id_of, push, receiving


@pytest.fixture
def place(app: None) -> Iterator[Receiving]:
    with receiving(Runtime()) as found:
        yield found


def folder(place: Receiving) -> Path:
    return Path(place.database.url.removeprefix("sqlite:///") + "-webhooks")


def test_what_lies_there_is_sealed_and_its_owners_only(place: Receiving) -> None:
    place.sends(push(14, "7495", content="Meet me at the harbour"))
    (letter,) = folder(place).iterdir()
    assert b"harbour" not in letter.read_bytes()
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder(place).stat().st_mode) == 0o700


def test_what_came_first_is_recorded_first_and_nothing_stays(place: Receiving) -> None:
    bodies = [push(1, "7495", order_id=str(number)) for number in range(9)]
    inbox = Inbox(folder(place))
    for number, body in enumerate(reversed(bodies)):
        inbox.put(body, place.seal, 1_795_446_000 - number)
    assert [row.notification_id for row in place.rows()] == [id_of(body) for body in bodies]
    assert [row.received_at for row in place.rows()] == list(range(1_795_446_000 - 8, 1_795_446_001))
    assert inbox.empty


def test_more_than_one_transaction_takes_are_all_recorded(place: Receiving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "AT_ONCE", 4)
    for number in range(11):
        place.sends(push(1, "7495", order_id=str(number)))
    assert len(place.rows()) == 11


def test_killed_after_they_were_recorded_they_are_not_recorded_again(
    place: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(inbox: Inbox, letters: object) -> None:
        raise Killed

    body = push(1, "7495", order_id="5766")
    place.sends(body)
    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "take_out", killed)
        with pytest.raises(Killed):
            recording.take_up(place.database, lambda: place.seal)
    place.sends(body)
    receipts = recording.take_up(place.database, lambda: place.seal)
    assert [receipt.new for receipt in receipts] == [False]
    assert [row.notification_id for row in place.rows()] == [id_of(body)]


def test_what_is_half_written_is_not_read(place: Receiving) -> None:
    place.sends(push(1, "7495", order_id="5766"))
    (whole,) = folder(place).iterdir()
    whole.rename(folder(place) / f".{whole.name}.half")
    assert place.rows() == []


def test_what_another_key_sealed_stops_nothing_else(place: Receiving) -> None:
    inbox = Inbox(folder(place))
    for number in range(3):
        inbox.put(push(1, "7495", order_id=str(number)), Seal(b"x" * 32), 1)
    place.sends(push(1, "7495", order_id="5766"))
    assert [row.subjects for row in place.rows()] == [["order:5766"]]
    assert not inbox.empty


def test_what_the_disk_does_not_take_is_sent_again(place: Receiving) -> None:
    folder(place).write_text("in the way")
    body = push(1, "7495", order_id="5766")
    assert place.send(body).status_code == 503
    folder(place).unlink()
    place.sends(body)
    assert len(place.rows()) == 1
    assert httpx.get(f"{place.address}/readyz").status_code == 200

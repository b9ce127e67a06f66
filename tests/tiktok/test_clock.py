"""A machine whose clock is wrong works all the same, and is told."""

import email.utils
from typing import Any

import httpx
import pytest

from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.errors import AppMisconfigured, Unavailable
from tiktok.far_side import NOW, FarSide, envelope

EARLY = "Invalid credentials. The 'timestamp' query parameter is earlier than 5 minutes ago."
LATE = "Invalid credentials. The 'timestamp' query parameter must not exceed now by 30 seconds."


def refusal(off: float, message: str = EARLY) -> httpx.Response:
    date = email.utils.formatdate(NOW + off, usegmt=True)
    return envelope(code=36009004, message=message, status=400, date=date)


def ask(client: Client, *, repeatable: bool = True) -> Any:
    return client.call("search_orders", "POST", "/order/{version}/orders/search", json={}, repeatable=repeatable)


def stamps(far: FarSide) -> list[float]:
    return [float(request.url.params["timestamp"]) - NOW for request in far.requests]


@pytest.mark.parametrize(("off", "message"), [(412, EARLY), (-45, LATE), (-90_000, LATE)])
@pytest.mark.parametrize("repeatable", [True, False], ids=["read", "write"])
def test_it_is_signed_again_with_tiktoks_time(far: FarSide, off: float, message: str, repeatable: bool) -> None:
    far.will(refusal(off, message), envelope({"ok": 1}))
    client = far.client()
    assert ask(client, repeatable=repeatable) == {"ok": 1}
    assert ask(client) == {"ok": 1}
    assert stamps(far) == [0, off, off]
    assert far.noticed == [off]
    assert far.slept == []
    assert client.now() == NOW + off


def test_it_is_tried_again_once_only(far: FarSide) -> None:
    far.will(refusal(412))
    with pytest.raises(AppMisconfigured):
        ask(far.client())
    assert len(far.requests) == 2


def test_a_date_that_does_not_explain_the_refusal_is_not_believed(far: FarSide) -> None:
    far.will(refusal(100))
    with pytest.raises(AppMisconfigured):
        ask(far.client())
    assert len(far.requests) == 1
    assert far.noticed == []


def test_without_a_date_nothing_is_corrected(far: FarSide) -> None:
    far.will(envelope(code=36009004, message=EARLY, status=400))
    with pytest.raises(AppMisconfigured):
        ask(far.client())
    assert len(far.requests) == 1


def test_a_proxys_date_corrects_nothing(far: FarSide) -> None:
    date = email.utils.formatdate(NOW + 5000, usegmt=True)
    far.will(httpx.Response(400, html="timestamp earlier than 5 minutes", headers={"date": date}))
    client = far.client()
    with pytest.raises(Unavailable):
        ask(client)
    assert (far.noticed, client.server_time, client.now()) == ([], None, NOW)


def test_a_right_clock_is_never_touched(far: FarSide) -> None:
    date = email.utils.formatdate(NOW + 7 * 86_400, usegmt=True)
    far.will(envelope({"ok": 1}, date=date))
    client = far.client()
    ask(client)
    assert client.now() == NOW
    assert client.server_time == NOW + 7 * 86_400

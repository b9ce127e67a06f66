"""What `gcw webhooks replay` does: acts once more on what was received, or posts it to somebody else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gcw_tiktok import output
from gcw_tiktok.commands.options import act
from gcw_tiktok.errors import GcwError, PartlyDone, Refused, TryAgain
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.tiktok import webhooks
from gcw_tiktok.workflow import notifications, recording
from gcw_tiktok.workflow.webhooks import must_be_web_address

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Notification

MOST = 1_000
"""Of those that failed, at most so many at once."""
OK = 200
"""TikTok takes nothing else for an answer."""
Row = dict[str, Any]


def choose(gcw: Runtime, ids: Sequence[str], *, last: int, failed: bool) -> list["Notification"]:
    """The notifications that are meant, oldest first."""
    recording.take_up(gcw.database, lambda: gcw.seal)
    with gcw.database.view() as session:
        if ids:
            found = {one.notification_id: one for one in (notifications.find(session, name) for name in ids)}
            return sorted(found.values(), key=lambda one: one.id or 0)
        return notifications.newest(session, failed=failed, last=MOST if failed else last)


def act_again(gcw: Runtime, chosen: Sequence["Notification"]) -> list[Row]:
    """Reads from TikTok what they speak of; what another gcw has in hand is left to it."""
    from gcw_tiktok.workflow import acting, alive

    ids = [one.notification_id for one in chosen]
    running = gcw.profile.folder / "running"
    gcw.app  # noqa: B018  what is missing shows itself before anything is changed
    with alive.sign(running) as holder:
        approve = gcw.settings.approve_cancellations
        means = acting.Means(gcw.database, gcw.seal, gcw.client_for, lambda: act(gcw), running, holder, approve)
        with gcw.database.session() as session:
            notifications.put_forward(session, gcw.seal, chosen)
        outcomes: dict[str, acting.Outcome] = {}
        for place in dict.fromkeys(acting.Place(one.shop_id, one.open_id) for one in chosen):
            while found := acting.work(means, place, ids):
                outcomes |= {outcome.notification.notification_id: outcome for outcome in found}
    return [_row(one, outcomes.get(one.notification_id)) for one in chosen]


def _row(one: "Notification", outcome: Any) -> Row:
    if outcome is None:
        result, why = "in hand", "Another gcw acts on it."
    else:
        result, why = (outcome.state.value if outcome.state else "later"), outcome.why
    return _about(one) | {"result": result, "failed": result in ("later", "failed"), "why": why}


def forward(gcw: Runtime, chosen: Sequence["Notification"], address: str) -> list[Row]:
    """Posts each body as TikTok sent it, signed anew; one that finds nobody ends it."""
    must_be_web_address(address)
    app = gcw.app
    rows: list[Row] = []
    for one in chosen:
        body = notifications.raw(gcw.seal, one)
        headers = {
            "content-type": "application/json",
            "authorization": webhooks.sign_webhook(app.key, app.secret, body),
        }
        try:
            status = webhooks.deliver(gcw.http, address, body, headers).status_code
        except GcwError as error:
            if not rows:
                raise
            rows.append(_about(one) | {"result": "no answer", "failed": True, "why": str(error)})
            break
        why = "" if status == OK else f"TikTok wants {OK}, and would send it again."
        rows.append(_about(one) | {"result": str(status), "failed": status != OK, "why": why})
    return rows


def _about(one: "Notification") -> Row:
    return {
        "id": one.notification_id,
        "topic": notifications.topic(one.type),
        "shop": one.shop_id,
        "about": one.subjects,
    }


def show(rows: Sequence[Row], *, as_json: bool, as_csv: bool) -> None:
    """The report; then what of it failed, as a failure."""
    failed = [row for row in rows if row["failed"]]
    if failed and len(failed) == len(rows):
        kind = TryAgain if failed[0]["result"] in ("later", "no answer") else Refused
        raise kind(f"Nothing came of it: {failed[0]['why'] or failed[0]['result']}", "See `gcw webhooks events`.")
    listed = [{name: value for name, value in row.items() if name != "failed"} for row in rows]
    output.rows(listed, ["id", "topic", "about", "result", "why"], as_json=as_json, as_csv=as_csv)
    if not rows:
        output.note("There is nothing to replay. See `gcw webhooks events`.")
    if failed:
        told = "; ".join(f"{row['id']}: {row['why'] or row['result']}" for row in failed)
        raise PartlyDone(f"Not everything was done. {told}", "The rest is done; run it again later.")

"""gcw orders audit: every order of TikTok's is accounted for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Json, act, ago, runtime
from gcw_tiktok.errors import BadInput, CheckFailed
from gcw_tiktok.workflow import stores, times

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.orders.audit import Audit


def audit(
    ctx: typer.Context,
    since: Annotated[str, typer.Option(help="How far back, such as 7d, 12h or 30m.")] = "7d",
    store: Annotated[str, typer.Option(help="Only this store's orders.")] = "",
    repair: Annotated[bool, typer.Option("--repair", help="Read again what differs, and look again at it.")] = False,
    report: Annotated[str, typer.Option(metavar="FILE", help="Also write a page for the customer (Markdown).")] = "",
    as_json: Json = False,
) -> None:
    """Compare TikTok's orders with ours: every one in exactly one place. Exit code 8 where one is not."""
    from gcw_tiktok.workflow.orders import audit as workflow

    gcw = runtime(ctx)
    start = gcw.now() - ago(since, "--since")
    with gcw.database.view() as session:
        chosen = [stores.find_connected(session, store)] if store else stores.connected(session)

    def work(place: "Store", bar: several.Bar) -> "Audit":
        with bar(f"Auditing {place.name}") as progress:
            client = gcw.client_for(place)
            return workflow.audit(
                gcw.database, client, gcw.seal, place, act(gcw), start, repair=repair, progress=progress
            )

    found, troubles = several.for_each(gcw, chosen, work)
    if report:
        _write(report, "\n".join(workflow.in_words(one, times.shown) for one in found))
    _show(found, as_json=as_json)
    if troubles:
        raise troubles[0]
    total = workflow.counts(found)
    if total["open"]:
        hint = "Look into them with `gcw orders show ORDER`." if repair else "Mend them: gcw orders audit --repair"
        raise CheckFailed(f"{total['open']} of {total['at_tiktok']} orders differ from TikTok's.", hint)
    output.note(f"All {total['at_tiktok']} orders that TikTok names are accounted for.")


def _show(audits: "list[Audit]", *, as_json: bool) -> None:
    differences = [
        {"store": one.store, "order": each.order_id, "kind": each.kind, "found": each.sentence, "repaired": mended}
        for one in audits
        for mended, listed in ((True, one.repaired), (False, one.differences))
        for each in listed
    ]
    places = [
        {
            "store": one.store,
            "since": times.iso(one.since),
            "until": times.iso(one.until),
            "at_tiktok": one.at_tiktok,
            "places": dict(sorted(one.places.items())),
        }
        for one in audits
    ]
    if as_json:
        output.thing({"stores": places, "differences": differences}, as_json=True)
        return
    output.rows(
        [
            {"store": one.store, "place": where, "orders": count}
            for one in audits
            for where, count in sorted(one.places.items())
        ]
    )
    if differences:
        output.heading("Differences")
        output.rows(differences, ["order", "kind", "found", "repaired"])


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The report cannot be written to {file}: {error.strerror}.") from error

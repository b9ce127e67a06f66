"""gcw orders services and label: TikTok's label for orders that it ships."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import several
from gcw_tiktok.commands.options import Csv, DryRun, Json, OrderId, act, runtime
from gcw_tiktok.commands.orders_cancelling import means_for
from gcw_tiktok.errors import BadInput
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.store.tables import Stage
from gcw_tiktok.store.tables.stages import IN_WORK
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import views

if TYPE_CHECKING:
    from gcw_tiktok.store.tables import Store
    from gcw_tiktok.workflow.shipping.labelling import Labelled
    from gcw_tiktok.workflow.shipping.labels import Wish

Lines = Annotated[list[str] | None, typer.Option("--line", help="A parcel of only this line; repeat it for several.")]
Weight = Annotated[str, typer.Option(help="The parcel's weight, such as 1.1lb, 12oz or 500g; else the listings'.")]
Size = Annotated[str, typer.Option(help="Its length x width x height, such as 6x5x5in; else the listings'.")]
Alone = Annotated[bool, typer.Option("--alone", help="Without those that TikTok marked to travel with it.")]


def services(
    ctx: typer.Context,
    order: OrderId,
    line: Lines = None,
    weight: Weight = "",
    size: Size = "",
    alone: Alone = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the services by which TikTok would send an order, with its estimate of the price. Buys nothing."""
    from gcw_tiktok.workflow.shipping import labels

    gcw = runtime(ctx)
    store, order_id = _place(gcw, order)
    wish = _wish(labels.DEFAULT, line, weight, size, alone=alone)
    plan = labels.plan(means_for(gcw, store), order_id, wish)
    if plan is None:
        output.rows([], as_json=as_json, as_csv=as_csv)
        output.note(f"Its label is bought already: gcw orders label {order_id} -o FILE")
        return
    listed = [
        {
            "service": one.name,
            "id": one.id,
            "carrier": one.shipping_provider_name,
            "price": one.price,
            "currency": one.currency,
            "days": _days(one.earliest_delivery_days, one.latest_delivery_days),
            "chosen": one is plan.chosen,
        }
        for one in plan.services
    ]
    columns = ["service", "id", "carrier", "price", "currency", "days", "chosen"]
    output.rows(listed, columns, as_json=as_json, as_csv=as_csv, may_go=["carrier", "currency"])
    units = sum(map(len, plan.parts.values()))
    output.note(f"For {units} units in one parcel of {plan.box or 'unknown weight and size'}.")
    _say_together(order_id, list(plan.sharing.parts), plan.sharing.left_out)
    output.note(f"Buy it with `gcw orders label {order_id}`, or another with --service.")


def label(
    ctx: typer.Context,
    orders: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ORDER]...", help="All that TikTok ships and that are --from this stage, if none."),
    ] = None,
    service: Annotated[
        str, typer.Option(help="A service's name or id; or default (TikTok's own choice), cheapest, fastest.")
    ] = "default",
    line: Lines = None,
    weight: Weight = "",
    size: Size = "",
    since: Annotated[
        Stage, typer.Option("--from", help="Without orders: those that are at least so far.")
    ] = Stage.PRINTED,
    store: Annotated[str, typer.Option(help="Without orders: only this store's.")] = "",
    out: Annotated[
        str, typer.Option("--output", "-o", help="Write the label once more, and buy nothing; - for stdout.")
    ] = "",
    alone: Alone = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Buy although a decision is open.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Buy TikTok's label for orders that it ships, and give it to production. Running it again buys nothing more."""
    from gcw_tiktok.workflow.shipping import labelling

    gcw = runtime(ctx)
    if out:
        _write(gcw, orders or [], out, as_json=as_json)
        return
    if since not in IN_WORK:
        raise BadInput("--from is one of created, in_production, printed, packaged.", code="usage")
    if (line or weight or size) and len(orders or []) != 1:
        raise BadInput("--line, --weight and --size are of one parcel.", "Name one order with them.", code="usage")
    wish = _wish(service, line, weight, size, anyway=yes, alone=alone)
    places = _places(gcw, orders or [], store)

    def work(place: "Store", bar: several.Bar) -> list["Labelled"]:
        ids = next(ids for one, ids in places if one.id == place.id)
        with bar(f"Labels for {place.name}"):
            return labelling.label(means_for(gcw, place), ids, wish, since, named=bool(orders), dry_run=dry_run)

    done, troubles = several.for_each(gcw, [one for one, _ in places], work)
    found = [one for ones in done for one in ones]
    troubles += [several.about(f"Order {one.order_id}", one.error) for one in found if one.error]
    several.fail_if_nothing_was_done(troubles, sum(one.error is None for one in found))
    columns = ["order", "parcel", "result", "service", "price", "tracking_number", "file"]
    output.rows([_row(one) for one in found], columns, as_json=as_json, may_go=["file", "service"])
    _say(found, dry_run=dry_run, named=bool(orders))
    several.complain([str(error) for error in troubles])


def _row(one: "Labelled") -> dict[str, Any]:
    parcel = f"{one.number} of {one.of}" if one.number and one.of else str(one.number or "")
    return {
        "order": one.order_id,
        "parcel": parcel,
        "result": one.result,
        "units": one.units,
        "service": one.service,
        "carrier": one.carrier,
        "price": f"{one.price} {one.currency}".strip(),
        "box": one.box,
        "tracking_number": one.tracking_number,
        "package_id": one.package_id,
        "file": one.file,
        "together": list(one.together),
        "left_out": dict(one.left_out),
        "why": str(one.error or ""),
    }


def _say(found: list["Labelled"], *, dry_run: bool, named: bool) -> None:
    if not found and not named:
        output.note("No order waits for a label of TikTok's.")
    for one in found:
        if one.price or one.left_out:
            _say_together(one.order_id, one.together, one.left_out)
    if dry_run:
        output.note("Nothing was bought.")
        return
    for order_id in dict.fromkeys(one.order_id for one in found if one.result == "bought" and not one.file):
        output.warning(
            f"Production has no folder of order {order_id} any more. Give packing its label: "
            f"gcw orders label {order_id} -o label.pdf"
        )


def _say_together(order_id: str, together: Sequence[str], left_out: Mapping[str, str]) -> None:
    if together:
        output.note(f"One label for order {order_id} and {' and '.join(together)}, which travel in one parcel.")
    for other, why in left_out.items():
        output.note(f"Order {other} is marked to travel with {order_id} and is not in this parcel: {why}.")


def _write(gcw: Runtime, orders: list[str], out: str, *, as_json: bool) -> None:
    """To a file that only its owner reads, since it shows the recipient."""
    from gcw_tiktok.workflow.production import label_files

    if len(orders) != 1:
        raise BadInput("-o writes the label of one order.", "Name the order.", code="usage")
    pdf = label_files.write_again(gcw.database, gcw.seal, act(gcw), orders[0])
    if out == "-":
        output.binary(pdf)
        return
    path = Path(out)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            path.chmod(0o600)  # one that was there before may be open to others
            file.write(pdf)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}.", "Name another file with -o.") from error
    output.thing({"order": orders[0], "file": out, "bytes": len(pdf)}, as_json=as_json)
    output.note("It shows the recipient: delete it when it is printed.")


def _wish(service: str, line: list[str] | None, weight: str, size: str, *, alone: bool, anyway: bool = False) -> "Wish":
    from gcw_tiktok.workflow.shipping import boxes
    from gcw_tiktok.workflow.shipping.labels import Wish

    return Wish(service, boxes.said(weight, size), tuple(line or ()), anyway=anyway, alone=alone)


def _place(gcw: Runtime, order: str) -> tuple["Store", str]:
    with gcw.database.view() as session:
        found = views.find(session, order)
        return stores.of_order(session, found), found.order_id


def _places(gcw: Runtime, orders: list[str], store: str) -> list[tuple["Store", list[str]]]:
    """The named orders under their stores; without names, every store with none."""
    if not orders:
        return [(one, []) for one in several.connected(gcw, [store] if store else [])]
    found: dict[int, tuple[Store, list[str]]] = {}
    for place, order_id in (_place(gcw, order) for order in dict.fromkeys(orders)):
        found.setdefault(place.id or 0, (place, []))[1].append(order_id)
    return list(found.values())


def _days(earliest: int | None, latest: int | None) -> str:
    told = [str(one) for one in dict.fromkeys([earliest, latest]) if one is not None]
    return " to ".join(told)

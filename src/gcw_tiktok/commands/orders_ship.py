"""gcw orders ship: tells TikTok that an order is on its way."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import orders_ship_list, several
from gcw_tiktok.commands.options import DryRun, Json, act, runtime
from gcw_tiktok.errors import Usage
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.orders import views

if TYPE_CHECKING:
    from gcw_tiktok.workflow.orders.means import Means


def ship(
    ctx: typer.Context,
    order: Annotated[
        str, typer.Argument(metavar="ORDER", help="TikTok's order id, or an unambiguous start of it.")
    ] = "",
    carrier: Annotated[str | None, typer.Option(help="A carrier that TikTok knows, such as USPS.")] = None,
    tracking: Annotated[str | None, typer.Option(help="The tracking number.", metavar="NUMBER")] = None,
    line: Annotated[list[str] | None, typer.Option(help="Only this line; repeat it for several.")] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Not the orders that travel with it in one box.")] = False,
    correct: Annotated[
        bool, typer.Option("--correct", help="TikTok has another number of this parcel: give it this one.")
    ] = False,
    parcel: Annotated[str, typer.Option(help="With --correct: which of several, as `gcw orders show` has it.")] = "",
    from_: Annotated[
        str, typer.Option("--from", metavar="FILE", help="Many parcels, a row each: order, carrier, tracking, lines.")
    ] = "",
    result: Annotated[
        str, typer.Option(metavar="FILE", help="Where the rows go with what became of them; usually beside the file.")
    ] = "",
    dry_run: DryRun = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Also where a decision is open or the number looks odd.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Tell TikTok that orders are on their way. Running it again changes nothing."""
    from gcw_tiktok.workflow.orders.means import Means

    gcw = runtime(ctx)
    _must_fit(order, carrier, tracking, line or [], from_, correct=correct, parcel=parcel, dry_run=dry_run)
    if carrier is None or tracking is None:
        orders_ship_list.ship_list(gcw, from_, result, dry_run=dry_run, anyway=yes, as_json=as_json)
        return
    with gcw.database.view() as session:
        found = views.find(session, order)
        store = stores.of_order(session, found)
    hands = Means(gcw.database, gcw.client_for(store), gcw.seal, store, act(gcw))
    if correct:
        _correct(hands, found.order_id, carrier, tracking, parcel, anyway=yes, alone=alone, as_json=as_json)
    else:
        _ship(hands, found.order_id, carrier, tracking, line or [], anyway=yes, alone=alone, as_json=as_json)


def _must_fit(
    order: str,
    carrier: str | None,
    tracking: str | None,
    lines: list[str],
    file: str,
    *,
    correct: bool,
    parcel: str,
    dry_run: bool,
) -> None:
    """Refuses options that do not go together."""
    if file and (order or carrier or tracking or lines or correct):
        raise Usage("With --from, the file names the orders, carriers and numbers.", "Leave out the rest.")
    if dry_run and not file:
        raise Usage("--dry-run goes with --from.", "`gcw orders show ORDER` tells how an order stands.")
    if not file:
        given = {"ORDER": order or None, "--carrier": carrier, "--tracking": tracking}
        if missing := [name for name, value in given.items() if value is None]:
            raise Usage(f"Missing: {', '.join(missing)}.", "Or give a file with --from.")
    if correct and lines:
        raise Usage("A parcel is corrected whole: --correct goes without --line.", "Name it with --parcel.")
    if parcel and not correct:
        raise Usage("--parcel goes with --correct.", "Name the units of a new parcel with --line.")


def _ship(
    hands: "Means",
    order_id: str,
    carrier: str,
    number: str,
    lines: list[str],
    *,
    anyway: bool,
    alone: bool,
    as_json: bool,
) -> None:
    from gcw_tiktok.workflow.shipping import together

    left = together.ship(
        hands, order_id, carrier=carrier, tracking_number=number, line_ids=lines, anyway=anyway, alone=alone
    )
    told = left.told
    shown = vars(told) | {"together": [vars(one) for one in left.together], "left_out": left.left_out}
    output.thing(shown if as_json else _in_words(vars(told), [one.order_id for one in left.together]), as_json=as_json)
    for one in (told, *left.together):
        if one.warning:
            output.warning(f"TikTok says: {one.warning} {one.advice}")
    output.note("TikTok knew it already." if told.known_before else "TikTok has it.")
    for other, why in left.left_out.items():
        output.note(f"Order {other} was to travel with it and is left out, because {why}.")
    several.complain([f"Order {other}: {error}" for other, error in left.failed.items()])


def _correct(
    hands: "Means",
    order_id: str,
    carrier: str,
    number: str,
    parcel: str,
    *,
    anyway: bool,
    alone: bool,
    as_json: bool,
) -> None:
    from gcw_tiktok.workflow.shipping import together

    told, others, failed = together.correct(
        hands, order_id, carrier=carrier, tracking_number=number, parcel=parcel, anyway=anyway, alone=alone
    )
    shown = vars(told) | {"together": [vars(one) for one in others]}
    output.thing(shown if as_json else _in_words(vars(told), [one.order_id for one in others]), as_json=as_json)
    output.note("TikTok had it already." if told.known_before else "TikTok has it; it takes no second correction.")
    several.complain([f"Order {other}: {error}" for other, error in failed.items()])


def _in_words(told: dict[str, Any], others: list[str]) -> dict[str, Any]:
    shown = {name: value for name, value in told.items() if name != "advice"}  # the warning tells it
    return shown | ({"together": others} if others else {})

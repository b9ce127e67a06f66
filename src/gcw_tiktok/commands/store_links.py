"""gcw store links and gcw store withdraw: the links for shop owners that still work, and how one is taken back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcw_tiktok import output
from gcw_tiktok.commands.options import Csv, Json, act, runtime

if TYPE_CHECKING:
    from gcw_tiktok.workflow.storefronts.owner_links import OwnerLink

COLUMNS = ["link", "customer", "to", "made_by", "made", "works_until"]


def links(
    ctx: typer.Context,
    customer: Annotated[str, typer.Option(help="Only this customer's.")] = "",
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the links for shop owners that still work. What each leads to is a secret, and not shown again."""
    from gcw_tiktok.workflow import customers
    from gcw_tiktok.workflow.storefronts import owner_links

    gcw = runtime(ctx)
    with gcw.database.view() as session:
        owner = customers.find(session, customer) if customer else None
        found = [_shown(one) for one in owner_links.working(session, gcw.now(), owner.id if owner else None)]
    output.rows(found, COLUMNS, as_json=as_json, as_csv=as_csv, may_go=["made", "made_by"])
    if found:
        output.note("To take one back: gcw store withdraw LINK")
    else:
        output.note("No link works. `gcw store link CUSTOMER` makes one.")


def withdraw(
    ctx: typer.Context,
    link: Annotated[str, typer.Argument(metavar="LINK", help="As `gcw store links` names it, or its beginning.")],
    as_json: Json = False,
) -> None:
    """Withdraw a link for a shop's owner: it does not work any more. Shops that it has connected stay."""
    from gcw_tiktok.workflow.storefronts import owner_links

    gcw = runtime(ctx)
    with gcw.database.session() as session:
        gone = owner_links.withdraw(session, act(gcw), link)
    output.thing(_shown(gone), as_json=as_json)
    output.note("It does not work any more.")


def _shown(one: "OwnerLink") -> dict[str, Any]:
    from gcw_tiktok.workflow import times

    return {
        "link": one.id,
        "customer": one.customer,
        "facility": one.facility,
        "to": one.to,
        "made_by": one.made_by,
        "made": times.shown(one.made_at),
        "works_until": times.shown(one.ends_at),
    }

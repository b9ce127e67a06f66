"""gcw store link: the way to TikTok's permission page for a shop's owner without an account."""

from typing import Annotated

import typer

from gcw_tiktok import output
from gcw_tiktok.commands import portal
from gcw_tiktok.commands.options import Json, act, runtime


def link(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="Whose shop it is: name, reference or id.")],
    facility: Annotated[str, typer.Option(help="Where its orders are made, where that is not clear.")] = "",
    email: Annotated[str, typer.Option(help="Mail the link to the shop's owner.", metavar="ADDRESS")] = "",
    as_json: Json = False,
) -> None:
    """Make a link by which a shop's owner without an account connects the shop, while `gcw serve` runs."""
    from gcw_tiktok.workflow import connecting, customers, facilities, mail, times
    from gcw_tiktok.workflow.people import inviting
    from gcw_tiktok.workflow.storefronts import consent, owner_links

    gcw = runtime(ctx)
    to = mail.checked_address(email) if email else ""
    with gcw.database.session() as session:
        owner = customers.find(session, customer)
        connecting.check_may_connect(session, gcw.app, owner)
        connecting.authorize_address(gcw.app, "")  # said here, not to the shop's owner
        place = facilities.find(session, facility) if facility else consent.facility_for(session, owner)
        secret, ends_at = owner_links.make(session, act(gcw), owner, place, to)
    sent = inviting.send_to_owner(portal.desk(gcw), to, owner, secret, gcw.now())
    made = {"link_id": owner_links.short(secret), "works_until": times.shown(ends_at)}
    shown = {"customer": owner.name, "facility": place.name} | made
    output.thing(shown | portal.told(sent), as_json=as_json)
    portal.say(gcw, sent, to or "the shop's owner")

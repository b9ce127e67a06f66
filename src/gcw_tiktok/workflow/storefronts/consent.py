"""Connects a shop from a page: out to TikTok's permission page, and back to ours."""

from dataclasses import dataclass

from sqlmodel import Session

from gcw_tiktok.errors import BadInput, SetupMissing
from gcw_tiktok.store.tables import Customer, Facility, LinkPurpose, Person, Store
from gcw_tiktok.workflow import connecting, customers, facilities
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import links
from gcw_tiktok.workflow.storefronts.portal import Portal


@dataclass(frozen=True)
class Connected:
    """The stores that a permission connected, what its owner should know, and where to go on."""

    stores: list[Store]
    findings: list[str]


def facility_for(session: Session, customer: Customer) -> Facility:
    """Where a customer's orders are made, when nobody is asked: the one that the PSP has said, the one of its other
    stores, or the only one that there is."""
    if customer.facility_id is not None:
        return session.get_one(Facility, customer.facility_id)
    everywhere = {store.facility_id for store in customers.stores_of(session, customer)}
    if not everywhere:
        everywhere = {place.id for place in facilities.everyone(session) if place.id is not None}
    if len(everywhere) != 1:
        raise SetupMissing(
            "It is not settled yet where your orders are made.",
            "Your print provider has to run `gcw customer storefronts CUSTOMER on --facility FACILITY`.",
            code="no_facility",
        )
    return session.get_one(Facility, everywhere.pop())


def begin(
    portal: Portal, customer: Customer, facility: Facility, person: Person | None, link: str = ""
) -> tuple[str, str]:
    """TikTok's page to go to, and the state that it brings back. Begun by the secret of a link, it ends with that."""
    with portal.database.session() as session:
        connecting.check_may_connect(session, portal.reach.app, customer)
        state = links.make(
            session,
            LinkPurpose.CONSENT,
            portal.now(),
            customer=customer.id,
            facility=facility.id,
            person=person.id if person else None,
            link=links.mark(link) if link else "",
        )
    return connecting.authorize_address(portal.reach.app, state), state


def complete(portal: Portal, answer: str, state: str) -> Connected:
    """Connects every US shop that the owner has just allowed. The state works once."""
    with portal.database.session() as session:
        link = links.use(session, LinkPurpose.CONSENT, state, portal.now())
        customer = session.get(Customer, link.facts["customer"])
        facility = session.get(Facility, link.facts["facility"])
        person = session.get(Person, link.facts["person"]) if link.facts["person"] else None
    if customer is None or facility is None:
        raise BadInput("What this shop was to be connected to is gone.", "Begin again.")
    act = Act(person.email if person else f"{customer.name}'s shop owner", portal.now())
    offer = connecting.redeem(portal.reach, answer, state)
    stores, refused = list[Store](), list[BadInput]()
    for wanted, name in [(shop.code or shop.id, shop.name) for shop in offer.american] or [("", "")]:
        try:
            stores.append(connecting.settle(portal.reach, act, offer, wanted, customer, facility, None))
        except BadInput as error:
            operator = person is not None and person.customer_id is None
            refused.append(error if operator else _without_names(error, name))
    if not stores:
        raise refused[0]
    findings = connecting.findings(portal.reach, offer, stores[0])
    return Connected(stores, [*findings, *map(str, refused)])


def _without_names(error: BadInput, shop: str) -> BadInput:
    """The same for a customer's people, who do not learn who else is printed for."""
    if error.code != connecting.ELSEWHERE:
        return error
    return BadInput(f"{shop} cannot be connected from here.", "Ask your print provider.", code=error.code)


def invited(session: Session, secret: str, now: int) -> tuple[Customer, Facility]:
    """What such a link is for. It goes on to work until the shop is connected or it is too old."""
    link = links.look(session, LinkPurpose.CONNECT, secret, now)
    customer, facility = session.get(Customer, link.facts["customer"]), session.get(Facility, link.facts["facility"])
    if customer is None or facility is None:
        raise BadInput("What this link was for is gone.", links.DEAD[LinkPurpose.CONNECT])
    if not customer.storefronts:
        raise BadInput("Connecting shops is switched off here for now.", "Ask your print provider.")
    return customer, facility

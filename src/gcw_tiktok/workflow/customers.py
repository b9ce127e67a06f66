"""The PSP's customers."""

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, Facility, Store
from gcw_tiktok.workflow import history, naming
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.people import visits


def find(session: Session, wanted: str) -> Customer:
    """The customer with this name, reference or id."""
    return naming.choose(
        "customer",
        wanted,
        everyone(session),
        lambda customer: (customer.name, customer.reference or "", str(customer.id)),
        "gcw customer list",
    )


def everyone(session: Session) -> Sequence[Customer]:
    """All customers, by name."""
    return session.exec(select(Customer).order_by(func.lower(Customer.name))).all()


def add(
    session: Session,
    act: Act,
    name: str,
    *,
    reference: str = "",
    description: str = "",
    storefronts: bool = False,
) -> Customer:
    """A new customer; name and reference must be free."""
    customer = Customer(
        name=naming.cleaned("customer", name),
        reference=reference.strip() or None,
        description=description,
        storefronts=storefronts,
        created_at=act.now,
    )
    _must_be_free(session, customer)
    session.add(customer)
    session.flush()
    history.record(session, act, f"customer:{customer.id}", "added", name=customer.name)
    return customer


def edit(
    session: Session,
    act: Act,
    customer: Customer,
    *,
    name: str | None = None,
    reference: str | None = None,
    description: str | None = None,
) -> list[str]:
    """Changes what is given; what changed comes back by name."""
    wanted = {
        "name": naming.cleaned("customer", name) if name is not None else None,
        "reference": (reference.strip() or None) if reference is not None else None,
        "description": description,
    }
    given = {"name": name, "reference": reference, "description": description}
    changed = [n for n, value in given.items() if value is not None and getattr(customer, n) != wanted[n]]
    for field in changed:
        setattr(customer, field, wanted[field])
    _must_be_free(session, customer)
    if changed:
        session.add(customer)
        history.record(session, act, f"customer:{customer.id}", "edited", changed=changed)
    return changed


def set_storefronts(session: Session, act: Act, customer: Customer, on: bool, facility: Facility | None = None) -> bool:
    """Switches access to Storefronts Connect, and says where shops that the customer connects itself are made;
    whether that changed anything. Without access its people are signed out at once; its stores and orders stay."""
    switched = customer.storefronts != on
    moved = facility is not None and customer.facility_id != facility.id
    if not switched and not moved:
        return False
    customer.storefronts = on
    facts = {}
    if facility is not None:
        customer.facility_id = facility.id
        facts["facility"] = facility.name
    if not on:
        visits.end_all_at(session, customer)
    session.add(customer)
    what = f"storefronts {'on' if on else 'off'}" if switched else "facility chosen"
    history.record(session, act, f"customer:{customer.id}", what, **facts)
    return True


def stores_of(session: Session, customer: Customer) -> Sequence[Store]:
    """The customer's stores, by name."""
    return session.exec(select(Store).where(Store.customer_id == customer.id).order_by(col(Store.name))).all()


def _must_be_free(session: Session, customer: Customer) -> None:
    with session.no_autoflush:
        others = [other for other in everyone(session) if other.id != customer.id]
    for other in others:
        if other.name.casefold() == customer.name.casefold():
            raise BadInput(f"There is a customer {other.name} already.", f'See `gcw customer show "{other.name}"`.')
        if customer.reference and other.reference == customer.reference:
            raise BadInput(f"{other.name} has the reference {customer.reference} already.")

"""What a person may see. Every page asks here, and nowhere else: what is another customer's is not there."""

from collections.abc import Sequence
from typing import TypeVar

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, Job, Listing, Order, Person, Store, Variant
from gcw_tiktok.workflow.storefronts.jobs import WITHOUT_FILE

Row = TypeVar("Row")


class NotThere(BadInput):
    """There is no such thing, or it is another customer's: the two are told apart by nobody."""

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.", "Go back to the list.", code="not_there")


def is_operator(person: Person) -> bool:
    return person.customer_id is None


def stores(session: Session, person: Person, customer_id: int | None = None) -> Sequence[Store]:
    """The stores that the person may see, by name; an operator may ask for one customer's."""
    return session.exec(_mine(person, select(Store), customer_id).order_by(col(Store.name))).all()


def store(session: Session, person: Person, store_id: int) -> Store:
    """The store with this id."""
    return _one(session, _mine(person, select(Store)).where(Store.id == store_id))


def order(session: Session, person: Person, order_id: str) -> tuple[Order, Store]:
    """The order with TikTok's id, and its store."""
    wanted = select(Order).join(Store, col(Order.store_id) == Store.id).where(Order.order_id == order_id)
    found = _one(session, _mine(person, wanted))
    return found, session.get_one(Store, found.store_id)


def listing(session: Session, person: Person, store_id: int, listing_id: int) -> Listing:
    """The listing with gcw's id, in this store."""
    found = store(session, person, store_id)
    return _one(session, select(Listing).where(Listing.id == listing_id, Listing.store_id == found.id))


def variant(session: Session, person: Person, store_id: int, variant_id: int) -> Variant:
    """The variant with gcw's id, in this store."""
    found = store(session, person, store_id)
    wanted = select(Variant).join(Listing, col(Variant.listing_id) == Listing.id)
    return _one(session, wanted.where(Variant.id == variant_id, Listing.store_id == found.id))


def customer(session: Session, person: Person, customer_id: int) -> Customer:
    """The customer with this id: their own, unless an operator asks."""
    if not is_operator(person) and person.customer_id != customer_id:
        raise NotThere
    return _one(session, select(Customer).where(Customer.id == customer_id))


def person(session: Session, looker: Person, person_id: int) -> Person:
    """The customer admin with this id: of one's own customer, or of any where an operator asks."""
    wanted = select(Person).where(Person.id == person_id, col(Person.customer_id).is_not(None))
    if not is_operator(looker):
        wanted = wanted.where(Person.customer_id == looker.customer_id)
    return _one(session, wanted)


def job(session: Session, person: Person, job_id: str) -> Job:
    """Work that a page has started. Its file is read when it is asked for."""
    wanted = select(Job).options(WITHOUT_FILE).where(Job.id == job_id)
    if not is_operator(person):
        wanted = wanted.where(Job.customer_id == person.customer_id)
    return _one(session, wanted)


def _mine(person: Person, wanted: SelectOfScalar[Row], customer_id: int | None = None) -> SelectOfScalar[Row]:
    """Only what belongs to the stores that the person may see."""
    if not is_operator(person):
        wanted = wanted.where(Store.customer_id == person.customer_id)
    return wanted if customer_id is None else wanted.where(Store.customer_id == customer_id)


def _one(session: Session, wanted: SelectOfScalar[Row]) -> Row:
    found = session.exec(wanted).first()
    if found is None:
        raise NotThere
    return found

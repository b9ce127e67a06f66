"""The people on a page: who there is, and how others are let in and out from there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Customer, LinkPurpose, Person, PersonStatus
from gcw_tiktok.workflow.people import inviting, links, people, tries
from gcw_tiktok.workflow.people.inviting import Sent
from gcw_tiktok.workflow.people.tries import Limit
from gcw_tiktok.workflow.storefronts import sight
from gcw_tiktok.workflow.storefronts.portal import Portal

PAGE = 50
MOST_BY_ONE, MOST_TO_ONE = 20, 3
"""Invitations within a quarter of an hour: by one person, and to one address. The mail server's good name is the
PSP's."""
ORDER = {PersonStatus.ACTIVE: 0, PersonStatus.INVITED: 1, PersonStatus.REVOKED: 2}


@dataclass(frozen=True)
class Member:
    """Somebody on the list."""

    person: Person
    name: str
    link_ends_at: int | None
    """Until when the invitation works; None where there is none any more."""


@dataclass(frozen=True)
class Crowd:
    """A customer, and how many people it has here."""

    customer: Customer
    active: int
    invited: int


@dataclass(frozen=True)
class Crowds:
    """One page of the customers."""

    rows: Sequence[Crowd]
    total: int
    page: int
    pages: int


def members(session: Session, customer_id: int | None) -> list[Member]:
    """A customer's people, or the operators: those who are in, those who are invited, then those who were."""
    everybody = people.of(session, customer_id)
    ends = links.ends(session, [one.id for one in everybody], LinkPurpose.INVITATION)
    listed = [Member(one, people.name_of(one), ends.get(one.id)) for one in everybody]
    return sorted(listed, key=lambda one: (ORDER[one.person.status], one.name.casefold()))


def crowds(session: Session, search: str, page: int) -> Crowds:
    """The customers whose name or reference has `search` in it, by name."""
    wanted = select(Customer)
    if search.strip():
        within = f"%{_literal(search.strip().lower())}%"
        named = func.lower(Customer.name).like(within, escape="\\")
        wanted = wanted.where(named | func.lower(func.coalesce(Customer.reference, "")).like(within, escape="\\"))
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    pages = max(1, -(-total // PAGE))
    page = min(page, pages)
    shown = session.exec(
        wanted.order_by(func.lower(Customer.name), col(Customer.id)).offset((page - 1) * PAGE).limit(PAGE)
    ).all()
    counted = _counted(session, [one.id for one in shown])
    return Crowds([Crowd(one, *counted.get(one.id, (0, 0))) for one in shown], total, page, pages)


def invite(portal: Portal, by: Person, customer_id: int, email: str, first_name: str, last_name: str) -> Sent:
    """Lets in somebody more for a customer."""
    with portal.database.view() as view:
        sight.customer(view, by, customer_id)
    _count(portal, by, people.cleaned(email))
    with portal.database.session() as session:
        customer = sight.customer(session, by, customer_id)
        person, secret = people.invite(session, portal.act(by), customer, email, first_name, last_name)
    return inviting.send(portal.desk, person, customer, LinkPurpose.INVITATION, secret, portal.now())


def invite_again(portal: Portal, by: Person, person_id: int) -> tuple[Person, Sent]:
    """Sends a new link to somebody who has not come yet; the old one is dead."""
    with portal.database.view() as view:
        person = sight.person(view, by, person_id)
    _count(portal, by, person.email)
    with portal.database.session() as session:
        person = sight.person(session, by, person_id)
        customer = session.get_one(Customer, person.customer_id)
        secret = people.invite_again(session, portal.act(by), person)
    return person, inviting.send(portal.desk, person, customer, LinkPurpose.INVITATION, secret, portal.now())


def revoke(portal: Portal, by: Person, person_id: int) -> Person:
    """Lets somebody in no longer. Nobody can do that to themselves, so one is always left."""
    with portal.database.session() as session:
        person = sight.person(session, by, person_id)
        if person.id == by.id:
            raise BadInput("You cannot revoke yourself.", "Ask another admin, or your print provider.")
        people.revoke(session, portal.act(by), person)
    return person


def _count(portal: Portal, by: Person, email: str) -> None:
    limits = [Limit("inviting", by.email, MOST_BY_ONE), Limit("invited", email, MOST_TO_ONE)]
    tries.count(portal.database, portal.seal, limits, portal.now())


def _counted(session: Session, customer_ids: Sequence[int | None]) -> dict[int | None, tuple[int, int]]:
    def those(status: PersonStatus) -> ColumnElement[int]:
        return func.sum(case((col(Person.status) == status, 1), else_=0))

    counts = select(Person.customer_id, those(PersonStatus.ACTIVE), those(PersonStatus.INVITED))
    mine = counts.where(col(Person.customer_id).in_(customer_ids)).group_by(col(Person.customer_id))
    return {customer_id: (active, invited) for customer_id, active, invited in session.exec(mine)}


def _literal(typed: str) -> str:
    """What was typed, where `%` and `_` stand for themselves."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

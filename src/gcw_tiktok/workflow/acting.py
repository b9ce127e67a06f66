"""Acts on notifications: reads again from TikTok what they speak of. None is believed by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select, update

from gcw_tiktok.errors import GcwError, TryAgain
from gcw_tiktok.store.database import Database
from gcw_tiktok.store.secrets import Seal
from gcw_tiktok.store.tables import Authorization, Notification, NotificationState, Store, StoreStatus
from gcw_tiktok.tiktok import shops, webhooks
from gcw_tiktok.tiktok.client import Client
from gcw_tiktok.tiktok.errors import NotAuthorized, TikTokRefused
from gcw_tiktok.tiktok.payload import whole
from gcw_tiktok.workflow import alive, history, notifications, privacy, stores
from gcw_tiktok.workflow.cancelling import cancelling
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import syncing
from gcw_tiktok.workflow.orders import intake, returning
from gcw_tiktok.workflow.orders import means as orders
from gcw_tiktok.workflow.production import stopping
from gcw_tiktok.workflow.production.stopping import CancelThere

AT_ONCE = 100
"""Notifications of one shop that are acted on together: an order that several speak of is read once."""
RESERVED_SECONDS = 600
BACK_OFF = (30, 120, 600, 1800, 3600, 10_800)
"""Seconds to wait after each failure; after one more gcw gives up."""
ENDED = frozenset({"grant", "token", "shop"})
"""Kinds of refusal by which TikTok says that the permission is over."""
DONE, IGNORED, FAILED = NotificationState.DONE, NotificationState.IGNORED, NotificationState.FAILED


@dataclass(frozen=True)
class Means:
    """What it takes to act."""

    database: Database
    seal: Seal
    client_for: Callable[[Store], Client]
    act: Callable[[], Act]
    running: Path
    """The folder where this machine's processes show that they are alive."""
    holder: str
    """The name under which this process has shown it."""
    approve: bool = True
    """Whether requests to cancel what is not made yet are approved at once."""
    cancel_there: CancelThere = stopping.by_hand
    """Tells a connector of what is cancelled."""


@dataclass(frozen=True)
class Place:
    """Where notifications come from: a shop, or a seller where TikTok names no shop."""

    shop_id: str
    open_id: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one notification. Without a state it is acted on once more, later."""

    notification: Notification
    state: NotificationState | None
    why: str = ""


Deed = Callable[[Means, Store, Sequence[Notification]], list[Outcome]]


def waiting(means: Means) -> list[Place]:
    """Where something is due that no other living process has in hand."""
    now = means.act().now
    with means.database.view() as session:
        query = select(Notification.shop_id, Notification.open_id).where(*_free(session, means, now)).distinct()
        return [Place(*found) for found in session.exec(query)]


def work(means: Means, place: Place, only: Sequence[str] | None = None) -> list[Outcome]:
    """Acts on what is due at a place, or on the `only` ones with these ids, and writes down what became of it."""
    taken = _take(means, place, only)
    if not taken:
        return []
    outcomes = _act_on(means, taken)
    return _write_down(means, outcomes)


def _free(session: Session, means: Means, now: int) -> list[Any]:
    """What is due and nobody's: nobody holds it, or its holder was killed or has had it for too long."""
    waits: list[Any] = [Notification.state == NotificationState.RECORDED, col(Notification.due_at) <= now]
    held = select(Notification.reserved_by).where(*waits, col(Notification.reserved_until) > now).distinct()
    dead = [holder for holder in session.exec(held) if holder and alive.ended(means.running, holder)]
    nobodys = col(Notification.reserved_by).is_(None)
    return [*waits, or_(nobodys, col(Notification.reserved_until) <= now, col(Notification.reserved_by).in_(dead))]


def _take(means: Means, place: Place, only: Sequence[str] | None) -> list[Notification]:
    """Reserves what is due, the oldest first. It counts as tried from now on, however this process ends."""
    now = means.act().now
    there: list[Any] = [Notification.shop_id == place.shop_id, Notification.open_id == place.open_id]
    if only is not None:
        there.append(col(Notification.notification_id).in_(only))
    with means.database.session() as session:
        query = select(Notification).where(*there, *_free(session, means, now))
        query = query.order_by(col(Notification.id)).limit(AT_ONCE).with_for_update(skip_locked=True)
        taken = list(session.exec(query))
        for one in taken:
            one.reserved_by, one.reserved_until = means.holder, now + RESERVED_SECONDS
            one.tries += 1
            session.add(one)
    return taken


def _act_on(means: Means, taken: Sequence[Notification]) -> list[Outcome]:
    with means.database.view() as session:
        concerned = _stores(session, taken[0])
    outcomes = [Outcome(one, state, why) for one in taken for state, why in _without_acting(one, concerned)]
    settled = {outcome.notification.id for outcome in outcomes}
    store = next((one for one in concerned if one.status == StoreStatus.CONNECTED), None)
    if store is not None:
        for deed, together in _deeds([one for one in taken if one.id not in settled]):
            try:
                outcomes += deed(means, store, together)
            except GcwError as error:  # what could not be done now does not stop the rest
                outcomes += [Outcome(one, None, f"{error} {error.hint}".strip()) for one in together]
    return outcomes


def _stores(session: Session, one: Notification) -> Sequence[Store]:
    if one.shop_id:
        return session.exec(select(Store).where(Store.shop_id == one.shop_id)).all()
    granted = select(Authorization.id).where(Authorization.open_id == one.open_id)
    return session.exec(select(Store).where(col(Store.authorization_id).in_(granted)).order_by(col(Store.id))).all()


def _without_acting(one: Notification, concerned: Sequence[Store]) -> Iterator[tuple[NotificationState, str]]:
    """What is clear without asking TikTok: nothing, or one state and why."""
    if one.type == 0:
        yield IGNORED, one.trouble or "It has no type."
    elif one.type not in notifications.ACTED_ON:
        yield IGNORED, "gcw does nothing on this topic."
    elif not concerned:
        yield IGNORED, "No store of gcw's is this shop."
    elif not any(store.status == StoreStatus.CONNECTED for store in concerned):
        yield IGNORED, f"{concerned[0].name} is not connected; what changes is read when it is again."
    elif one.type in notifications.ORDER_TOPICS | notifications.PRODUCT_TOPICS and not (one.subjects and one.shop_id):
        yield FAILED, "It does not say what it is about."
    elif one.tries > len(BACK_OFF) + 1:
        yield FAILED, "gcw ended again and again while it acted on it."


def _deeds(useful: Sequence[Notification]) -> Iterator[tuple[Deed, list[Notification]]]:
    """What to do, each with the notifications that it answers."""
    orders = [one for one in useful if one.type in notifications.ORDER_TOPICS]
    if orders:
        yield _read_orders, orders
    by_product: dict[str, list[Notification]] = {}
    for one in useful:
        if one.type in notifications.PRODUCT_TOPICS:
            by_product.setdefault(one.subjects[-1], []).append(one)
    for together in by_product.values():
        yield _read_listing, together
    ended = [one for one in useful if one.type == notifications.DEAUTHORIZED]
    if ended:
        yield _check_permission, ended
    for one in useful:
        if one.type == notifications.EXPIRING:
            yield _note_the_end, [one]


def _read_orders(means: Means, store: Store, together: Sequence[Notification]) -> list[Outcome]:
    wanted = list(dict.fromkeys(_id(subject) for one in together for subject in one.subjects))
    hands = orders.Means(means.database, means.client_for(store), means.seal, store, means.act(), means.cancel_there)
    report = intake.fetch(means.database, hands.client, means.seal, store, hands.act, wanted)
    if back := [
        _id(subject) for one in together if one.type in notifications.RETURN_TOPICS for subject in one.subjects
    ]:
        returning.read(hands, list(dict.fromkeys(back)))
    followed = cancelling.follow_up(hands, approve=means.approve, only=wanted)
    for trouble in followed.troubles:
        if isinstance(trouble, TryAgain):
            raise trouble
    said = " ".join(map(str, followed.troubles))
    return [
        replace(outcome, why=f"{outcome.why} {said}".strip())
        for one in together
        for outcome in [_of_orders(one, report)]
    ]


def _of_orders(one: Notification, report: intake.Pulled) -> Outcome:
    aside = [
        f"Order {order_id} is set aside: {report.set_aside[order_id]}. The next pull tries it again."
        for order_id in map(_id, one.subjects)
        if order_id in report.set_aside
    ]
    alarms = [report.alarms[order_id] for order_id in map(_id, one.subjects) if order_id in report.alarms]
    return Outcome(one, FAILED if aside else DONE, " ".join([*aside, *alarms]))


def _read_listing(means: Means, store: Store, together: Sequence[Notification]) -> list[Outcome]:
    try:
        syncing.sync_one(means.database, means.client_for(store), store, means.act(), _id(together[0].subjects[-1]))
    except TikTokRefused as error:  # frozen or deleted: only the search tells which
        why = f"{error} `gcw products sync` settles it."
        return [Outcome(one, FAILED, why) for one in together]
    return [Outcome(one, DONE) for one in together]


def _check_permission(means: Means, store: Store, together: Sequence[Notification]) -> list[Outcome]:
    """Whether TikTok itself says that the permission has ended; only then are the stores marked."""
    try:
        open_shops = {shop.id for shop in shops.authorized(means.client_for(store))}
    except NotAuthorized as error:
        if error.kind not in ENDED:
            raise
        open_shops = set()
    with means.database.session() as session:
        granted = select(Store).where(
            Store.authorization_id == store.authorization_id, Store.status != StoreStatus.DISCONNECTED
        )
        lost = [one for one in session.exec(granted) if one.shop_id not in open_shops]
        for one in lost:
            stores.must_authorize_again(session, means.act(), one, "its permission was withdrawn")
            privacy.forget_store(session, one)
            history.record(session, means.act(), f"store:{one.shop_id}", "recipients purged", "permission withdrawn")
    stuck = privacy.forget_folders(means.database, lost, means.act())
    if not lost:
        return [Outcome(one, IGNORED, f"TikTok still lets gcw act for {store.name}.") for one in together]
    names = ", ".join(one.name for one in lost)
    why = " ".join([f"To be authorized again: {names}.", *stuck])
    return [Outcome(one, DONE, why) for one in together]


def _note_the_end(means: Means, store: Store, together: Sequence[Notification]) -> list[Outcome]:
    """TikTok pushes it every day for a month; it is noted once."""
    (one,) = together
    ends = whole(webhooks.parse(notifications.raw(means.seal, one)).text("expiration_time"))
    with means.database.session() as session:
        if ends and notifications.ending(session, store) != ends:
            about = f"store:{store.shop_id}"
            history.record(session, means.act(), about, notifications.ENDING, "TikTok pushed so", ends_at=ends)
    return [Outcome(one, DONE)]


def _write_down(means: Means, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What became of each; what is to be tried again waits for longer each time."""
    now = means.act().now
    with means.database.session() as session:
        final = [_final(outcome) for outcome in outcomes]
        for outcome in final:
            one = outcome.notification
            values: dict[str, Any] = {"trouble": outcome.why, "acted_at": now, "reserved_by": None}
            if outcome.state is None:
                values["due_at"] = now + BACK_OFF[one.tries - 1]
            else:
                values["state"] = outcome.state
            mine = (col(Notification.id) == one.id, col(Notification.reserved_by) == means.holder)
            session.exec(update(Notification).where(*mine).values(**values))
    return final


def _final(outcome: Outcome) -> Outcome:
    spent = outcome.state is None and outcome.notification.tries > len(BACK_OFF)
    return Outcome(outcome.notification, FAILED, outcome.why) if spent else outcome


def _id(subject: str) -> str:
    return subject.partition(":")[2]

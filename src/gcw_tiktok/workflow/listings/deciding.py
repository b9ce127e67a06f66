"""Ends connections and decides what is not printed here: first what would become of each thing, then that."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Ignored, IgnoreScope, Line, Listing, Order, Store, Variant
from gcw_tiktok.workflow import history, naming
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, ignoring
from gcw_tiktok.workflow.listings.connections import Decision, Pinned
from gcw_tiktok.workflow.listings.ignoring import Place
from gcw_tiktok.workflow.orders import stages

NOT_CONNECTED, NOT_IGNORED = "not connected", "not ignored"
LEFT_OUT = "left out at the release"


@dataclass(frozen=True)
class Target:
    """A variant, a listing or a line that something is decided about."""

    place: Place
    name: str
    """As people know it: a seller SKU, a title, a seller SKU with its order."""
    variant: Variant | None = None
    line: Line | None = None
    order: Order | None = None
    """The line's."""

    @property
    def left_out(self) -> bool:
        """A line that was not printed when its order was released."""
        released = self.order is not None and self.order.released_at is not None
        return released and self.line is not None and self.line.ignored_id is not None and self.waits

    @property
    def waits(self) -> bool:
        return self.line is not None and self.line.stage in stages.WAITING


@dataclass(frozen=True)
class Change:
    """What becomes of a target, in words."""

    kind: str
    """`variant`, `listing` or `line`."""
    id: str
    """TikTok's."""
    name: str
    was: str
    will_be: str

    @property
    def changed(self) -> bool:
        return self.was != self.will_be


def of_variant(session: Session, store: Store, wanted: str) -> Target:
    """The variant with this SKU id or seller SKU."""
    return as_target(connections.find_variant(session, store, wanted))


def as_target(variant: Variant) -> Target:
    return Target((IgnoreScope.VARIANT, variant.sku_id), variant.seller_sku or variant.sku_id, variant=variant)


def of_listing(session: Session, store: Store, wanted: str) -> Target:
    """The listing with this product id or title, or an unambiguous start of either."""
    known = session.exec(select(Listing).where(Listing.store_id == store.id, col(Listing.gone_at).is_(None))).all()
    see = f"gcw products {'list' if known else 'sync'} {shlex.quote(store.name)}"
    found = naming.choose("listing", wanted, known, lambda one: (one.title or one.product_id, one.product_id), see)
    return listing_target(found)


def listing_target(listing: Listing) -> Target:
    return Target((IgnoreScope.LISTING, listing.product_id), listing.title or listing.product_id)


def of_line(session: Session, store: Store, wanted: str) -> Target:
    """The line with this id, as `gcw orders show` tells it."""
    query = select(Line, Order).join(Order, col(Line.order_pk) == Order.id)
    found = session.exec(query.where(Line.store_id == store.id, Line.line_id == wanted.strip())).first()
    if found is None:
        raise BadInput(
            f"No order of {store.name} has a line {wanted}.", "See `gcw orders show ORDER`.", code="unknown_name"
        )
    line, order = found
    name = f"{line.seller_sku or line.sku_id} in order {order.order_id}"
    return Target((IgnoreScope.LINE, line.line_id), name, line=line, order=order)


def ignore(
    session: Session, act: Act, store: Store, targets: Sequence[Target], why: str, *, dry_run: bool = False
) -> list[Change]:
    """Nothing of these is printed here from now on; what a variant printed ends."""
    why = " ".join(why.split())
    targets = hold_rows(session, targets)
    changes = []
    for target, connected, ignored in _states(session, store, targets):
        kept = ignored is not None and connected is None and why in ("", ignored.why)
        if not kept:
            _may_be_ignored(target)
        number = (ignored.version if ignored else _newest(session, store, target)) + (not kept)
        wanted = in_words(target, None, ignored_in_words(ignored.why if kept and ignored else why, number))
        changes.append(_change(target, now_in_words(target, connected, ignored), wanted))
        if not kept and not dry_run:
            if target.variant:
                connections.disconnect(session, act, target.variant)
            ignoring.end(session, act, store, [target.place])
            ignoring.start(session, act, store, target.place, why)
            _tell_order(session, act, target, "line ignored", why)
    return changes


def undo(session: Session, act: Act, store: Store, targets: Sequence[Target], *, dry_run: bool = False) -> list[Change]:
    """These are ignored no longer: what prints nothing holds its orders again."""
    targets = hold_rows(session, targets)
    changes = []
    for target, connected, ignored in _states(session, store, targets):
        change = _change(target, now_in_words(target, connected, ignored), in_words(target, connected, ""))
        changes.append(change)
        if change.changed and not dry_run:
            ignoring.end(session, act, store, [target.place])
            _tell_order(session, act, target, "line no longer ignored", "")
            _take_back(session, target)
    return changes


def disconnect(
    session: Session, act: Act, store: Store, targets: Sequence[Target], *, dry_run: bool = False, why: str = ""
) -> list[Change]:
    """These variants print nothing any more; one that is ignored stays so."""
    targets = hold_rows(session, targets)
    changes = []
    for target, connected, ignored in _states(session, store, targets):
        after = in_words(target, None, ignored_in_words(ignored.why, ignored.version) if ignored else "")
        changes.append(_change(target, now_in_words(target, connected, ignored), after))
        if connected and target.variant and not dry_run:
            connections.disconnect(session, act, target.variant, why)
    return changes


def connecting(session: Session, store: Store, variant: Variant, product_uid: str, pinned: Sequence[Pinned]) -> Change:
    """What `connections.connect` would make of a variant."""
    target = as_target(variant)
    ((_, connected, ignored),) = _states(session, store, [target])
    designs = {one.area: one.printed for one in pinned}
    number = connected.version if connected else connections.newest_version(session, variant)
    if connected is None or connected.product_uid != product_uid or connected.designs != designs:
        number += 1
    wanted = Decision(0, number, product_uid, designs)
    return _change(target, now_in_words(target, connected, ignored), in_words(target, wanted, ""))


def in_words(target: Target, connected: Decision | None, ignored: str) -> str:
    """`UID, version 2: default 3fa1b2c4d5e6`, `ignored: why (version 1)`, or that it is neither."""
    if connected:
        designs = ", ".join(f"{area} {one.sha256[:12]}" for area, one in sorted(connected.designs.items()))
        return f"{connected.product_uid}, version {connected.version}" + (f": {designs}" if designs else "")
    return ignored or (NOT_CONNECTED if target.variant else NOT_IGNORED)


def now_in_words(target: Target, connected: Decision | None, ignored: Ignored | None) -> str:
    """What is decided about a target now."""
    words = ignored_in_words(ignored.why, ignored.version) if ignored else ""
    return in_words(target, connected, words or (LEFT_OUT if target.left_out else ""))


def ignored_in_words(why: str, version: int) -> str:
    """One version of an ignore."""
    return f"ignored: {why} (version {version})" if why else f"ignored (version {version})"


def hold_rows(session: Session, targets: Sequence[Target]) -> list[Target]:
    """Each of them once; whoever decides about the same waits until this is done."""
    targets = list({target.place: target for target in targets}.values())
    variants = [target.variant.id for target in targets if target.variant]
    orders = [target.line.order_pk for target in targets if target.line]
    listings = [subject for (scope, subject) in (one.place for one in targets) if scope == IgnoreScope.LISTING]
    for query in (
        select(Order.id).where(col(Order.id).in_(orders)).order_by(col(Order.id)) if orders else None,
        select(Listing.id).where(col(Listing.product_id).in_(listings)).order_by(col(Listing.id)) if listings else None,
        select(Variant.id).where(col(Variant.id).in_(variants)).order_by(col(Variant.id)) if variants else None,
    ):
        if query is not None:
            session.exec(query.with_for_update(key_share=True)).all()
    for target in targets:
        if target.line and target.order:
            session.refresh(target.order)
            session.refresh(target.line)
    return targets


def _states(
    session: Session, store: Store, targets: Sequence[Target]
) -> Iterator[tuple[Target, Decision | None, Ignored | None]]:
    connected: Mapping[str, Decision] = connections.current(session, [one.variant for one in targets if one.variant])
    ignored = ignoring.current(session, store.id or 0, [target.place for target in targets])
    for target in targets:
        sku_id = target.variant.sku_id if target.variant else ""
        yield target, connected.get(sku_id), ignored.get(target.place)


def _change(target: Target, was: str, will_be: str) -> Change:
    scope, subject = target.place
    return Change(scope.value, subject, target.name, was, will_be)


def _newest(session: Session, store: Store, target: Target) -> int:
    return max((one.version for one in ignoring.versions(session, store, [target.place])), default=0)


def _may_be_ignored(target: Target) -> None:
    if target.line and target.order and not target.waits:
        order_id = target.order.order_id
        raise BadInput(
            f"The line {target.line.line_id} of order {order_id} is {target.line.stage}: that stays as it is.",
            f"See `gcw orders show {order_id}`.",
        )


def _tell_order(session: Session, act: Act, target: Target, what: str, why: str) -> None:
    if target.line and target.order:
        history.record(session, act, f"order:{target.order.order_id}", what, why, line=target.line.line_id)


def _take_back(session: Session, target: Target) -> None:
    """A line that was left out when its order was released waits for a decision again."""
    if target.left_out and target.line and target.order:
        target.line.ignored_id = None
        session.add(target.line)
        session.flush()
        lines = session.exec(select(Line).where(Line.order_pk == target.order.id)).all()
        target.order.stage = stages.shown(lines)
        session.add(target.order)

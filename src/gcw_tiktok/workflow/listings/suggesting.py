"""Proposes what variants could print, for reasons that can be named. Nothing is guessed, and nothing is applied here
that is not the only proposal for its variant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput
from gcw_tiktok.store.tables import Connection, Store, Variant
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections, deciding, gathering, rules
from gcw_tiktok.workflow.listings.connections import Pinned, Printed, VariantView
from gcw_tiktok.workflow.listings.many import Wish, connect_many
from gcw_tiktok.workflow.listings.rules import Rule

SUGGESTED, AMBIGUOUS, UNFIT = "suggested", "ambiguous", "unfit"
LONGEST_CHAIN = 10
"""How often a variant may have been re-keyed in a row."""
Pin = Callable[[PrintArea, str], Pinned]
"""The gathered file of a source as the design of a print area; `BadInput` says why it cannot be printed there."""


@dataclass(frozen=True)
class Proposal:
    """One reason to print something: pinned already, or with sources that are still to be pinned."""

    reason: str
    product_uid: str = ""
    pinned: tuple[Pinned, ...] = ()
    sources: Mapping[str, str] | None = None
    trouble: str = ""

    @property
    def printed(self) -> tuple[str, Mapping[str, Printed]]:
        return self.product_uid, {one.area: one.printed for one in self.pinned}


@dataclass(frozen=True)
class Suggestion:
    """What is proposed for a variant, or why nothing can be."""

    view: VariantView
    verdict: str
    """`suggested`, `ambiguous` or `unfit`."""
    product_uid: str = ""
    pinned: tuple[Pinned, ...] = ()
    reason: str = ""
    trouble: str = ""


@dataclass
class Found:
    """All proposals for a store's variants, before their designs are looked at."""

    offered: Mapping[str, OrderableUid]
    proposals: list[tuple[VariantView, list[Proposal]]] = field(default_factory=list)
    waiting: int = 0
    """How many variants nobody has decided about."""

    @property
    def sources(self) -> list[str]:
        """The files that rules name, each once."""
        named = [proposal.sources for _, proposals in self.proposals for proposal in proposals if proposal.sources]
        return list(dict.fromkeys(source for one in named for source in one.values()))


def find(session: Session, store: Store, given: Sequence[Rule] = (), file: str = "") -> Found:
    """Every reason to print something on variants that are neither connected nor ignored. `file` is where the
    rules stand; the designs that they name lie beside it."""
    offered = offer.orderable_uids(session, store.customer_id)
    found = Found(offered)
    waiting = [view for view in connections.views(session, store) if not (view.decision or view.ignored)]
    found.waiting = len(waiting)
    twins = _connected_elsewhere(session, store, {view.variant.seller_sku for view in waiting} - {""})
    former = _former(session, store)
    for view in waiting:
        proposals = [
            *twins.get(view.variant.seller_sku, ()),
            *_earlier(session, view.variant, former),
            *_by_rules(view, given, list(offered.values()), file),
        ]
        if proposals:
            found.proposals.append((view, proposals))
    return found


def judge(found: Found, pin: Pin) -> list[Suggestion]:
    """One suggestion for each variant that something is proposed for. No transaction is open meanwhile."""
    return [_judge(view, proposals, found.offered, pin) for view, proposals in found.proposals]


def apply(session: Session, act: Act, store: Store, suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Connects what is suggested, all or nothing; those that somebody has decided about meanwhile stay as they are
    and are left out of the answer."""
    wanted = [one for one in suggestions if one.verdict == SUGGESTED]
    deciding.hold_rows(session, [deciding.as_target(one.view.variant) for one in wanted])
    decided = {view.variant.sku_id for view in connections.views(session, store) if view.decision or view.ignored}
    done = [one for one in wanted if one.view.variant.sku_id not in decided]
    by_reason: dict[str, dict[str, Wish]] = {}
    for one in done:
        by_reason.setdefault(one.reason, {})[one.view.variant.sku_id] = (one.product_uid, one.pinned)
    for reason, wishes in by_reason.items():
        connect_many(session, act, store, wishes, f"Suggested: {reason}")
    return done


def _judge(
    view: VariantView, proposals: Sequence[Proposal], offered: Mapping[str, OrderableUid], pin: Pin
) -> Suggestion:
    checked = [_checked(one, offered, pin) for one in proposals]
    sound = [one for one in checked if not one.trouble]
    troubles = "; ".join(f"{one.reason}: {one.trouble}" for one in checked if one.trouble)
    if not sound:
        return Suggestion(view, UNFIT, trouble=troubles)
    first = sound[0]
    if any(one.printed != first.printed for one in sound):
        return Suggestion(view, AMBIGUOUS, trouble="; ".join(f"{one.reason}: {_in_words(one)}" for one in sound))
    reasons = "; ".join(dict.fromkeys(one.reason for one in sound))
    return Suggestion(view, SUGGESTED, first.product_uid, first.pinned, reasons, troubles)


def _checked(one: Proposal, offered: Mapping[str, OrderableUid], pin: Pin) -> Proposal:
    if one.trouble:
        return one
    uid = offered.get(one.product_uid)
    if uid is None:
        return Proposal(one.reason, one.product_uid, trouble=f"the customer may not order {one.product_uid} now")
    designs = set(one.sources if one.sources is not None else (pinned.area for pinned in one.pinned))
    known, needed = {area.name for area in uid.areas}, {area.name for area in uid.areas if area.required}
    if designs - known or needed - designs:
        areas = ", ".join(sorted(known)) or "no print area"
        return Proposal(one.reason, one.product_uid, trouble=f"its designs do not suit the product, which has {areas}")
    if one.sources is None:
        return one
    try:
        places = {area.name: area for area in uid.areas}
        pinned = tuple(pin(places[name], source) for name, source in sorted(one.sources.items()))
        return Proposal(one.reason, one.product_uid, pinned)
    except BadInput as error:
        return Proposal(one.reason, one.product_uid, trouble=str(error))


def _in_words(one: Proposal) -> str:
    designs = ", ".join(f"{pinned.area} {pinned.sha256[:12]}" for pinned in one.pinned)
    return f"{one.product_uid}{' with ' if designs else ''}{designs}"


def _connected_elsewhere(session: Session, store: Store, skus: set[str]) -> dict[str, list[Proposal]]:
    """By seller SKU, what variants of the same customer print under it; of gone ones only where none is left."""
    found: dict[str, list[tuple[Variant, Proposal]]] = {}
    query = (
        select(Connection, Variant, Store.name)
        .join(Variant, col(Connection.variant_id) == Variant.id)
        .join(Store, col(Variant.store_id) == Store.id)
        .where(Store.customer_id == store.customer_id, col(Connection.ended_at).is_(None))
        .order_by(col(Store.name), col(Variant.sku_id))
    )
    rows = [row for row in session.exec(query) if row[1].seller_sku in skus]
    designs = connections.pinned_of(session, [one.id or 0 for one, *_ in rows])
    for connection, variant, name in rows:
        reason = f"seller SKU of {variant.sku_id} in {name}"
        proposal = Proposal(reason, connection.product_uid, tuple(designs.get(connection.id or 0, ())))
        found.setdefault(variant.seller_sku, []).append((variant, proposal))
    return {
        sku: [one for variant, one in pairs if variant.gone_at is None] or [one for _, one in pairs]
        for sku, pairs in found.items()
    }


def _former(session: Session, store: Store) -> dict[str, list[Variant]]:
    """By SKU id, the variants that TikTok has re-keyed to it."""
    found: dict[str, list[Variant]] = {}
    query = select(Variant).where(Variant.store_id == store.id, col(Variant.replaced_by).is_not(None))
    for variant in session.exec(query.order_by(col(Variant.id))):
        found.setdefault(variant.replaced_by or "", []).append(variant)
    return found


def _earlier(session: Session, variant: Variant, former: Mapping[str, Sequence[Variant]]) -> Iterator[Proposal]:
    """The newest version of the variant itself, else those of the variants that it was before."""
    own = connections.newest(session, variant)
    if own:
        yield Proposal(f"its own version {own.version}", own.product_uid, _designs(session, own))
        return
    before = former.get(variant.sku_id, ())
    for _ in range(LONGEST_CHAIN):
        versions = [(one, found) for one in before if (found := connections.newest(session, one))]
        for one, version in versions:
            reason = f"version {version.version} of {one.sku_id}, which TikTok re-keyed"
            yield Proposal(reason, version.product_uid, _designs(session, version))
        if versions or not before:
            return
        before = [earlier for one in before for earlier in former.get(one.sku_id, ())]


def _designs(session: Session, version: Connection) -> tuple[Pinned, ...]:
    return tuple(connections.pinned_of(session, [version.id or 0]).get(version.id or 0, ()))


def _by_rules(
    view: VariantView, given: Sequence[Rule], offered: Sequence[OrderableUid], file: str
) -> Iterator[Proposal]:
    for rule in given:
        outcome = rules.apply(rule, view.listing.title, view.variant.seller_sku, view.variant.options, offered)
        if outcome is None:
            continue
        reason = f"rule {rule.name} ({file}:{rule.line})"
        if outcome.uid is None:
            yield Proposal(reason, trouble=outcome.trouble)
        else:
            sources = {area: gathering.beside(file, source) for area, source in (outcome.sources or {}).items()}
            yield Proposal(reason, outcome.uid.uid, sources=sources)

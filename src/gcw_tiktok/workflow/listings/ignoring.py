"""What is not printed here: a line of an order, a variant, a whole listing, or a store's samples; in versions."""

from collections.abc import Container, Iterable, Iterator, Sequence

from sqlmodel import Session, col, func, select

from gcw_tiktok.store.tables import Ignored, IgnoreScope, Line, Listing, Store, Variant
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.history import Act

FEW = 500
AT_ONCE = 5000
"""Ids in one query; both engines take more."""
Place = tuple[IgnoreScope, str]
"""A scope with TikTok's line id, SKU id, product id or shop id."""
SUBJECTS = {
    IgnoreScope.LINE: "line",
    IgnoreScope.VARIANT: "sku",
    IgnoreScope.LISTING: "product",
    IgnoreScope.SAMPLES: "store",
}
"""How events name what is ignored."""


def current(session: Session, store_id: int, places: Iterable[Place]) -> dict[Place, Ignored]:
    """Which of these are ignored now."""
    everything = select(Ignored).where(Ignored.store_id == store_id, col(Ignored.ended_at).is_(None))
    rows = session.exec(everything.limit(FEW + 1)).all()  # most stores ignore little: to ask for each id costs more
    if not rows:
        return {}
    wanted = set(places)
    if len(rows) > FEW:
        ids = sorted({subject for _, subject in wanted})
        groups = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
        rows = [row for group in groups for row in session.exec(everything.where(col(Ignored.subject).in_(group)))]
    return {(row.scope, row.subject): row for row in rows if (row.scope, row.subject) in wanted}


def of_lines(session: Session, store_id: int, lines: Sequence[Line], connected: Container[str]) -> dict[str, int]:
    """By line id, which decision keeps a line from being printed. The most specific one wins: that on the line,
    then what its variant prints (`connected` holds those SKU ids) or that on the variant, then that on the listing.
    """
    places = [place for line in lines for place in _places(line, connected)]
    ignored = current(session, store_id, places)
    found: dict[str, int] = {}
    for line in lines:
        decided = next((ignored[place] for place in _places(line, connected) if place in ignored), None)
        if decided is not None:
            found[line.line_id] = decided.id or 0
    return found


def of_variants(
    session: Session, store_id: int, pairs: Iterable[tuple[Variant, Listing]], connected: Container[str]
) -> dict[str, Ignored]:
    """By SKU id, which decision keeps a variant from being printed; those that are connected are printed."""
    waiting = [(variant, listing) for variant, listing in pairs if variant.sku_id not in connected]
    of_sku = {variant.sku_id: _both(variant.sku_id, listing.product_id) for variant, listing in waiting}
    ignored = current(session, store_id, [place for places in of_sku.values() for place in places])
    return {
        sku_id: next(ignored[place] for place in places if place in ignored)
        for sku_id, places in of_sku.items()
        if any(place in ignored for place in places)
    }


def start(session: Session, act: Act, store: Store, place: Place, why: str) -> Ignored:
    """A new version; the caller has ended the former one and holds the row that the place stands for."""
    assert store.id is not None
    scope, subject = place
    mine = (Ignored.store_id == store.id, Ignored.scope == scope, Ignored.subject == subject)
    newest = session.exec(select(func.max(Ignored.version)).where(*mine)).one()
    made = Ignored(
        store_id=store.id,
        scope=scope,
        subject=subject,
        version=(newest or 0) + 1,
        why=why,
        made_at=act.now,
        made_by=act.who,
    )
    session.add(made)
    session.flush()
    history.record(session, act, f"{SUBJECTS[scope]}:{subject}", "ignored", why, version=made.version)
    return made


def end(session: Session, act: Act, store: Store, places: Iterable[Place], why: str = "") -> list[Ignored]:
    """Ends what keeps these from being printed; those that were ignored."""
    ended = list(current(session, store.id or 0, places).values())
    for row in ended:
        row.ended_at = act.now
        session.add(row)
        subject = f"{SUBJECTS[row.scope]}:{row.subject}"
        history.record(session, act, subject, "no longer ignored", why, version=row.version)
    session.flush()
    return ended


def versions(session: Session, store: Store, places: Sequence[Place]) -> list[Ignored]:
    """Every time that one of these was ignored, oldest first."""
    ids = [subject for _, subject in places]
    query = select(Ignored).where(Ignored.store_id == store.id, col(Ignored.subject).in_(ids))
    found = session.exec(query.order_by(col(Ignored.made_at), col(Ignored.id)))
    return [row for row in found if (row.scope, row.subject) in places]


def _places(line: Line, connected: Container[str]) -> Iterator[Place]:
    """What may keep a line from being printed, the most specific first."""
    yield IgnoreScope.LINE, line.line_id
    if line.sku_id not in connected:
        yield from _both(line.sku_id, line.product_id)


def _both(sku_id: str, product_id: str) -> tuple[Place, Place]:
    return (IgnoreScope.VARIANT, sku_id), (IgnoreScope.LISTING, product_id)

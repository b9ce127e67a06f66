"""What was decided about a variant, oldest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from gcw_tiktok.store.tables import Event, Ignored, IgnoreScope, Listing, Store, Variant
from gcw_tiktok.workflow import history
from gcw_tiktok.workflow.listings import connections, ignoring

CONNECTED, IGNORED, LISTING_IGNORED = "connected", "ignored", "listing ignored"


@dataclass(frozen=True)
class Version:
    """One decision, and what ended it (Unix seconds)."""

    made: int
    by: str
    what: str
    """`connected`, `ignored` or `listing ignored`."""
    version: int
    product_uid: str = ""
    designs: dict[str, str] = field(default_factory=dict)
    """By print area, where the design was pinned from."""
    why: str = ""
    ended: int | None = None
    ended_by: str = ""


def of_variant(session: Session, store: Store, variant: Variant) -> list[Version]:
    """Every version of its connection, and every time that it or its listing was ignored."""
    product_id = session.get_one(Listing, variant.listing_id).product_id
    places = ((IgnoreScope.VARIANT, variant.sku_id), (IgnoreScope.LISTING, product_id))
    ends = _ends(history.of(session, f"sku:{variant.sku_id}"), CONNECTED, IGNORED)
    ends |= _ends(history.of(session, f"product:{product_id}"), "", LISTING_IGNORED)
    found = [
        *_connections(session, variant, ends),
        *(_ignored(row, ends) for row in ignoring.versions(session, store, places)),
    ]
    return sorted(found, key=lambda one: (one.made, one.ended is None, one.ended or 0))


def _connections(session: Session, variant: Variant, ends: dict[tuple[str, int], str]) -> Iterator[Version]:
    versions = connections.versions(session, variant)
    after = {one.version - 1: one.made_by for one, _ in versions}
    for one, designs in versions:
        ended_by = ends.get((CONNECTED, one.version), after.get(one.version, ""))
        yield Version(
            made=one.made_at,
            by=one.made_by,
            what=CONNECTED,
            version=one.version,
            product_uid=one.product_uid,
            designs={row.area: row.source for row, _ in designs},
            why=one.why or "",
            ended=one.ended_at,
            ended_by=ended_by if one.ended_at else "",
        )


def _ignored(row: Ignored, ends: dict[tuple[str, int], str]) -> Version:
    what = IGNORED if row.scope == IgnoreScope.VARIANT else LISTING_IGNORED
    ended_by = ends.get((what, row.version), "") if row.ended_at else ""
    return Version(row.made_at, row.made_by, what, row.version, why=row.why, ended=row.ended_at, ended_by=ended_by)


def _ends(events: Sequence[Event], connected: str, ignored: str) -> dict[tuple[str, int], str]:
    """Who ended which version."""
    kinds = {"disconnected": connected, "no longer ignored": ignored}
    return {
        (kinds[event.what], int(event.data["version"])): event.who
        for event in events
        if event.what in kinds and "version" in event.data
    }

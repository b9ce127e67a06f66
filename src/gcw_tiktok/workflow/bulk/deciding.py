"""Decides what becomes of each row of a bulk file: values in, verdicts and changes out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from gcw_tiktok.workflow import cells
from gcw_tiktok.workflow.bulk.columns import Layout
from gcw_tiktok.workflow.bulk.plans import Key, Plan
from gcw_tiktok.workflow.bulk.seen import Seen
from gcw_tiktok.workflow.bulk.verdicts import FAILED, SKIPPED, UNCHANGED, Verdict
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.listings.connections import Pinned, Printed
from gcw_tiktok.workflow.listings.many import Alike, Standing

GONE_AT = attrgetter("gone_at")
Wanted = tuple[int, Key]
"""A store, by its number, and what some of its rows ask for."""
AROUND_IDS = " \t\r\n'"
"""What people and spreadsheets put around an id to keep it as text."""
NOTHING_FILLED = Verdict(SKIPPED, "")
AS_IT_WAS = Verdict(UNCHANGED, "")
UNKNOWN = Verdict(FAILED, "No store has this variant.")
"""Until it is said better why."""
NOT_AT_HAND = Verdict(FAILED, "Its design was not at hand; import the file again.")
TOO_LONG = Verdict(FAILED, "The row has more cells than the header: a separator in a cell must stand within quotes.")


@dataclass
class Rows:
    """What some rows of a file ask for."""

    first: int
    """The number of the first, as a spreadsheet counts."""
    variant_ids: Sequence[str]
    asks: Sequence[int]
    """What each row asks for: a place in `keys`. 0: nothing is filled in."""
    keys: Sequence[Key]
    """UIDs with designs, each once; the first is all empty."""
    skus: Sequence[str]
    too_long: frozenset[int]


class Same(NamedTuple):
    """Rows of one store that ask for the same, counted from 0, each with the variant that it names."""

    rows: list[int]
    standings: list[Standing]


@dataclass(frozen=True)
class Matched:
    """Some rows with the variants that they name."""

    verdicts: Sequence[Verdict]
    """On the rows that need not be looked into; of the others, nothing yet."""
    asked: Mapping[Wanted, Same]


class Changed(NamedTuple):
    """What is to be changed, and the row of each of its variants, counted from 0."""

    rows: Sequence[int]
    change: Alike


@dataclass
class Decided:
    """What is to be done about some rows."""

    verdicts: list[Verdict]
    changes: list[Changed] = field(default_factory=list)
    wanted: set[Wanted] = field(default_factory=set)
    """Stores and keys whose designs have to be brought in before all of it can be decided."""

    @property
    def unknown(self) -> list[int]:
        """Rows, counted from 0, whose variant nobody knows."""
        if UNKNOWN not in self.verdicts:
            return []
        return [number for number, verdict in enumerate(self.verdicts) if verdict is UNKNOWN]


def rows_of(first: int, columns: Sequence[Sequence[str]], too_long: frozenset[int], layout: Layout) -> Rows:
    """The cells that count, without what spreadsheets did to them."""
    count = len(columns[0])
    empty = [""] * count
    filled = [columns[layout.uid] if layout.uid is not None else empty, *(columns[at] for _, at in layout.designs)]
    raw = list(zip(*filled, strict=True))
    meant = {key: tuple(cells.restored(cell.strip()) for cell in key) for key in set(raw)}
    keys = dict.fromkeys((("",) * len(filled), *meant.values()))
    places = {key: place for place, key in enumerate(keys)}
    asks = {key: places[told] for key, told in meant.items()}
    return Rows(
        first,
        [variant_id.strip(AROUND_IDS) for variant_id in columns[layout.variant_id]],
        [asks[key] for key in raw],
        list(keys),
        columns[layout.sku] if layout.sku is not None else empty,
        too_long,
    )


def match(rows: Rows, variants: Mapping[str, Standing], seen: Seen) -> Matched:
    """Which rows ask for the same; and what is to be said of those that name no variant, or one of another row."""
    found = [variants.get(one) if ask else None for one, ask in zip(rows.variant_ids, rows.asks, strict=True)]
    again = seen.again([standing.variant_id if standing else 0 for standing in found], rows.first)
    verdicts = [NOTHING_FILLED] * len(found)
    asked: dict[tuple[int, int], Same] = {}
    for number, (standing, ask) in enumerate(zip(found, rows.asks, strict=True)):
        if standing is None or number in again or number in rows.too_long:
            verdicts[number] = _refused(ask, standing, again.get(number))
            continue
        same = asked.get((standing.store_id, ask))
        if same is None:
            same = asked[standing.store_id, ask] = Same([], [])
        same.rows.append(number)
        same.standings.append(standing)
    return Matched(verdicts, {(store_id, rows.keys[ask]): same for (store_id, ask), same in asked.items()})


def decide(
    matched: Matched,
    connected: Mapping[str, Standing],
    plan: Callable[[int, Key], Plan],
    *,
    accept_changed: bool = False,
) -> Decided:
    """What becomes of each row. `connected` are the variants that print or printed something, and `plan` gives what
    a key asks for in a store (by its number).

    A row that says what its variant prints already is not looked into any further, unless changed files are
    to be accepted.
    """
    decided = Decided(list(matched.verdicts))
    for wanted, same in matched.asked.items():
        asked = plan(*wanted)
        if not connected and asked.pinned is not None and not any(map(GONE_AT, same.standings)):  # a first import
            verdict = asked.verdict
            for number in same.rows:
                decided.verdicts[number] = verdict
            decided.changes.append(Changed(same.rows, Alike(same.standings, asked.uid, asked.pinned)))
        else:
            now = [connected.get(standing.sku_id, standing) for standing in same.standings]
            _decide_each(decided, wanted, Same(same.rows, now), asked, accept_changed=accept_changed)
    return decided


def _decide_each(decided: Decided, wanted: Wanted, same: Same, asked: Plan, *, accept_changed: bool) -> None:
    changes: dict[int, tuple[Sequence[Pinned], Same]] = {}
    for number, standing in zip(same.rows, same.standings, strict=True):
        verdict, pinned = _about(standing, asked, accept_changed)
        decided.verdicts[number] = verdict
        if pinned is not None:
            _, alike = changes.setdefault(id(pinned), (pinned, Same([], [])))
            alike.rows.append(number)
            alike.standings.append(standing)
        elif verdict is NOT_AT_HAND:
            decided.wanted.add(wanted)
    for pinned, alike in changes.values():
        decided.changes.append(Changed(alike.rows, Alike(alike.standings, asked.uid, pinned)))


def _refused(ask: int, standing: Standing | None, before: int | None) -> Verdict:
    """Why a row is not even looked into."""
    if not ask:
        return NOTHING_FILLED
    if standing is None:
        return UNKNOWN
    return Verdict(FAILED, f"Row {before} names the same variant; keep one of the two.") if before else TOO_LONG


def _about(standing: Standing, asked: Plan, accept_changed: bool) -> tuple[Verdict, Sequence[Pinned] | None]:
    """The verdict on one row, and what its variant gets when it is to print something else."""
    current = standing.current
    if current is not None and says_the_same(standing, asked) and not (accept_changed and _may_change(asked)):
        return AS_IT_WAS, None
    if asked.error:
        return Verdict(FAILED, asked.error), None
    if standing.gone_at and not (current and asked.pinned is not None and _prints(standing, asked)):
        return Verdict(FAILED, _gone(standing)), None
    if asked.pinned is None:
        return NOT_AT_HAND, None
    if _prints(standing, asked):
        return AS_IT_WAS, None
    return asked.verdict, _with_placements(standing, asked)


def says_the_same(standing: Standing, asked: Plan) -> bool:
    """Whether a row says in the same words what its variant prints."""
    current = standing.current
    if current is None or current.product_uid != asked.uid:
        return False
    if asked.sources:
        return standing.sources == asked.sources
    return sorted(standing.sources.values()) == list(asked.filled)  # it may not be ordered any more, say


def _may_change(asked: Plan) -> bool:
    return not asked.error and any(map(pinning.is_address, asked.filled))


def _prints(standing: Standing, asked: Plan) -> bool:
    """Whether the variant prints the same files on the same product, wherever they lie on its areas."""
    current = standing.current
    if current is None or asked.pinned is None or current.product_uid != asked.uid:
        return False
    return {area: one.sha256 for area, one in current.designs.items()} == {one.area: one.sha256 for one in asked.pinned}


def _with_placements(standing: Standing, asked: Plan) -> Sequence[Pinned]:
    """A file that stays where it was keeps how it lies there; a file cannot say otherwise."""
    current = standing.current
    assert asked.pinned is not None
    if current is None or current.product_uid != asked.uid:
        return asked.pinned
    placed = {area: one for area, one in current.designs.items() if one.placement}
    if not placed:
        return asked.pinned
    return tuple(_as_it_lies(one, placed.get(one.area)) for one in asked.pinned)


def _as_it_lies(one: Pinned, now: Printed | None) -> Pinned:
    if now is None or now.sha256 != one.sha256:
        return one
    return Pinned(one.area, one.sha256, one.source, placement=now.placement, print_sha256=now.print_sha256)


def _gone(standing: Standing) -> str:
    instead = f" It lists {standing.replaced_by} in its place." if standing.replaced_by else ""
    return f"TikTok no longer lists this variant.{instead}"

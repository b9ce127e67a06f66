"""Decides what becomes of each row of a bulk file: values in, verdicts and changes out."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple

from gcw_tiktok.workflow import cells
from gcw_tiktok.workflow.bulk.columns import Layout
from gcw_tiktok.workflow.bulk.plans import Key, Plan
from gcw_tiktok.workflow.bulk.seen import Seen
from gcw_tiktok.workflow.bulk.verdicts import FAILED, NOT_AT_HAND, SKIPPED, UNCHANGED, Verdict
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.listings.connections import Pinned, Printed
from gcw_tiktok.workflow.listings.many import Batch, Standing, Variants, Wish

Wanted = tuple[int, Key]
"""A store, by its number, and what some of its rows ask for."""
AROUND_IDS = " \t\r\n'"
"""What people and spreadsheets put around an id to keep it as text."""
NOTHING_FILLED = Verdict(SKIPPED, "")
AS_IT_WAS = Verdict(UNCHANGED, "")
UNKNOWN = Verdict(FAILED, "No store has this variant.")
"""Until it is said better why."""
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


class Named(NamedTuple):
    """Rows that name variants of one store, column by column."""

    variants: Variants
    rows: Sequence[int]
    """Counted from 0."""
    sku_ids: Sequence[str]
    numbers: Sequence[int]
    """Of the variants, in the database."""
    asks: Sequence[int]
    """What each row asks for, as in `Rows`."""

    def only(self, these: Sequence[object]) -> "Named":
        """The rows for which there is something true among `these`."""
        rows, numbers, asks = (list(compress(column, these)) for column in (self.rows, self.numbers, self.asks))
        return Named(self.variants, rows, list(compress(self.sku_ids, these)), numbers, asks)


@dataclass(frozen=True)
class Matched:
    """Some rows with the variants that they name."""

    verdicts: Sequence[Verdict]
    """On the rows that need not be looked into; of the others, nothing yet."""
    keys: Sequence[Key]
    """What the others ask for."""
    named: Sequence[Named]
    """The others, store by store."""


class Changed(NamedTuple):
    """What is to be changed in one store, and the row of each of its variants, counted from 0."""

    store_id: int
    rows: Sequence[int]
    batch: Batch


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


class Asks(dict[Key, int]):
    """What rows ask for, by their cells as the file has them: a place in `meant`. The next rows mostly ask for the same
    again."""

    def __init__(self, layout: Layout) -> None:
        self.meant = [("",) * (1 + len(layout.designs))]
        self._places = {self.meant[0]: 0}

    def __missing__(self, given: Key) -> int:
        """Without what spreadsheets did to the cells, it may be known all the same."""
        key = tuple(cells.restored(cell.strip()) for cell in given)
        place = self[given] = self._places.setdefault(key, len(self.meant))
        if place == len(self.meant):
            self.meant.append(key)
        return place


def rows_of(first: int, columns: Sequence[Sequence[str]], too_long: frozenset[int], layout: Layout, asks: Asks) -> Rows:
    """The cells that count, without what spreadsheets did to them."""
    empty = [""] * len(columns[0])
    filled = [columns[layout.uid] if layout.uid is not None else empty, *(columns[at] for _, at in layout.designs)]
    return Rows(
        first,
        [variant_id.strip(AROUND_IDS) for variant_id in columns[layout.variant_id]],
        list(map(asks.__getitem__, zip(*filled, strict=True))),
        asks.meant,
        columns[layout.sku] if layout.sku is not None else empty,
        too_long,
    )


def match(rows: Rows, found: Sequence[Variants], seen: Seen) -> Matched:
    """Which variant each row names; and what is to be said of those that name none, or one of another row."""
    known: dict[str, int] = {}
    for variants in found:
        known |= variants.numbers
    numbers = [known.get(one, 0) if ask else 0 for one, ask in zip(rows.variant_ids, rows.asks, strict=True)]
    again = seen.again(numbers, rows.first)
    refused = {row for row, number in enumerate(numbers) if not number}.union(again, rows.too_long)
    verdicts = [NOTHING_FILLED] * len(numbers)
    for row in refused:
        verdicts[row] = _refused(rows.asks[row], numbers[row], again.get(row))
    named = [Named(variants, range(len(numbers)), rows.variant_ids, numbers, rows.asks) for variants in found]
    if refused or len(named) > 1:
        named = [_of_its_store(one, refused) for one in named]
    return Matched(verdicts, rows.keys, named)


def _refused(ask: int, number: int, before: int | None) -> Verdict:
    """Why a row is not even looked into."""
    if not ask:
        return NOTHING_FILLED
    if not number:
        return UNKNOWN
    return Verdict(FAILED, f"Row {before} names the same variant; keep one of the two.") if before else TOO_LONG


def _of_its_store(named: Named, refused: Container[int]) -> Named:
    mine = named.variants.numbers
    return named.only(
        [sku_id in mine and row not in refused for row, sku_id in zip(named.rows, named.sku_ids, strict=True)]
    )


def decide(
    matched: Matched,
    connected: Mapping[int, Standing],
    plan: Callable[[int, Key], Plan],
    *,
    accept_changed: bool = False,
) -> Decided:
    """What becomes of each row. `connected` are the variants that print or printed something, by number, and `plan`
    gives what a key asks for in a store (by its number).

    A row that says what its variant prints already is not looked into any further, unless changed files are
    to be accepted.
    """
    decided = Decided(list(matched.verdicts))
    for named in matched.named:
        store_id = named.variants.store_id
        plans = {ask: plan(store_id, matched.keys[ask]) for ask in set(named.asks)}
        verdicts, wishes = _decide(named, plans, connected, accept_changed)
        for row, verdict in zip(named.rows, verdicts, strict=True):
            decided.verdicts[row] = verdict
        if any(one.verdict is NOT_AT_HAND for one in plans.values()):
            missing = {ask for ask, verdict in zip(named.asks, verdicts, strict=True) if verdict is NOT_AT_HAND}
            decided.wanted.update((store_id, matched.keys[ask]) for ask in missing)
        decided.changes.append(_changed(named, wishes, connected))
    return decided


def _decide(
    named: Named, plans: Mapping[int, Plan], connected: Mapping[int, Standing], accept_changed: bool
) -> tuple[list[Verdict], list[Wish | None]]:
    """The verdicts on rows of one store, and what each one's variant gets when it is to print something else."""
    verdicts = [plans[ask].verdict for ask in named.asks]
    wishes = [plans[ask].wish for ask in named.asks]
    for place, standing in _not_new(named, connected):
        verdicts[place], wishes[place] = _about(standing, plans[named.asks[place]], accept_changed)
    return verdicts, wishes


def _not_new(named: Named, connected: Mapping[int, Standing]) -> list[tuple[int, Standing]]:
    """The rows, by their places, whose variant prints or printed something or is no longer listed: of any other
    variant, the plan says it all."""
    variants = named.variants
    these = connected.keys() | {variants.numbers[sku_id] for sku_id in variants.gone}
    if not these:
        return []
    pairs = zip(named.numbers, named.sku_ids, strict=True)
    return [
        (place, connected.get(number) or variants.bare(sku_id))
        for place, (number, sku_id) in enumerate(pairs)
        if number in these
    ]


def _changed(named: Named, wishes: Sequence[Wish | None], connected: Mapping[int, Standing]) -> Changed:
    mine = named if all(wishes) else named.only(wishes)
    given = [wish for wish in wishes if wish]
    former = {number: connected[number] for number in mine.numbers if number in connected} if connected else {}
    return Changed(named.variants.store_id, mine.rows, Batch(mine.sku_ids, mine.numbers, given, former))


def _about(standing: Standing, asked: Plan, accept_changed: bool) -> tuple[Verdict, Wish | None]:
    """The verdict on one row, and what its variant gets when it is to print something else."""
    current = standing.current
    if current is not None and says_the_same(standing, asked) and not (accept_changed and _may_change(asked)):
        return AS_IT_WAS, None
    if asked.error:
        return asked.verdict, None
    if standing.gone_at and not (current and asked.pinned is not None and _prints(standing, asked)):
        return Verdict(FAILED, _gone(standing)), None
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


def _with_placements(standing: Standing, asked: Plan) -> Wish | None:
    """A file that stays where it was keeps how it lies there; a file cannot say otherwise."""
    current = standing.current
    if asked.pinned is None or current is None or current.product_uid != asked.uid:
        return asked.wish
    placed = {area: one for area, one in current.designs.items() if one.placement}
    if not placed:
        return asked.wish
    return asked.uid, tuple(_as_it_lies(one, placed.get(one.area)) for one in asked.pinned)


def _as_it_lies(one: Pinned, now: Printed | None) -> Pinned:
    if now is None or now.sha256 != one.sha256:
        return one
    return Pinned(one.area, one.sha256, one.source, placement=now.placement, print_sha256=now.print_sha256)


def _gone(standing: Standing) -> str:
    instead = f" It lists {standing.replaced_by} in its place." if standing.replaced_by else ""
    return f"TikTok no longer lists this variant.{instead}"

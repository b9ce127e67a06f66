"""What a product UID with its designs comes to. Thousands of rows share few of them: each is decided once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlmodel import Session

from gcw_tiktok.errors import BadInput, GcwError
from gcw_tiktok.store.tables import ProductUid
from gcw_tiktok.workflow.bulk.columns import DESIGN, LINKS, UID, forgiven, further
from gcw_tiktok.workflow.bulk.verdicts import CONNECTED, FAILED, NOT_AT_HAND, Verdict
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.memory import Got
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.listings.connections import Pinned
from gcw_tiktok.workflow.listings.many import Wish

MOST_NEAR = 20
"""For how many unknown UIDs others like them are looked for; that is slow in a large catalog."""
Words = Callable[[GcwError], str]
"""How an error is said in a row of the result."""
Key = tuple[str, ...]
"""The UID and the design columns of a row, as they are in the file."""


@dataclass(frozen=True)
class Plan:
    """What rows with one key ask for."""

    uid: str
    filled: tuple[str, ...]
    """The design cells that are filled in, in any order."""
    sources: Mapping[str, str]
    """By print area; empty where there is an error."""
    pinned: tuple[Pinned, ...] | None = None
    """None while a design is not at hand, and where there is an error."""
    error: str = ""
    """Why rows with this key cannot be connected."""
    warning: str = ""
    """What may disappoint about their designs."""

    @cached_property
    def verdict(self) -> Verdict:
        """On a row whose variant is listed and never printed anything."""
        if self.error:
            return Verdict(FAILED, self.error)
        return NOT_AT_HAND if self.pinned is None else Verdict(CONNECTED, self.warning)

    @cached_property
    def wish(self) -> Wish | None:
        """What such a variant is to print; None where it cannot be connected."""
        return None if self.pinned is None else (self.uid, self.pinned)


class Uids:
    """The UIDs that one customer may order, and in words why it may not order others."""

    def __init__(self, session: Session, customer_id: int, words: Words, for_customer: bool = False) -> None:
        self._customer_id, self._words, self._for_customer = customer_id, words, for_customer
        self._may = offer.orderable_uids(session, customer_id)
        self._refusals: dict[str, str] = {}
        self._unknown = 0

    def get(self, uid: str) -> OrderableUid | None:
        return self._may.get(uid)

    def refusal(self, session: Session, uid: str) -> str:
        """Why this UID, which is none of the customer's, cannot be ordered. The customer itself does not learn whether
        there is such a product for others."""
        if self._for_customer:
            return f"There is no product UID {uid[:80]!r} that you may order."
        if uid not in self._refusals:
            self._refusals[uid] = self._refuse(session, uid)
        return self._refusals[uid]

    def _refuse(self, session: Session, uid: str) -> str:
        if session.get(ProductUid, uid) is None:
            self._unknown += 1
            if self._unknown > MOST_NEAR:
                return f"There is no product UID {uid!r}. See `gcw catalog uids`."
        try:
            offer.require_uid(session, uid, self._customer_id)
        except BadInput as error:
            return self._words(error)
        return f"{uid} may be ordered since a moment ago. Import the file again."


@dataclass(frozen=True)
class Prepared:
    """A design for a print area: what is printed, or why it cannot be."""

    pinned: Pinned | None
    error: str = ""
    warning: str = ""


class Designs:
    """The designs at hand, by source, and what each comes to on each print area."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.got: dict[str, Got] = {}
        self.prepared: dict[tuple[str, PrintArea], Prepared] = {}
        self.to_prepare: dict[tuple[str, PrintArea], None] = {}
        """What plans asked for and nobody has looked at yet."""
        self.unfit: set[str] = set()
        """Sources whose file cannot be printed where it is wanted, and may be mended."""

    def forget(self, most: int) -> bool:
        """Keeps memory flat where a file names ever new designs; whether all were forgotten."""
        if max(len(self.got), len(self.prepared), len(self.to_prepare)) <= most:
            return False
        self.got.clear()
        self.prepared.clear()
        self.to_prepare.clear()
        return True

    def on(self, area: PrintArea, source: str) -> Prepared | None:
        """What a design comes to on a print area; None where it is not prepared yet."""
        found = self.prepared.get((source, area))
        if found is None:
            self.to_prepare[source, area] = None
        return found

    def prepare(self, progress: Callable[[int, int | None], None]) -> None:
        """Looks at what plans asked for and is at hand. It makes print-ready files: no session may be open."""
        wanted = [one for one in self.to_prepare if one[0] in self.got]
        for done, (source, area) in enumerate(wanted, 1):
            self.prepared[source, area] = self._prepared(source, area)
            del self.to_prepare[source, area]
            progress(done, len(wanted))

    def _prepared(self, source: str, area: PrintArea) -> Prepared:
        got = self.got[source]
        try:
            pinned, warnings = connections.checked(area, source, got.file)
        except GcwError as error:
            if got.error is None:
                self.unfit.add(source)
            return Prepared(None, self._words(error))
        words = f"{area.name}: {' '.join(warnings)}" if warnings else ""
        return Prepared(replace(pinned, stored=None), warning=words)  # the database has the design already


@dataclass
class Planner:
    """Makes the plans of one store's rows."""

    uids: Uids
    areas: Sequence[str]
    """The design columns of the file, in their order; empty for the product's first area."""
    designs: Designs
    local_files: bool
    """Whether paths on this machine are taken as designs."""
    words: Words
    links_only: bool = False
    """Whether nothing but what the net answers with is taken: no upload of somebody else's either."""

    def plan(self, session: Session, key: Key) -> Plan:
        """What a key asks for."""
        uid, *cells = key
        filled = tuple(sorted(filter(None, cells)))
        try:
            product = self._product(session, uid)
            sources = split(product, dict(zip(self.areas, cells, strict=True)))
            for source in filled:
                self._may_be_used(source)
        except BadInput as error:
            return Plan(uid, filled, {}, error=self.words(error))
        return self._prepared(product, filled, sources)

    def _product(self, session: Session, uid: str) -> OrderableUid:
        if not uid:
            raise BadInput(f"The {UID} is missing.", "Fill it in, or empty the design as well to leave the row out.")
        product = self.uids.get(uid)
        if product is None:
            raise BadInput(self.uids.refusal(session, uid))
        return product

    def _may_be_used(self, source: str) -> None:
        taken = source.lower().startswith(LINKS) if self.links_only else pinning.is_address(source) or self.local_files
        if not taken:
            raise BadInput(
                f"'{source[:80]}' is no web address.",
                "Designs in a file are addresses with https://; paths on this machine take --local-files.",
                code="no_address",
            )

    def _prepared(self, product: OrderableUid, filled: tuple[str, ...], sources: Mapping[str, str]) -> Plan:
        areas = {area.name: area for area in product.areas}
        found = [self.designs.on(areas[name], source) for name, source in sorted(sources.items())]
        known = [one for one in found if one is not None]
        error = " ".join(one.error for one in known if one.error)
        if error:
            return Plan(product.uid, filled, {}, error=error)
        if len(known) < len(found):
            return Plan(product.uid, filled, sources)
        pinned = tuple(one.pinned for one in known if one.pinned)
        return Plan(product.uid, filled, sources, pinned, warning=" ".join(one.warning for one in known if one.warning))


def split(product: OrderableUid, cells: Mapping[str, str]) -> dict[str, str]:
    """Which source is for which print area, from the filled cells of a row; `BadInput` when that makes no sense."""
    filled = {area: source for area, source in cells.items() if source}
    if not product.areas:
        if filled:
            raise BadInput(f"{product.product} comes from stock: it takes no design.", f"Empty the {DESIGN}.")
        return {}
    names = {forgiven(area.name): area.name for area in product.areas}
    sources: dict[str, str] = {}
    for area, source in filled.items():
        name = names.get(area) if area else product.areas[0].name
        if name is None:
            raise BadInput(f"{product.product} has no print area {area!r}.", f"It has: {_list(names.values())}.")
        if sources.get(name, source) != source:
            raise BadInput(f"The print area {name} is given two designs.", f"Keep one of {DESIGN} and {further(name)}.")
        sources[name] = source
    missing = [area.name for area in product.areas if area.required and area.name not in sources]
    if missing:
        columns = [DESIGN if name == product.areas[0].name else further(name) for name in missing]
        raise BadInput(f"A design is missing for {_list(missing)}.", f"Fill in {_list(columns)}.")
    return sources


def in_words(error: GcwError) -> str:
    """An error as a cell of the result says it."""
    return f"{error} {error.hint}".strip()


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)

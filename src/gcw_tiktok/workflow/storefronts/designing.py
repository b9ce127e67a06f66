"""The design editor: brings in a customer's files, says how they lie and print, and connects what was laid out."""

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import IO, BinaryIO

from sqlmodel import Session, col, select

from gcw_tiktok.errors import BadInput, TryAgain
from gcw_tiktok.store.tables import Design, Listing, Person, Store, Variant
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import checks, pinning, placing, previews, rendering, sources
from gcw_tiktok.workflow.designs.addresses import Marks
from gcw_tiktok.workflow.designs.fetching import Answer, Fetcher, Limits
from gcw_tiktok.workflow.designs.findings import Finding
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections
from gcw_tiktok.workflow.storefronts import sight, unused
from gcw_tiktok.workflow.storefronts.jobs import Ended
from gcw_tiktok.workflow.storefronts.portal import Portal
from gcw_tiktok.workflow.storefronts.sight import NotThere

LINK_SECONDS = 30.0
"""How long a page waits for the file behind a link, all tries together."""
LINKS_AT_ONCE = 4
SHOWN_PIXELS = 1_000
"""The longer side of a design as the editor shows it."""
QUICK = 4
"""Of 9: how hard a shown picture is packed."""
SAME = 1e-4
"""Numbers of a form are as they were when they differ by less."""
UPLOAD_IT = "Upload the file here, or give a link that leads to the file itself."
MOVED = "Move it back onto the print area."
MEANT = "Move or scale it; leave it if you mean it so."
TITLES = {
    "format": "File type",
    "shape": "Position",
    "pages": "Pages",
    "dpi": "Sharpness",
    "color": "Colours",
    "transparency": "Transparency",
    "fonts": "Fonts",
    "protection": "Protection",
    "references": "Linked files",
    "soundness": "Condition",
    "contents": "Contents",
}
_links = threading.BoundedSemaphore(LINKS_AT_ONCE)
_drawing = threading.Lock()
"""Large pictures are drawn one after another: each may take a gigabyte."""


@dataclass(frozen=True)
class Draft:
    """A design on a print area, as somebody has it before them."""

    stored: Stored
    source: str
    placement: Placement | None = None
    """None: as the file itself says."""

    @property
    def name(self) -> str:
        return pinning.name_of(self.source)


@dataclass(frozen=True)
class Task:
    """What is to be connected: variants of one listing with a product, and what the first prints of it now."""

    store: Store
    listing: Listing
    variants: Sequence[Variant]
    product: OrderableUid
    current: Mapping[str, Draft]
    """By print area; empty where it is not connected to this product."""


def look(
    session: Session, portal: Portal, person: Person, store_id: int, variant_id: int, uid: str, also: Collection[int]
) -> Task:
    """What a page of the editor is about; what is another customer's is not there."""
    store = sight.store(session, person, store_id)
    first = sight.variant(session, person, store_id, variant_id)
    more = select(Variant).where(col(Variant.id).in_(set(also) - {variant_id}), Variant.listing_id == first.listing_id)
    others = session.exec(more.order_by(col(Variant.id))).all()
    if len(others) != len(set(also) - {variant_id}):
        raise NotThere
    for one in (first, *others):
        if one.gone_at is not None:
            raise BadInput(f"{name_of(one)} is not listed on TikTok any more.", "Choose another variant.")
    product = offer.require_uid(session, uid, store.customer_id)
    current = _current(session, portal, first, product)
    return Task(store, session.get_one(Listing, first.listing_id), (first, *others), product, current)


def name_of(variant: Variant) -> str:
    """As a customer knows it: `Matte / 12x16 in`."""
    return " / ".join(variant.options.values()) or variant.seller_sku or variant.sku_id


def _current(session: Session, portal: Portal, variant: Variant, product: OrderableUid) -> dict[str, Draft]:
    """The designs that are connected already, as far as their files and areas are still there."""
    decision = connections.current(session, [variant]).get(variant.sku_id)
    if decision is None or decision.product_uid != product.uid:
        return {}
    pinned = connections.pinned_of(session, [decision.connection_id]).get(decision.connection_id, [])
    areas = {area.name for area in product.areas}
    kept = {one.sha256: pinning.kept(session.get_one(Design, one.sha256), portal.designs) for one in pinned}
    found = [(one, kept[one.sha256]) for one in pinned if one.area in areas]
    return {one.area: Draft(stored, one.source, one.placement) for one, stored in found if stored}


def kept(session: Session, portal: Portal, sha256: str) -> Stored:
    """A file that was brought in before."""
    design = session.get(Design, sha256)
    stored = pinning.kept(design, portal.designs) if design else None
    if stored is None:
        raise BadInput("The file is not here any more.", "Upload it again.")
    return stored


def upload(portal: Portal, act: Act, customer_id: int, content: IO[bytes], name: str) -> Draft:
    """A file that somebody brings; `BadInput` says why it cannot be printed at all, or that too many lie unused."""
    with portal.database.view() as view:
        unused.must_have_room(view, customer_id)
    stored = pinning.take(content, name, portal.designs)
    with portal.database.session() as session:
        unused.brought(session, act, customer_id, stored, name)
    return Draft(stored, pinning.address_of(stored, name))


def fetch(portal: Portal, act: Act, link: str, *, accept_changed: bool = False) -> Draft:
    """The file behind a link. Only the net is asked: no path of this machine, and no file of somebody else's."""
    link = link.strip()
    if not link.lower().startswith(("https://", "http://")):
        raise BadInput("A link begins with https://.", UPLOAD_IT)
    if not _links.acquire(blocking=False):
        raise TryAgain("Many links are being fetched just now.", "Try again in a minute, or upload the file.")
    try:
        with _in_words():
            stored = sources.one(
                portal.database,
                link,
                portal.designs,
                act,
                fetcher=_Patient(until=time.monotonic() + LINK_SECONDS),
                allow_private=portal.allow_private,
                accept_changed=accept_changed,
                sleep=lambda seconds: time.sleep(min(seconds, 1.0)),
            )
    finally:
        _links.release()
    return Draft(stored, link)


@dataclass(frozen=True)
class _Patient(Fetcher):
    """Fetches within one limit of time, however often it is asked."""

    until: float = 0.0

    def fetch(self, url: str, into: BinaryIO, *, allow_private: bool = False, known: Marks = Marks()) -> Answer:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TryAgain(f"The link took longer than {LINK_SECONDS:.0f} seconds.", UPLOAD_IT)
        return Fetcher(Limits(seconds=left)).fetch(url, into, allow_private=allow_private, known=known)


@contextmanager
def _in_words() -> Iterator[None]:
    """Whoever sits before a page knows nothing of paths, settings and flags."""
    try:
        yield
    except BadInput as error:
        if error.code == "design_changed":
            said = "The file behind this link is another one than when it was used last."
            raise BadInput(
                said, "Fetch it once more with the box ticked to use the new one.", code=error.code
            ) from None
        if "path" in error.hint:
            raise BadInput(str(error), UPLOAD_IT, code=error.code) from None
        raise


def begun(area: PrintArea, stored: Stored) -> Placement | None:
    """How a new design lies before anybody moved it: as it is where it was made for the area, else as is usual."""
    shape = next((one for one in checks.check(stored.facts, area) if one.check == "shape"), None)
    return None if shape is None or shape.level == "pass" else placing.usual(area)


def settled(wanted: Placement | None, before: Placement | None) -> Placement | None:
    """The former placement where a form's numbers mean the same; else the wanted one, when it makes sense."""
    if wanted is None or (before and _alike(wanted, before)):
        return before if wanted else None
    return placing.checked(wanted)


def _alike(one: Placement, other: Placement) -> bool:
    numbers = zip((one.scale, one.x_mm, one.y_mm), (other.scale, other.x_mm, other.y_mm), strict=True)
    return (one.mode, one.rotate) == (other.mode, other.rotate) and all(abs(a - b) < SAME for a, b in numbers)


def called(area: PrintArea) -> str:
    """A print area within a sentence: `the front`."""
    plain = area.name.replace("-", " ").replace("_", " ").replace("/", ", ")
    return "the print area" if area.name == "default" else f"the {plain}"


def findings(area: PrintArea, draft: Draft) -> list[Finding]:
    """What speaks for and against printing it so, in a customer's words; what is worst comes first."""
    found = checks.check(draft.stored.facts, replace(area, name=called(area)), draft.placement)
    return sorted(map(_spoken, found), key=lambda one: -one.rank)


def _spoken(one: Finding) -> Finding:
    mend = one.mend
    if "gcw " in mend or "--" in mend:
        mend = MOVED if one.level == "fail" else MEANT
    return replace(one, sentence=one.sentence[:1].upper() + one.sentence[1:], mend=mend)


def ground(product: OrderableUid, area: PrintArea) -> str:
    """The colour that shows where no ink comes, as `#rrggbb`; empty where nobody knows."""
    found = previews.ground_of(product, area)
    return "#{:02x}{:02x}{:02x}".format(*found) if found else ""


def dpi(area: PrintArea, draft: Draft) -> float | None:
    """Pixels per inch on the product; None for what has no pixels of its own."""
    facts = draft.stored.facts
    return placing.effective_dpi(facts, area, draft.placement) if facts.is_picture else None


def picture(stored: Stored) -> bytes:
    """The whole design, upright and not yet turned, as a PNG that a page may show."""
    return _picture(stored)


@lru_cache(maxsize=24)
def _picture(stored: Stored) -> bytes:
    facts = stored.facts
    alone = PrintArea("design", False, facts.width, facts.height, 0.0, 1.0, ())
    width = max(1, round(SHOWN_PIXELS * min(1.0, facts.width / facts.height)))
    out = BytesIO()
    with _drawing:
        shown = rendering.sheet(stored.path, facts, alone, Placement("fit"), width)
        opaque = shown.getchannel("A").getextrema() == (255, 255)
        (shown.convert("RGB") if opaque else shown).save(out, "PNG", compress_level=QUICK)
    return out.getvalue()


def must_be_printable(task: Task, drafts: Mapping[str, Draft]) -> None:
    """`BadInput` where a print area lacks its design, or has one that cannot be printed so."""
    missing = [called(area) for area in task.product.areas if area.required and area.name not in drafts]
    if missing:
        raise BadInput(f"A design is missing for {' and '.join(missing)}.", UPLOAD_IT, code="design_missing")
    for area in task.product.areas:
        found = findings(area, drafts[area.name]) if area.name in drafts else []
        if bad := next((one for one in found if one.level == "fail"), None):
            raise BadInput(f"{drafts[area.name].name}: {bad.sentence}", bad.mend, code="design_unfit")


def connect(portal: Portal, act: Act, task: Task, drafts: Mapping[str, Draft]) -> Ended:
    """Makes it what the variants print, all of them or none. Files for presses are made first: it may take a while."""
    must_be_printable(task, drafts)
    pinned = [
        connections.checked(area, draft.source, draft.stored, draft.placement, portal.designs)[0]
        for area in task.product.areas
        if (draft := drafts.get(area.name))
    ]
    with portal.database.session() as session:
        made = [
            connections.connect(session, act, task.store, variant, task.product.uid, pinned)
            for variant in sorted(task.variants, key=lambda one: one.id or 0)  # whoever else locks them does so too
        ]
    return Ended(_told(task, sum(new for _, new in made)))


def _told(task: Task, changed: int) -> str:
    if not changed:
        return "It prints that already; nothing was changed."
    many = f"{changed} variants print" if changed > 1 else f"{name_of(task.variants[0])} prints"
    return f"Connected: {many} {task.product.product} from now on."

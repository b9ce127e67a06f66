"""What takes a while about adding a listing: copying one of another store, checking it whole, publishing it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gcw_tiktok.errors import BadInput, GcwError, Refused
from gcw_tiktok.store.tables import Person, Publication, PublicationState, Store, StoreStatus
from gcw_tiktok.workflow.designs import pinning, sources
from gcw_tiktok.workflow.designs.pinning import Stored
from gcw_tiktok.workflow.publishing import choices, copying, designs, following, preparing, sending
from gcw_tiktok.workflow.publishing.complaints import Complaints, Unfit
from gcw_tiktok.workflow.publishing.knowledge import Place
from gcw_tiktok.workflow.publishing.preparing import Means
from gcw_tiktok.workflow.publishing.wanted import Wanted
from gcw_tiktok.workflow.storefronts import adding, listing_pictures
from gcw_tiktok.workflow.storefronts.adding import Adding
from gcw_tiktok.workflow.storefronts.jobs import Beat, Ended, Work
from gcw_tiktok.workflow.storefronts.portal import Portal

Tell = Callable[[int, int | None, str], None]
"""How far it is: done, of how many, and in words."""
COPY = "copy listing"
FOLLOW_SECONDS = 180
"""How long TikTok's review is followed; later anybody may look again."""
STATES = {
    PublicationState.WRITTEN: "It is not sent to TikTok yet.",
    PublicationState.SENDING: "It is on its way to TikTok.",
    PublicationState.DRAFT: "TikTok keeps it as a draft.",
    PublicationState.REVIEWING: "TikTok reviews it. Its variants are connected already.",
    PublicationState.ACTIVE: "It is on sale, and connected.",
    PublicationState.REJECTED: "TikTok rejected it.",
    PublicationState.REFUSED: "TikTok did not take it.",
    PublicationState.GONE: "It was deleted at TikTok.",
}


@dataclass(frozen=True)
class Problem:
    """Why a listing cannot be sent yet."""

    code: str
    sentence: str


def check_kind(adding_id: int) -> str:
    """The kind of the work that checks a listing."""
    return f"check listing {adding_id}"


def publish_kind(adding_id: int) -> str:
    """The kind of the work that publishes a listing."""
    return f"publish listing {adding_id}"


def copy(portal: Portal, person: Person, store: Store, other: Store, product_id: str) -> Work:
    """Begins a listing here as another store of the same customer has it."""

    def work(beat: Beat) -> Ended:
        must_be_connected(store)
        beat(0, None, f"Reading the listing of {other.name}")
        with portal.database.view() as view:
            found = copying.pattern(view, store, f"{other.shop_id}:{product_id}")
        given = copying.wanted_of(portal.client_for(found.store), found, portal.pictures)
        prints = {
            uid: {"uid": uid, "designs": [designs.as_kept(one) for one in pinned]}
            for uid, pinned in copying.pinned_of(found).items()
        }
        with portal.database.session() as session:
            title = "" if adding.is_taken(session, store, given["title"]) else given["title"]
            row = adding.add(session, portal, person, store, Wanted().with_changes(given | {"title": title}), prints)
        return Ended("The listing is here to be looked at.", facts={"publication": row.id})

    return work


def check(portal: Portal, person: Person, found: Adding) -> Work:
    """Looks for everything that speaks against a listing, fetches its designs, and draws its pictures."""

    def work(beat: Beat) -> Ended:
        warnings: list[str] = []
        means = _means(portal, person, found.store, beat, warnings.append)
        beat(0, None, "Fetching the designs")
        return _problems(lambda: _checked(portal, means, found, beat, warnings))

    return work


def publish(portal: Portal, person: Person, found: Adding) -> Work:
    """Sends a listing to TikTok once, connects its variants, and follows the review for a while."""

    def work(beat: Beat) -> Ended:
        warnings: list[str] = []
        means = _means(portal, person, found.store, beat, warnings.append)
        return _problems(lambda: _published(portal, means, found, beat, warnings))

    return work


def look(portal: Portal, person: Person, found: Adding) -> Publication:
    """The listing with what TikTok says of it now."""
    means = _means(portal, person, found.store, lambda done, total, words: None, lambda words: None)
    return following.settle(means, following.look(means, found.row))


def must_be_connected(store: Store) -> None:
    """`BadInput` where gcw may not act for the store."""
    if store.status != StoreStatus.CONNECTED:
        raise BadInput(f"{store.name} is not connected any more.", "Connect it again on the page of your stores.")


def _means(portal: Portal, person: Person, store: Store, tell: Tell, warn: Callable[[str], None]) -> Means:
    must_be_connected(store)
    return Means(
        database=portal.database,
        client=portal.client_for(store),
        store=store,
        act=portal.act(person),
        designs=portal.designs,
        allow_private=portal.allow_private,
        sleep=portal.reach.sleep,
        confirm=lambda way: True,  # whoever adds it has settled the category on a page
        warn=warn,
        say=lambda words: tell(0, None, words),
    )


def _problems(work: Callable[[], Ended]) -> Ended:
    """What the work comes to; where something speaks against the listing, each reason by itself."""
    try:
        return work()
    except Unfit as error:
        found = [Problem(code, sentence) for code, sentence, _ in error.found]
    except (BadInput, Refused) as error:
        found = [Problem(error.code, line) for line in str(error).splitlines()]
    unlike = list(dict.fromkeys(found))
    words = "1 thing is to be mended." if len(unlike) == 1 else f"{len(unlike)} things are to be mended."
    return Ended(words, facts={"problems": [vars(one) for one in unlike]})


def _checked(portal: Portal, means: Means, found: Adding, beat: Beat, warnings: list[str]) -> Ended:
    wanted = _with_pictures(portal, means, found)
    beat(0, None, "Asking TikTok what this category needs")
    prepared = preparing.prepare(means, wanted, _place(found), found.row.product_id, _before(found))
    return Ended(
        "Nothing speaks against it.",
        facts={"variants": prepared.variants(), "warnings": warnings, "category": list(prepared.place.way)},
    )


def _published(portal: Portal, means: Means, found: Adding, beat: Beat, warnings: list[str]) -> Ended:
    wanted = _with_pictures(portal, means, found).with_changes({"draft": False})
    beat(0, None, "Sending it to TikTok")
    row = sending.publish(means, wanted)
    beat(0, None, "Connecting its variants")
    row = following.settle(means, following.look(means, row))
    row = following.follow(means, row, FOLLOW_SECONDS, lambda row: beat(0, None, "TikTok reviews it"))
    return Ended(STATES[row.state], facts={"warnings": warnings})


def _place(found: Adding) -> Place | None:
    kept = found.row.plan["place"]
    return Place(kept["category"], tuple(kept["way"])) if kept["category"] else None


def _before(found: Adding) -> Mapping[str, Any]:
    return designs.kept_by_uid(found.row.plan["prints"])


def _with_pictures(portal: Portal, means: Means, found: Adding) -> Wanted:
    """The listing with pictures drawn from its designs, where it has none of its own."""
    if found.wanted.image and not all(map(listing_pictures.is_drawn, found.wanted.image)):
        return found.wanted
    uids = choices.chosen(found.product, found.wanted.variants, Complaints())
    given = designs.of_variants(found.wanted, found.product, uids, Complaints())
    files = _files(means, {source for one in given for source in one.values()})
    by_uid = {
        uid.uid: {area: files[source] for area, source in one.items() if source in files}
        for uid, one in zip(uids, given, strict=True)
    }
    placed = designs.placements(found.wanted, uids, Complaints())
    try:
        image = listing_pictures.draw(uids, by_uid, placed, portal.pictures)
    except GcwError:
        image = []  # what is wrong with the design, the check says
    adding.keep(portal, found, {"image": image}, typed=False)
    return found.wanted.with_changes({"image": image})


def _files(means: Means, wanted: set[str]) -> dict[str, Stored]:
    """The files of designs, as far as they can be had."""
    got = sources.gather(
        means.database,
        sorted(wanted),
        means.designs,
        means.act,
        allow_private=means.allow_private,
        sleep=means.sleep,
        dry_run=not all(map(pinning.is_address, wanted)),
    )
    return {source: one.given for source, one in got if one.given is not None}

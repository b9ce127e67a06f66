"""The category of a listing that is being added, and what TikTok asks of it there."""

from collections.abc import Sequence
from dataclasses import dataclass

from gcw_tiktok.errors import Refused
from gcw_tiktok.workflow.publishing import knowledge, texts
from gcw_tiktok.workflow.publishing.drafting import DAYS, MADE_TO_ORDER
from gcw_tiktok.workflow.publishing.knowledge import Knowledge, Place
from gcw_tiktok.workflow.storefronts import listing_work
from gcw_tiktok.workflow.storefronts.adding import Adding
from gcw_tiktok.workflow.storefronts.portal import Portal

MOST_FOUND = 20


@dataclass(frozen=True)
class Field:
    """An attribute as a form asks for it."""

    id: str
    name: str
    required: bool
    values: tuple[str, ...]
    free: bool
    """Whether a text of one's own is taken."""
    several: bool
    given: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What TikTok asks of a listing in its category."""

    fields: tuple[Field, ...]
    size_chart_required: bool
    size_chart_taken: bool
    certificates: tuple[str, ...]
    """What cannot be sent from here."""
    days: range
    """In how many business days a made-to-order product may be made; empty where the shop may not list one."""
    personal: tuple[str, ...]
    """Print areas that buyers may personalise."""


def recommended(portal: Portal, found: Adding) -> Place | None:
    """The category that TikTok recommends for the title and description; None where it recommends none."""
    listing_work.must_be_connected(found.store)
    client, title = portal.client_for(found.store), found.wanted.title.strip()
    try:
        return knowledge.recommended(client, title, texts.as_html(found.wanted.description), lambda way: True)
    except Refused:
        return None


def search(portal: Portal, found: Adding, words: str) -> list[Place]:
    """Categories by the words of their names."""
    listing_work.must_be_connected(found.store)
    return knowledge.search(portal.client_for(found.store), words, MOST_FOUND)


def settled(portal: Portal, found: Adding, category: str) -> dict[str, object]:
    """A chosen category as it is kept; `BadInput` or `Refused` where the shop may not list there."""
    listing_work.must_be_connected(found.store)
    place = knowledge.named(portal.client_for(found.store), category)
    return {"category": place.category, "way": list(place.way)}


def asked(portal: Portal, found: Adding) -> Asked:
    """What the settled category asks for."""
    listing_work.must_be_connected(found.store)
    kept = found.row.plan["place"]
    known = knowledge.about(portal.client_for(found.store), Place(kept["category"], tuple(kept["way"])))
    rules = known.rules
    return Asked(
        _fields(found, known),
        rules.size_chart.is_required,
        rules.size_chart.is_required or rules.size_chart.is_supported,
        tuple(one.name or "a certificate" for one in rules.product_certifications if one.is_required),
        DAYS if MADE_TO_ORDER in rules.allowed_special_product_types else range(0),
        tuple(area.name for area in found.areas() if area.personalise),
    )


def _fields(found: Adding, known: Knowledge) -> tuple[Field, ...]:
    """Attributes of the listing itself, those first that must be given."""
    given: dict[str, list[str]] = {}
    for text in found.wanted.attribute:
        name, _, value = text.partition("=")
        given.setdefault(name.strip().casefold(), []).append(value.strip())
    fields = [
        Field(
            one.id,
            one.name,
            one.is_required,
            tuple(value.name for value in one.values),
            one.is_customizable or not one.values,
            one.is_multiple_selection,
            tuple(given.get(one.id, []) + given.get(one.name.casefold(), [])),
        )
        for one in known.attributes
        if not one.of_variants
    ]
    return tuple(sorted(fields, key=lambda one: not one.required))


def attributes(fields: Sequence[Field], given: dict[str, list[str]]) -> list[str]:
    """What was filled in, in the words of the options."""
    return [f"{one.id}={value.strip()}" for one in fields for value in given.get(one.id, []) if value.strip()]

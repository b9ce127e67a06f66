"""What differs between TikTok's listings and ours; decided from values alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from gcw_tiktok.tiktok import listed

KINDS = ("new", "changed", "gone", "re-keyed")
"""What can become of a variant."""


@dataclass(frozen=True)
class RemoteListing:
    """A listing as TikTok has it now. `variants` is None where nothing changed since we last read it."""

    product_id: str
    title: str
    status: str
    updated_at: int
    variants: tuple[listed.Variant, ...] | None
    picture: str = ""
    trouble: str = ""
    """Why TikTok would not show it in full; then `variants` are as the search shows them, without choices."""


@dataclass(frozen=True, slots=True)
class KnownVariant:
    """A variant as we remember it."""

    sku_id: str
    seller_sku: str
    options: Mapping[str, str]
    price: Decimal | None
    currency: str
    gone: bool


@dataclass(slots=True)
class VariantChange:
    """One line of the report: what became of a variant."""

    kind: str
    """One of `KINDS`."""
    sku_id: str
    seller_sku: str
    title: str
    product_id: str = ""
    was: str = ""
    """The former SKU id of a re-keyed variant."""


Known = Mapping[str, Mapping[str, KnownVariant]]
"""Our variants by SKU id, under their product id."""


@dataclass
class Changes:
    """What a comparison found, and what is to be written."""

    listings: list[RemoteListing] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Product ids that TikTok no longer has."""
    variants: list[VariantChange] = field(default_factory=list)
    unchanged: int = 0

    def counts(self) -> dict[str, int]:
        """How many variants became what."""
        found = Counter(change.kind for change in self.variants)
        return {kind: found[kind] for kind in KINDS}


def compare(remote: Sequence[RemoteListing], known: Known) -> Changes:
    """What differs. A product that is known and that TikTok did not name is gone."""
    changes = Changes()
    for listing in remote:
        if listing.variants is None:
            changes.unchanged += 1
            continue
        changes.listings.append(listing)
        changes.variants += _compare_variants(listing.product_id, listing.variants, known.get(listing.product_id, {}))
    for product_id in sorted(set(known) - {listing.product_id for listing in remote}):
        living = [variant for variant in known[product_id].values() if not variant.gone]
        if living or not known[product_id]:
            changes.gone.append(product_id)
            changes.variants += [_gone(product_id, variant) for variant in living]
    return changes


def completed(listing: RemoteListing, known: Mapping[str, KnownVariant]) -> RemoteListing:
    """The listing with the choices and prices that we know, where TikTok would not show it in full."""
    if not listing.trouble or listing.variants is None:
        return listing
    return replace(
        listing,
        variants=tuple(
            one._replace(options=former.options, price=former.price) if (former := known.get(one.sku_id)) else one
            for one in listing.variants
        ),
    )


def _compare_variants(
    product_id: str, remote: Sequence[listed.Variant], known: Mapping[str, KnownVariant]
) -> list[VariantChange]:
    found = []
    present = {variant.sku_id for variant in remote}
    vanished = {one.sku_id: one for one in known.values() if not one.gone and one.sku_id not in present}
    for variant in remote:
        former = known.get(variant.sku_id)
        if former is None:
            was = _same_options(variant, remote, vanished.values()) if vanished else ""
            kind = "re-keyed" if was else "new"
            found.append(VariantChange(kind, variant.sku_id, variant.seller_sku, variant.title, product_id, was))
            vanished.pop(was, None)
        elif former.gone or not _alike(variant, former):
            found.append(VariantChange("changed", variant.sku_id, variant.seller_sku, variant.title, product_id))
    return found + [_gone(product_id, variant) for variant in vanished.values()]


def _same_options(variant: listed.Variant, remote: Sequence[listed.Variant], vanished: Iterable[KnownVariant]) -> str:
    """The SKU id of the only vanished variant with the same options; TikTok re-keys after edits. Nothing
    where it could be meant by another variant as well."""
    if not variant.options or sum(one.options == variant.options for one in remote) > 1:
        return ""
    twins = [old.sku_id for old in vanished if old.options == variant.options]
    return twins[0] if len(twins) == 1 else ""


def _alike(remote: listed.Variant, known: KnownVariant) -> bool:
    return (
        remote.seller_sku == known.seller_sku
        and remote.options == known.options
        and remote.price == known.price
        and remote.currency == known.currency
    )


def _gone(product_id: str, variant: KnownVariant) -> VariantChange:
    title = " / ".join(variant.options.values())
    return VariantChange("gone", variant.sku_id, variant.seller_sku, title, product_id)

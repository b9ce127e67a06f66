"""Finds the variants that the rows of a file name, in whichever store they are, and says why one is not found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from gcw_tiktok.store.listed import listed
from gcw_tiktok.store.tables import Store, Variant
from gcw_tiktok.workflow import cells, stores
from gcw_tiktok.workflow.bulk.columns import LINKS, VARIANT_ID
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.listings import many
from gcw_tiktok.workflow.listings.many import Standing, Variants

SAMPLE = 20
"""How many unknown ids are looked for in every store, to learn which stores a file is about."""


@dataclass
class Finder:
    """Looks variants up. It remembers which stores the file has been about, as most files are about one."""

    only: Store | None
    """The store that was named, if one was."""
    told_elsewhere: bool = True
    """Whether it may be told in which other store a variant is."""
    stores: dict[int, Store] = field(default_factory=dict)
    """Those that rows were found in, by number."""

    def find(self, session: Session, variant_ids: Iterable[str]) -> list[Variants]:
        """These variants, store by store."""
        left = list(dict.fromkeys(filter(None, variant_ids)))  # in the file's order, which mostly is that of the index
        if self.only is not None:
            self.stores = {self.only.id or 0: self.only}
        found: list[Variants] = []
        for store_id in self.stores:
            if left:
                found.append(many.find(session, store_id, left))
                numbers = found[-1].numbers
                left = [one for one in left if one not in numbers] if len(numbers) < len(left) else []
        if left and self.only is None and self._learn(session, left):
            found += self.find(session, left)
        return [variants for variants in found if variants.numbers]

    def _learn(self, session: Session, left: Sequence[str]) -> bool:
        """Whether some of these are in stores that the file was not about until now."""
        new = homes(session, left[:SAMPLE], except_for=self.stores)
        if not new and len(left) > SAMPLE:
            new = homes(session, left, except_for=self.stores)
        self.stores = self.stores | {store.id or 0: store for store in new.values()}
        return bool(new)

    def why_unknown(self, session: Session, rows: Sequence[tuple[str, str]]) -> list[str]:
        """For each variant id that was not found, with its row's SKU: what may be wrong with it."""
        elsewhere = homes(session, {variant_id for variant_id, _ in rows}) if self.only and self.told_elsewhere else {}
        by_sku = self._by_sku(session, {sku.strip() for _, sku in rows} - {""})
        return [_why(variant_id, sku.strip(), elsewhere.get(variant_id), by_sku) for variant_id, sku in rows]

    def _by_sku(self, session: Session, skus: set[str]) -> dict[str, list[str]]:
        """The living variants with these seller SKUs in the stores that the file is about, or else in any."""
        places = list(self.stores) or [store.id or 0 for store in stores.everyone(session)]
        query = select(Variant.seller_sku, Variant.sku_id).where(
            col(Variant.store_id).in_(places),
            col(Variant.seller_sku).in_(listed(session, skus)),
            col(Variant.gone_at).is_(None),
        )
        found: dict[str, list[str]] = {}
        for sku, sku_id in session.exec(query).all():
            found.setdefault(sku, []).append(sku_id)
        return found


def as_told(standing: Standing) -> Standing:
    """The same as a customer reads it: an uploaded file by its name, wherever it lies on this machine."""
    return standing._replace(sources={area: told(source) for area, source in standing.sources.items()})


def told(source: str) -> str:
    """Where a design comes from, as a customer reads it."""
    return source if source.lower().startswith(LINKS) else f"uploaded: {pinning.name_of(source)}"


def homes(session: Session, variant_ids: Iterable[str], except_for: Iterable[int] = ()) -> dict[str, Store]:
    """The stores that these variants are in, by variant id."""
    known = {store.id or 0: store for store in stores.everyone(session)}
    places = list(known.keys() - set(except_for))
    query = select(Variant.sku_id, Variant.store_id).where(
        col(Variant.store_id).in_(places), col(Variant.sku_id).in_(listed(session, list(variant_ids)))
    )
    return {sku_id: known[store_id] for sku_id, store_id in session.exec(query).all()}


def _why(variant_id: str, sku: str, elsewhere: Store | None, by_sku: Mapping[str, Sequence[str]]) -> str:
    same = by_sku.get(cells.restored(sku), ())
    instead = f" By its SKU {sku} it is {same[0]}." if len(same) == 1 else ""
    if not variant_id:
        return f"The {VARIANT_ID} is missing.{instead}"
    if elsewhere is not None:
        return f"{variant_id} belongs to another store, {elsewhere.name}."
    if cells.shortened(variant_id):
        return (
            f"No store has a variant {variant_id}: a spreadsheet has shortened the id.{instead} "
            "Format the column as text before you fill it in, or export the file again."
        )
    return f"No store has a variant {variant_id}.{instead} Has the store been synced since it was listed?"

"""Connections as a file under version control: what it says, and how the database's are written as one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session

from gcw_tiktok.store.tables import IgnoreScope, Store
from gcw_tiktok.workflow.catalog import marked_yaml
from gcw_tiktok.workflow.catalog.marked_yaml import Fields, Value
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.listings import connections, gathering, ignoring
from gcw_tiktok.workflow.listings.connections import Pinned, VariantView

HEAD = """\
# What the variants of these stores print. A variant has a `uid` with its designs, or `ignore` with the reason why it is
# not printed here; with neither it prints nothing. See what a change would do: gcw connections plan FILE
"""
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class DesignEntry:
    """A file for one print area."""

    source: str
    """An address, or a path that goes from here."""
    sha256: str
    """Which file it must be; empty where whatever is there is meant."""
    placement: Placement | None
    value: Value = field(compare=False, repr=False)


@dataclass(frozen=True)
class VariantEntry:
    """What one variant prints, that it is ignored, or neither."""

    sku_id: str
    seller_sku: str
    uid: str
    designs: Mapping[str, DesignEntry]
    ignore: str | None
    """The reason, which may be empty."""
    fields: Fields = field(compare=False, repr=False)


@dataclass(frozen=True)
class ListingEntry:
    """A listing and those of its variants that the file speaks of."""

    product_id: str
    title: str
    ignore: str | None
    variants: Sequence[VariantEntry]
    fields: Fields = field(compare=False, repr=False)


@dataclass(frozen=True)
class StoreEntry:
    """A store, by its id at TikTok or its name."""

    wanted: str
    listings: Sequence[ListingEntry]
    fields: Fields = field(compare=False, repr=False)


@dataclass(frozen=True)
class ConnectionFile:
    """A whole file. Faults gather in `value.faults` until somebody raises them together."""

    name: str
    stores: Sequence[StoreEntry]
    value: Value = field(compare=False, repr=False)


def read(text: str, name: str) -> ConnectionFile:
    """What the file says; `BadInput` at once where it is no YAML, else once all faults are known."""
    value = marked_yaml.read(text, name)
    fields = value.fields("stores")
    if not fields.get("stores"):
        value.fault('"stores" is missing')
    folder = "" if name == "-" else name
    return ConnectionFile(name, [_store(item, folder) for item in fields.items("stores")], value)


def write(session: Session, stores: Sequence[Store], folder: Path | None, *, everything: bool) -> dict[str, Any]:
    """What these stores' variants print, in an order that stays. Paths within `folder` go from there. With
    `everything`, variants that nobody has decided about are in it too."""
    told = sorted(stores, key=lambda store: (store.name, store.shop_id))
    return {"stores": [_store_told(session, store, folder, everything=everything) for store in told]}


def as_yaml(told: Mapping[str, Any]) -> str:
    """Such a file's text."""
    body: str = yaml.dump(told, Dumper=DUMPER, sort_keys=False, allow_unicode=True, width=1000)
    return HEAD + body


def _store(value: Value, file: str) -> StoreEntry:
    fields = value.fields("store", "shop_id", "listings")
    wanted = fields.text("shop_id") or fields.text("store")
    if not wanted:
        value.fault('"store" or "shop_id" is missing')
    return StoreEntry(wanted, [_listing(item, file) for item in fields.items("listings")], fields)


def _listing(value: Value, file: str) -> ListingEntry:
    fields = value.fields("listing", "product_id", "ignore", "variants")
    return ListingEntry(
        product_id=fields.text("product_id"),
        title=_as_it_is(fields, "listing"),
        ignore=ignore(fields),
        variants=[_variant(item, file) for item in fields.items("variants")],
        fields=fields,
    )


def _variant(value: Value, file: str) -> VariantEntry:
    fields = value.fields("sku_id", "seller_sku", "variant", "uid", "designs", "ignore")
    entry = VariantEntry(
        sku_id=fields.text("sku_id"),
        seller_sku=_as_it_is(fields, "seller_sku"),
        uid=fields.text("uid"),
        designs={area: design(one, file) for area, one in fields.entries("designs").items()},
        ignore=ignore(fields),
        fields=fields,
    )
    if not entry.sku_id and not entry.seller_sku:
        value.fault('"sku_id" or "seller_sku" is missing')
    if entry.uid and entry.ignore is not None:
        value.fault('"uid" and "ignore" exclude each other')
    if entry.designs and not entry.uid:
        value.fault('"designs" need a "uid"')
    return entry


def design(value: Value, file: str) -> DesignEntry:
    """A file for a print area: its path from the folder of `file`, or address, alone or with what is known of it."""
    if isinstance(value.node, yaml.ScalarNode):
        return DesignEntry(gathering.beside(file, value.exact()), "", None, value)
    fields = value.fields("source", "sha256", "placement")
    fields.required("source")
    source = fields.at("source").exact() if fields.get("source") else ""
    sha256 = fields.text("sha256").lower()
    if sha256 and (len(sha256) != 64 or set(sha256) - set("0123456789abcdef")):
        fields.at("sha256").fault("a SHA-256 has 64 digits from 0 to f")
    return DesignEntry(gathering.beside(file, source), sha256, _placement(fields), value)


def _placement(fields: Fields) -> Placement | None:
    value = fields.get("placement")
    if value is None:
        return None
    given = value.fields("mode", "scale", "x_mm", "y_mm", "rotate")
    mode = given.text("mode") or "fit"
    if mode not in ("fit", "fill"):
        given.at("mode").fault("is fit or fill")
    rotate = given.number("rotate", 0)
    if rotate not in (0, 90, 180, 270):
        given.at("rotate").fault("is 0, 90, 180 or 270")
    scale = given.number("scale", 1.0)
    if not scale:
        given.at("scale").fault("must be more than zero")
    shifts = {name: _signed(given, name) for name in ("x_mm", "y_mm")}
    return Placement("fill" if mode == "fill" else "fit", scale, shifts["x_mm"], shifts["y_mm"], int(rotate))


def _signed(fields: Fields, name: str) -> float:
    try:
        return float(fields.text(name) or 0)
    except ValueError:
        fields.at(name).fault("expected a number of millimetres")
        return 0.0


def _as_it_is(fields: Fields, name: str) -> str:
    """What TikTok calls something, whatever characters are in it."""
    value = fields.get(name)
    return str(value.node.value) if value and isinstance(value.node, yaml.ScalarNode) else ""


def ignore(fields: Fields) -> str | None:
    """The reason; `true` stands for an ignore without one, and `false` for none."""
    value = fields.get("ignore")
    if value is None:
        return None
    if isinstance(value.node, yaml.ScalarNode) and value.node.tag.endswith(":bool"):
        return "" if value.flag() else None
    return value.text()


def _store_told(session: Session, store: Store, folder: Path | None, *, everything: bool) -> dict[str, Any]:
    views = connections.views(session, store)
    designs = connections.pinned_of(session, [one.decision.connection_id for one in views if one.decision])
    places = {(IgnoreScope.LISTING, one.listing.product_id) for one in views}
    ignored = {subject: row.why for (_, subject), row in ignoring.current(session, store.id or 0, places).items()}
    listings: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for view in sorted(views, key=_place):
        found = listings.setdefault((view.listing.title, view.listing.product_id), [])
        found += _told(view, designs, folder, everything=everything)
    return {
        "store": store.name,
        "shop_id": store.shop_id,
        "listings": [
            {
                "listing": title,
                "product_id": product_id,
                **({"ignore": ignored[product_id] or True} if product_id in ignored else {}),
                "variants": variants,
            }
            for (title, product_id), variants in listings.items()
            if variants or product_id in ignored
        ],
    }


def _place(view: VariantView) -> tuple[str, ...]:
    return view.listing.title, view.listing.product_id, view.variant.seller_sku, view.variant.sku_id


def _told(
    view: VariantView, designs: Mapping[int, Sequence[Pinned]], folder: Path | None, *, everything: bool
) -> Iterator[dict[str, Any]]:
    variant = view.variant
    told: dict[str, Any] = {"sku_id": variant.sku_id}
    if variant.seller_sku:
        told["seller_sku"] = variant.seller_sku
    if variant.options:
        told["variant"] = " / ".join(variant.options.values())
    if view.decision:
        files = {one.area: _file(one, folder) for one in designs.get(view.decision.connection_id, ())}
        yield told | {"uid": view.decision.product_uid} | ({"designs": files} if files else {})
    elif view.ignored and view.ignored.scope == IgnoreScope.VARIANT:
        yield told | {"ignore": view.ignored.why or True}
    elif everything:
        yield told


def _file(one: Pinned, folder: Path | None) -> dict[str, Any]:
    told: dict[str, Any] = {"source": _from(folder, one.source), "sha256": one.sha256}
    return told | ({"placement": one.placement.as_json()} if one.placement else {})


def _from(folder: Path | None, source: str) -> str:
    """A path as it goes from the folder that the file lies in, where it leads no higher."""
    if pinning.is_address(source) or source.startswith("~"):
        return source
    whole, base = Path(source).resolve(), (folder or Path()).resolve()
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else str(whole)

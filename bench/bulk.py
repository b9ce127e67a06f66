"""The world of a bulk import: a store of very many variants, and designs that were fetched already.

`python bench/bulk.py import HOME` is a child that times the import alone; what it needs is loaded before the clock
starts. `python bench/bulk.py make HOME VARIANTS` makes the world, in a process of its own: a child's memory at the
highest counts from what its parent had.
"""

import csv
import hashlib
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import configure_mappers

from gcw_tiktok.store.database import Database
from gcw_tiktok.store.tables import (
    Authorization,
    Customer,
    CustomerProduct,
    Design,
    DesignSource,
    Facility,
    Listing,
    ProductModel,
    ProductUid,
    Store,
    Variant,
)
from gcw_tiktok.workflow.designs import files

POSTER = Path(__file__).parent.parent / "examples" / "designs" / "harbor-poster-18x24.pdf"
DESIGNS, VARIANTS_A_LISTING = 1_000, 10
UID = "flat_product_pf_18x24-inch_pt_200-gsm-coated-matte_cl_4-0_ver"
NOW = int(time.time())


def profile(home: Path) -> Path:
    return home / "profiles" / "default"


def make(home: Path, variants: int) -> None:
    """The database before the import, kept beside the one in use, and the file that connects all of it."""
    folder = profile(home) / "designs"
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{profile(home) / 'empty.db'}")
    with database.session() as session:
        for rows in _before(variants):
            for row in rows:
                session.add(row)
            session.flush()
        for number in range(DESIGNS):
            design = _design(folder, number)
            session.add(design)
            session.flush()
            session.add(DesignSource(address=_address(number), sha256=design.sha256, asked_at=NOW))
        session.connection().execute(insert(Listing), list(_listings(variants)))
        session.connection().execute(insert(Variant), list(_variants(variants)))
    database.close()
    with (home / "filled.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        names = ("Store Product ID", "Product Title", "Store Variant ID", "Variant Title", "SKU", "Connection Status")
        writer.writerow([*names, "Product UID", "Design File URL"])
        for number in range(variants):
            listing = number // VARIANTS_A_LISTING
            given = (f"1729{listing:015}", _title(listing), f"1731{number:015}", "18x24 in / matte")
            state = ("not_connected", UID, _address(number % DESIGNS))
            writer.writerow([*given, f"HARBOR-{number:07}", *state])


def empty(home: Path) -> None:
    """Puts the database back to what it was before the import."""
    for leftover in profile(home).glob("gcw.db*"):
        leftover.unlink()
    shutil.copy(profile(home) / "empty.db", profile(home) / "gcw.db")


def import_(home: Path) -> None:
    """The import alone: what it needs is loaded before the clock starts."""
    import gc

    import inside

    from gcw_tiktok.cli import START_UP_OBJECTS
    from gcw_tiktok.workflow.bulk import importing
    from gcw_tiktok.workflow.history import Act

    configure_mappers()  # SQLAlchemy's own part of starting up
    database = Database(f"sqlite:///{profile(home) / 'gcw.db'}")
    ways = importing.Ways("filled.csv")

    @contextmanager
    def bar(words: str) -> Iterator[object]:
        yield lambda done, total=None: None

    gc.set_threshold(START_UP_OBJECTS)  # as in `gcw` itself
    gc.freeze()
    with inside.timed():
        summary = importing.run(
            database,
            Act("bench", NOW),
            home / "filled.csv",
            profile(home) / "designs",
            ways,
            result=home / "filled.result.csv",
            bar=bar,  # type: ignore[arg-type]
            say=lambda words: None,
            stopping=threading.Event(),
        )
    database.close()
    if summary.as_counts()["connected"] != summary.rows:
        raise SystemExit(f"Not all was connected: {summary.as_counts()} {summary.failed[:1]}")


def _before(variants: int) -> Iterator[list[object]]:
    area = {"name": "default", "required": True, "width_mm": 457.2, "height_mm": 609.6, "bleed_mm": 3.175}
    yield [Facility(id=1, name="Main", hand_off="folder:/tmp", created_at=NOW)]
    yield [Customer(id=1, name="Harbor", storefronts=True, created_at=NOW)]
    yield [
        Authorization(
            id=1, open_id="o", api_url="http://none", access_expires_at=NOW, refresh_expires_at=NOW, granted_at=NOW
        )
    ]
    yield [
        Store(
            id=1,
            shop_id="7495000000000000001",
            name="Harbor",
            code="USLC000001",
            cipher="c",
            customer_id=1,
            facility_id=1,
            authorization_id=1,
            connected_at=NOW,
            orders_cursor=NOW,
            synced_at=NOW,
        )
    ]
    yield [ProductModel(id=1, name="Poster", print_areas=[area | {"min_dpi": 150, "formats": ["pdf", "png"]}])]
    yield [CustomerProduct(id=1, name="Poster", model_id=1, all_customers=True)]
    yield [ProductUid(uid=UID, product_id=1)]


def _design(folder: Path, number: int) -> Design:
    content = POSTER.read_bytes() + f"\n% {number}\n".encode()
    digest = hashlib.sha256(content).hexdigest()
    (folder / f"{digest}.pdf").write_bytes(content)
    facts = files.inspect(POSTER)
    return Design(
        sha256=digest,
        media_type=facts.media_type,
        size=len(content),
        width=facts.width,
        height=facts.height,
        pages=facts.pages,
        facts=facts.as_json(),
        pinned_at=NOW,
    )


def _address(number: int) -> str:
    return f"https://designs.example.com/harbor/evening-{number:04}.pdf"


def _title(listing: int) -> str:
    return f"Harbor Poster no. {listing}, evening light"


def _listings(variants: int) -> Iterator[dict[str, object]]:
    for number in range(-(-variants // VARIANTS_A_LISTING)):
        facts = {"product_id": f"1729{number:015}", "title": _title(number), "status": "ACTIVATE", "updated_at": NOW}
        yield {"id": number + 1, "store_id": 1, **facts}


def _variants(variants: int) -> Iterator[dict[str, object]]:
    for number in range(variants):
        facts = {"sku_id": f"1731{number:015}", "seller_sku": f"HARBOR-{number:07}", "currency": "USD"}
        options = {"Size": "18x24 in", "Paper": "matte"}
        yield {"store_id": 1, "listing_id": number // VARIANTS_A_LISTING + 1, "options": options, **facts}


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        import_(Path(sys.argv[2]))

"""Bulk operations of the pages: a store's variants as a file to fill in, and a filled one read in as work."""

import logging
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from sqlmodel import Session, col, func, select

from gcw_tiktok.errors import BadInput, GcwError, SetupMissing
from gcw_tiktok.store.tables import Job, Person, Store, Variant
from gcw_tiktok.workflow import spreadsheets
from gcw_tiktok.workflow.bulk import exporting, importing, telling
from gcw_tiktok.workflow.bulk.columns import UID
from gcw_tiktok.workflow.bulk.importing import Ways
from gcw_tiktok.workflow.bulk.results import Summary
from gcw_tiktok.workflow.catalog import offer
from gcw_tiktok.workflow.storefronts.jobs import Beat, Ended, Work
from gcw_tiktok.workflow.storefronts.portal import Portal

Tell = Callable[[int, int | None, str], None]
"""How far it is: done, of how many, and in words."""
IMPORT, EXPORT = "bulk import", "bulk export"
"""The kinds of work."""
AT_ONCE = {".csv": 20_000, spreadsheets.EXCEL: 2_000}
"""Variants that are written while the reader waits, by kind of file; more are work that goes on."""
UID_HEADER = ("Product", "Variant", UID, "Print areas")
WAYS = ("all_or_nothing", "accept_changed", "mail")
"""What is asked of an import beside its file."""
MOST_SHOWN = 25
"""Rows that a page tells one by one; the file has all."""
RATE_AFTER_SECONDS = 2.0
ONLY_LINKS = "Put the file where a link that begins with https:// answers with the file itself."
NOT_FOR_PAGES = re.compile(r"gcw |(^|\s)--\w")
PATHS = re.compile(r"\bpath\b")
HINTS = {
    "no_address": ONLY_LINKS,
    "bad_columns": "Download the file of this store, and fill that in.",
    "design_changed": "To print the new file, import again with the new file accepted.",
}
"""The way on for a person at a page, by the error's code."""


@dataclass(frozen=True)
class Asked:
    """How a person wants a file to be read in."""

    name: str
    """What the file is called where it comes from."""
    dry_run: bool = False
    all_or_nothing: bool = False
    accept_changed: bool = False
    mail: bool = False


def size(session: Session, store: Store) -> int:
    """How many variants a store has."""
    mine = (Variant.store_id == store.id, col(Variant.gone_at).is_(None))
    return session.exec(select(func.count()).select_from(Variant).where(*mine)).one()


def mailing(portal: Portal) -> bool:
    """Whether results can be sent by mail."""
    try:
        portal.post_office()
    except SetupMissing:
        return False
    return True


def written(portal: Portal, store: Store, ending: str, only_not_connected: bool, tell: Tell) -> Ended:
    """A store's variants in a file to fill in. Uploaded designs are told by their names."""
    with tempfile.TemporaryDirectory(prefix="gcw-") as folder, portal.database.view() as session:
        sheet = exporting.sheet(session, store)
        path = Path(folder) / f"{_slug(store.name)}{'-not-connected' if only_not_connected else ''}{ending}"
        rows = 0
        with spreadsheets.replacing(path, sheet.header, fill=sheet.fill) as writer:
            for columns in exporting.chunks(session, sheet, not_connected=only_not_connected, for_customer=True):
                writer.write(columns)
                rows += len(columns[0])
                tell(rows, sheet.variants, f"{rows:,} of {sheet.variants:,} variants written")
        return Ended(f"{rows:,} variants", path.read_bytes(), path.name, {"rows": rows})


def uids(session: Session, store: Store) -> bytes:
    """What a store's customer may order as CSV, one row for each product UID."""
    rows = [
        [product.name, ", ".join(one.values.values()), one.uid, ", ".join(area.name for area in one.areas)]
        for product in offer.orderable(session, store.customer_id)
        for one in product.uids
    ]
    with tempfile.TemporaryDirectory(prefix="gcw-") as folder:
        path = Path(folder) / "uids.csv"
        with spreadsheets.replacing(path, UID_HEADER) as writer:
            writer.write([list(column) for column in zip(*rows, strict=True)])
        return path.read_bytes()


def import_(portal: Portal, person: Person, store: Store, file: Path, asked: Asked) -> Work:
    """Connects variants as an uploaded file says, as `gcw bulk import` does; the file is removed at the end.

    Designs are taken from links alone: no path on this machine, whoever asks.
    """

    def work(beat: Beat) -> Ended:
        try:
            with tempfile.TemporaryDirectory(prefix="gcw-") as folder:
                return _run(portal, person, _ways(portal, store, asked), file, Path(folder), asked, beat)
        except BadInput as error:
            named = str(error).replace(str(file), asked.name).replace(file.name, asked.name)
            raise BadInput(f"{asked.name}: {named}", _hint(error), code=error.code) from error
        finally:
            file.unlink(missing_ok=True)

    return work


def checked(portal: Portal, person: Person, store: Store, job: Job) -> Work:
    """Connects what a check has looked through, in the same way. Its result has all that the file had."""
    ways = job.facts.get("ways", {})
    asked = Asked(job.facts["name"], dry_run=False, **{name: bool(ways.get(name)) for name in WAYS})

    def work(beat: Beat) -> Ended:
        with portal.database.view() as session:
            content = session.exec(select(Job.file).where(Job.id == job.id)).first()
        if content is None:
            raise BadInput("That check is not kept any more.", "Upload the file again.")
        with tempfile.NamedTemporaryFile(
            prefix="gcw-checked-", suffix=Path(job.file_name).suffix, delete=False
        ) as kept:
            kept.write(content)
        return import_(portal, person, store, Path(kept.name), asked)(beat)

    return work


def in_words(error: GcwError) -> str:
    """An error as a row of the result says it to a person at a page."""
    return f"{error} {_hint(error)}".strip()


def _hint(error: GcwError) -> str:
    hint = HINTS.get(error.code, error.hint)
    if PATHS.search(hint):
        return ONLY_LINKS
    return "" if NOT_FOR_PAGES.search(hint) else hint


def _ways(portal: Portal, store: Store, asked: Asked) -> Ways:
    return Ways(
        name=asked.name,
        store=store,
        dry_run=asked.dry_run,
        all_or_nothing=asked.all_or_nothing,
        accept_changed=asked.accept_changed,
        local_files=False,
        allow_private=portal.allow_private,
        for_customer=True,
        words=in_words,
    )


def _run(portal: Portal, person: Person, ways: Ways, file: Path, folder: Path, asked: Asked, beat: Beat) -> Ended:
    notes: list[str] = []
    result = folder / f"{_slug(Path(asked.name).stem)}.result{file.suffix}"
    summary = importing.run(
        portal.database,
        portal.act(person),
        file,
        portal.designs,
        ways,
        result=result,
        bar=_Bars(beat, quiet_at_the_end=ways.all_or_nothing and not ways.dry_run),
        say=notes.append,
        stopping=Event(),
    )
    facts = _facts(summary, asked, notes) | {"mail": _mail(portal, person, ways, summary, result) if asked.mail else ""}
    return Ended(_told(summary, asked), result.read_bytes(), result.name, facts)


class _Bars:
    """Tells a job's beat how far the import is."""

    def __init__(self, beat: Beat, *, quiet_at_the_end: bool) -> None:
        """`quiet_at_the_end`: the second time through the file everything is written in one transaction, beside
        which nothing else can be."""
        self._beat, self._quiet, self._passes = beat, quiet_at_the_end, 0

    @contextmanager
    def __call__(self, words: str) -> Iterator[Callable[[int, int | None], None]]:
        self._passes += words == "Rows"
        began = time.monotonic()

        def progress(done: int, total: int | None) -> None:
            if not (self._quiet and self._passes > 1):
                self._beat(done, total, f"{words}: {_far(done, total)}{_rate(done, time.monotonic() - began)}")

        yield progress


def _far(done: int, total: int | None) -> str:
    return f"{done:,} of {total:,}" if total else f"{done:,}"


def _rate(done: int, seconds: float) -> str:
    return f", {done / seconds:,.0f} a second" if seconds >= RATE_AFTER_SECONDS and done else ""


def _facts(summary: Summary, asked: Asked, notes: list[str]) -> dict[str, Any]:
    return {
        "name": asked.name,
        "dry_run": asked.dry_run,
        "ways": {name: getattr(asked, name) for name in WAYS},
        "counts": summary.as_counts(),
        "warned": summary.warned,
        "failed": summary.failed[:MOST_SHOWN],
        "changes": summary.changes[:MOST_SHOWN],
        "notes": notes,
    }


def _told(summary: Summary, asked: Asked) -> str:
    counts = summary.as_counts()
    failed = f"{counts['failed']:,} failed"
    if asked.all_or_nothing and counts["failed"]:
        return f"{asked.name}: nothing connected, since {failed}."
    did = "would be connected" if asked.dry_run else "connected"
    return f"{asked.name}: {counts['connected']:,} {did}, {counts['unchanged']:,} as they were, {failed}."


def _mail(portal: Portal, person: Person, ways: Ways, summary: Summary, result: Path) -> str:
    """What to say of the mail."""
    try:
        telling.mail(portal.post_office(), person.email, ways, summary, result, portal.now())
    except SetupMissing:
        return "No mail was sent: your print provider has not set up mail."
    except GcwError as error:
        logging.getLogger(__name__).warning("The result of an import could not be mailed: %s", error)
        return f"The mail to {person.email} could not be sent. The file is here all the same."
    return f"A mail went to {person.email}."


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "file"

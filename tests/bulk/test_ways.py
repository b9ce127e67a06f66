"""The ways to import a file: dry, whole or not at all, with changed files, interrupted, by mail."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from bulk.conftest import (
    DESIGN,
    GLOSSY,
    ID,
    POSTER,
    PRODUCT_UID,
    STORE,
    UID,
    Host,
    counts,
    exported,
    filled,
    read,
    remembered,
    write,
)
from conftest import Gcw
from gcw_tiktok.store.database import Database
from gcw_tiktok.workflow import stores
from gcw_tiktok.workflow.bulk import importing
from gcw_tiktok.workflow.designs import pinning, sources
from gcw_tiktok.workflow.history import Act
from gcw_tiktok.workflow.listings import connections
from postbox import Postbox, Server


def test_a_dry_run_tells_the_exact_changes_and_makes_none(shop: Gcw, host: Host, database_url: str) -> None:
    first, second = host.put("one.pdf"), host.put("two.pdf", POSTER + b"\n% two\n")
    rows = filled(exported(shop), first, count=2)
    shop("bulk", "import", write(rows))
    before = remembered(database_url)
    rows = filled(rows, second, GLOSSY, count=3)
    rows[1] |= {PRODUCT_UID: UID, DESIGN: first}
    told = shop("bulk", "import", write(rows), "--dry-run", "--json", "--result", "dry.csv").json
    assert counts(told) == (2, 1, len(rows) - 3, 0)
    assert told["changes"] == [
        {
            "row": 2,
            "variant_id": rows[0][ID],
            "was": f"{UID} (default: {first})",
            "will_be": f"{GLOSSY} (default: {second})",
        },
        {"row": 4, "variant_id": rows[2][ID], "was": "not connected", "will_be": f"{GLOSSY} (default: {second})"},
    ]
    result = read("dry.csv")
    assert [row["Status"] for row in result[:4]] == ["to connect", "unchanged", "to connect", "skipped"]
    assert result[2]["Message"] == f"not connected -> {GLOSSY} (default: {second})"
    tied, designs_of, _, events = remembered(database_url)
    assert [tied, designs_of, events] == [before[0], before[1], before[3]], "only the design itself was kept"
    ran = shop("bulk", "import", write(rows), "--dry-run")
    assert "Nothing was connected (--dry-run)" in ran.stderr
    assert "not connected" in ran.stdout
    assert not Path("filled.result.2.csv").exists()
    asked = list(host.asked)
    assert counts(shop("bulk", "import", write(rows), "--json").json) == (2, 1, len(rows) - 3, 0)
    assert host.asked == asked, "what the dry run fetched is not fetched again"


def test_all_or_nothing_writes_nothing_when_a_row_fails(
    shop: Gcw, host: Host, database_url: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 2)
    rows = filled(exported(shop), host.put("a.pdf"))
    rows[-1][PRODUCT_UID] = "wrong"
    before = remembered(database_url)
    ran = shop.fails(4, "bulk", "import", write(rows), "--all-or-nothing")
    assert "nothing was connected" in ran.stderr
    tied, designs_of, _, events = remembered(database_url)
    assert [tied, designs_of, events] == [before[0], before[1], before[3]]
    result = read("filled.result.csv")
    assert [row["Status"] for row in result] == ["skipped"] * (len(rows) - 1) + ["failed"]
    assert "all or nothing" in result[0]["Message"]
    rows[-1][PRODUCT_UID] = UID
    told = shop("bulk", "import", write(rows), "--all-or-nothing", "--json").json
    assert counts(told) == (len(rows), 0, 0, 0)
    assert len(remembered(database_url)[0]) == len(rows)


def test_with_chunks_of_any_size_it_comes_to_the_same(shop: Gcw, host: Host, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 3)
    rows = filled(exported(shop), host.put("a.pdf"))
    rows.append(rows[0] | {PRODUCT_UID: GLOSSY})
    rows.insert(5, rows[5] | {PRODUCT_UID: "wrong"})
    told = shop.fails(7, "bulk", "import", write(rows), "--json").json
    assert counts(told) == (len(rows) - 3, 0, 0, 3)
    by_row = {one["row"]: one["message"] for one in told["failed_rows"]}
    assert by_row[len(rows) + 1] == "Row 2 names the same variant; keep one of the two."
    assert by_row[8] == "Row 7 names the same variant; keep one of the two."


def test_what_comes_before_a_row_that_cannot_be_read_is_connected(
    shop: Gcw, host: Host, database_url: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 4)
    rows = filled(exported(shop)[:13], host.put("a.pdf"))
    rows[12]["Product Title"] = "endless " * 100_000
    ran = shop.fails(4, "bulk", "import", write(rows))
    assert "The file cannot be read: field larger than field limit" in ran.stderr.replace("\n", " ")
    assert len(remembered(database_url)[0]) == 11, "three groups; the header counts in the first"


def test_interrupted_it_goes_on_where_it_was(shop: Gcw, host: Host, database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "ROWS_AT_ONCE", 4)
    rows = exported(shop)
    assert len(rows) > 12
    for number, row in enumerate(rows):
        row |= {PRODUCT_UID: UID, DESIGN: host.put(f"{number}.pdf", POSTER + f"\n% {number}\n".encode())}
    really = sources.gather

    def stop_at_the_tenth(*given: Any, **more: Any) -> Any:
        for source, got in really(*given, **more):
            yield source, got
            if len(host.asked) >= 10:
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sources, "gather", stop_at_the_tenth)
        shop.fails(130, "bulk", "import", write(rows))
    done = len(remembered(database_url)[0])
    assert done == 7, "the groups that were complete are connected; the header counts in the first"
    assert not list(Path().glob("*result*")), "and nothing half of it lies around"
    assert not list(Path().glob(".*result*"))
    asked = len(host.asked)
    told = shop("bulk", "import", write(rows), "--json").json
    assert counts(told) == (len(rows) - done, done, 0, 0)
    assert len(host.asked) <= len(rows) + 8, "what was fetched is not fetched again"
    assert asked >= 10
    assert exported(shop, "after.csv") == [row | {"Connection Status": "connected"} for row in rows]


def test_killed_it_goes_on_where_it_was(shop: Gcw, host: Host, database_url: str) -> None:
    rows = exported(shop)
    for number, row in enumerate(rows):
        row |= {PRODUCT_UID: UID, DESIGN: host.put(f"{number}.pdf", POSTER + f"\n% {number}\n".encode())}
    running = subprocess.Popen(
        [sys.executable, "-m", "gcw_tiktok", "bulk", "import", str(write(rows))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def kill_at_the_tenth(name: str) -> None:
        if len(host.asked) >= 10:
            running.kill()

    host.before = kill_at_the_tenth
    assert running.wait(timeout=60) == -signal.SIGKILL
    assert remembered(database_url)[0] == [], "nothing of a group whose designs are not all there"
    assert not Path("filled.result.csv").exists()
    host.before = lambda name: None
    told = shop("bulk", "import", write(rows), "--json").json
    assert counts(told) == (len(rows), 0, 0, 0)
    assert exported(shop, "after.csv") == [row | {"Connection Status": "connected"} for row in rows]
    assert counts(shop("bulk", "import", write(rows), "--json").json) == (0, len(rows), 0, 0)


def test_a_file_that_changed_at_its_address_is_used_when_that_is_said(shop: Gcw, host: Host) -> None:
    address = host.put("a.pdf")
    rows = filled(exported(shop), address, count=2)
    shop("bulk", "import", write(rows[:1]))
    shop.offset = 3 * 86_400
    host.put("a.pdf", POSTER + b"\n% another\n")
    told = shop.fails(7, "bulk", "import", write(rows[:2]), "--json").json
    assert counts(told) == (0, 1, 0, 1)
    assert "--accept-changed" in told["failed_rows"][0]["message"]
    told = shop("bulk", "import", write(rows[:2]), "--accept-changed", "--json").json
    assert counts(told) == (2, 0, 0, 0)
    told = shop("bulk", "import", write(rows[:2]), "--accept-changed", "--json").json
    assert counts(told) == (0, 2, 0, 0)


def test_a_design_that_was_mended_at_its_address_is_asked_again(shop: Gcw, host: Host) -> None:
    address = host.put("a.pdf", b"%PDF-1.4 and nothing more")
    rows = filled(exported(shop)[:1], address)
    shop.fails(7, "bulk", "import", write(rows))
    small = Path("small.png")
    from PIL import Image

    Image.new("RGB", (90, 120)).save(small)
    address = host.put("b.png", small.read_bytes())
    rows = filled(exported(shop)[:1], address)
    told = shop.fails(7, "bulk", "import", write(rows), "--json").json
    assert "Too coarse" in told["failed_rows"][0]["message"]
    Image.new("RGB", (2738, 3638)).save(small)
    host.put("b.png", small.read_bytes())
    assert counts(shop("bulk", "import", write(rows), "--json").json) == (1, 0, 0, 0)


def test_local_files_when_that_is_said(shop: Gcw, tmp_path: Path) -> None:
    (tmp_path / "poster.pdf").write_bytes(POSTER)
    rows = filled(exported(shop)[:2], str(tmp_path / "poster.pdf"))
    shop.fails(7, "bulk", "import", write(rows))
    assert counts(shop("bulk", "import", write(rows), "--local-files", "--json").json) == (2, 0, 0, 0)
    (tmp_path / "poster.pdf").unlink()
    assert counts(shop("bulk", "import", write(rows), "--json").json) == (0, 2, 0, 0), "what is so already is no news"


def test_a_placed_design_keeps_its_place(shop: Gcw, host: Host) -> None:
    rows = filled(exported(shop)[:1], host.put("a.pdf"))
    shop("bulk", "import", write(rows))
    shop("design", "place", STORE, rows[0][ID], "--scale", "1.1")
    placed = shop("products", "show", STORE, rows[0][ID], "--json").json["versions"]
    same = host.put("copy.pdf")
    told = shop("bulk", "import", write(filled(rows, same)), "--json").json
    assert counts(told) == (0, 1, 0, 0), "it is the same file, whatever its address"
    assert shop("products", "show", STORE, rows[0][ID], "--json").json["versions"] == placed


def test_at_once_with_products_connect_nothing_is_lost_or_doubled(shop: Gcw, host: Host, database_url: str) -> None:
    """Whichever comes last wins, and every version is there."""
    rows = filled(exported(shop), host.put("a.pdf"))
    other = Path("other.pdf")
    other.write_bytes(POSTER + b"\n% other\n")
    file = write(rows)
    failures: list[Any] = []

    def connect() -> None:
        for row in rows[:5]:
            try:
                database = Database(database_url)
                stored = pinning.store(str(other), Path(os.environ["GCW_HOME"]) / "profiles" / "default" / "designs")
                with database.session() as session:
                    store = stores.find(session, STORE)
                    variant = connections.find_variant(session, store, row[ID])
                    pinned = [connections.Pinned("default", stored.sha256, str(other), stored)]
                    connections.connect(session, Act("other", 1), store, variant, UID, pinned)
                database.close()
            except BaseException as failure:  # noqa: BLE001
                failures.append(failure)

    thread = threading.Thread(target=connect)
    thread.start()
    told = shop("bulk", "import", file, "--json").json
    thread.join(120)
    assert not failures
    assert told["failed"] == 0
    versions = remembered(database_url)[0]
    by_variant: dict[int, list[dict[str, Any]]] = {}
    for row in versions:
        by_variant.setdefault(row["variant_id"], []).append(row)
    assert len(by_variant) == len(rows)
    for mine in by_variant.values():
        mine.sort(key=lambda row: row["version"])
        assert [row["version"] for row in mine] == list(range(1, len(mine) + 1))
        assert [row["ended_at"] is None for row in mine] == [False] * (len(mine) - 1) + [True]


def test_the_result_is_mailed(shop: Gcw, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = filled(exported(shop), host.put("a.pdf"))
    rows[0][PRODUCT_UID] = "wrong"
    with Server(Postbox()) as box:
        monkeypatch.setenv("GCW_SMTP_HOST", "localhost")
        monkeypatch.setenv("GCW_SMTP_PORT", str(box.port))
        monkeypatch.setenv("GCW_SMTP_SECURITY", "none")
        monkeypatch.setenv("GCW_SMTP_FROM", "Main Floor Prints <prints@example.com>")
        shop.fails(7, "bulk", "import", write(rows), "--email", "ada@example.com")
    (mail,) = box.mails
    assert box.recipients == ["ada@example.com"]
    assert mail["Subject"] == f"filled.csv: {len(rows) - 1} connected, 1 failed"
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"row 2 ({rows[0][ID]}): There is no product UID 'wrong'" in body.get_content().replace("\n", " ")
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "filled.result.csv"
    assert attached.get_content().encode() if isinstance(attached.get_content(), str) else attached.get_content()


def test_without_a_mail_server_nothing_is_done(shop: Gcw, host: Host, database_url: str) -> None:
    rows = filled(exported(shop), host.put("a.pdf"))
    before = remembered(database_url)
    error = shop.fails(3, "bulk", "import", write(rows), "--email", "ada@example.com", "--json").error
    assert "gcw config mail" in error["hint"]
    assert remembered(database_url) == before
    assert host.asked == []


def test_a_result_that_cannot_be_written_is_told_before_any_work(shop: Gcw, host: Host, database_url: str) -> None:
    rows = filled(exported(shop), host.put("a.pdf"))
    before = remembered(database_url)
    shop.fails(4, "bulk", "import", write(rows), "--result", "no/such/folder/x.csv")
    assert remembered(database_url) == before


def test_json_of_an_export_needs_a_file(shop: Gcw) -> None:
    shop.fails(2, "bulk", "export", STORE, "--json")
    told = shop("bulk", "export", STORE, "-o", "x.csv", "--json").json
    assert told == {"store": told["store"], "file": "x.csv", "rows": len(read("x.csv"))}

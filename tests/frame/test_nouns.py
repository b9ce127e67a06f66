"""gcw customer, gcw facility and gcw catalog: what they do, and what they refuse."""

from pathlib import Path

import pytest

from conftest import EXAMPLES, Gcw
from gcw_tiktok.runtime import Runtime
from gcw_tiktok.workflow import history


@pytest.fixture
def gcw(home: Path) -> Gcw:
    """The command line; what these commands do needs no TikTok."""
    return Gcw(None)


def told(gcw: Gcw, code: int, *words: str, stdin: str = "") -> str:
    ran = gcw.fails(code, *words, "--json", stdin=stdin)
    assert ran.stdout == ""
    return f"{ran.error['message']} {ran.error['hint']}"


def events(subject: str) -> list[tuple[str, dict[str, object]]]:
    runtime = Runtime()
    with runtime.database.view() as session:
        found = [(one.what, one.data) for one in history.of(session, subject)]
    runtime.close()
    return found


def test_a_customers_life(gcw: Gcw) -> None:
    added = gcw("customer", "add", "  Paper   Harbor ", "--reference", "C-1", "--json").json
    assert added == {"id": 1, "name": "Paper Harbor", "reference": "C-1", "storefronts": False, "description": ""}
    assert "storefronts" in gcw("customer", "add", "Mug Life").stderr
    assert [one["name"] for one in gcw("customer", "list", "--json").json] == ["Mug Life", "Paper Harbor"]
    for name in ("Paper Harbor", "paper harbor", "pap", "c-1", "1"):
        assert gcw("customer", "show", name, "--json").json == added | {"facility": "", "admins": [], "stores": []}
    gcw("customer", "edit", "pap", "--name", "Harbor Prints", "--reference", "", "--description", "Pays late")
    assert "Nothing to change" in gcw("customer", "edit", "harbor", "--name", "Harbor Prints").stderr
    assert "on for Harbor Prints." in gcw("customer", "storefronts", "harbor", "on").stderr
    assert "on for Harbor Prints already" in gcw("customer", "storefronts", "harbor", "on").stderr
    shown = gcw("customer", "show", "harbor", "--json").json
    assert shown == {
        "id": 1,
        "name": "Harbor Prints",
        "reference": None,
        "storefronts": True,
        "description": "Pays late",
        "facility": "",
        "admins": [],
        "stores": [],
    }
    assert events("customer:1") == [
        ("added", {"name": "Paper Harbor"}),
        ("edited", {"changed": ["name", "reference", "description"]}),
        ("storefronts on", {}),
    ]


def test_customers_have_names_and_references_of_their_own(gcw: Gcw) -> None:
    gcw("customer", "add", "Paper Harbor", "--reference", "C-1")
    assert "already" in told(gcw, 4, "customer", "add", "PAPER harbor")
    assert "C-1 already" in told(gcw, 4, "customer", "add", "Mug Life", "--reference", "C-1")
    gcw("customer", "add", "Mug Life")
    assert "already" in told(gcw, 4, "customer", "edit", "Mug", "--name", "paper harbor")
    assert "printable" in told(gcw, 4, "customer", "add", " ")
    assert "printable" in told(gcw, 4, "customer", "edit", "Mug", "--name", "a\x1bb")
    assert gcw("customer", "show", "Mug", "--json").json["name"] == "Mug Life"


def test_a_customer_who_is_not_there_or_not_alone(gcw: Gcw) -> None:
    gcw("customer", "add", "Paper Harbor")
    gcw("customer", "add", "Paper Moon")
    assert "Paper Harbor, Paper Moon" in told(gcw, 4, "customer", "show", "paper")
    assert "Did you mean Paper Moon" in told(gcw, 4, "customer", "edit", "papermoon")
    assert gcw.fails(4, "customer", "show", "x", "--json").error["code"] == "unknown_name"
    assert gcw.fails(4, "customer", "show", "paper", "--json").error["code"] == "ambiguous"
    assert "on or off" in told(gcw, 2, "customer", "storefronts", "Paper Moon", "maybe")


def test_a_facility(gcw: Gcw, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "gcw"
    added = gcw(
        "facility", "add", "Main floor", "--hand-off", f"folder:{folder}", "--location", "Dallas", "--json"
    ).json
    assert added["hand_off"] == f"folder:{folder}"
    assert folder.is_dir()
    assert not list(folder.iterdir())
    assert gcw("facility", "show", "main", "--json").json == added
    assert gcw("facility", "list", "--json").json == [added]
    assert "Main floor" in gcw("facility", "list", "--csv").stdout
    assert [what for what, _ in events("facility:1")] == ["added"]


@pytest.mark.parametrize(
    "hand_off",
    [
        "ftp:host",
        "folder",
        "folder:",
        "",
        "/srv/in",
        "folder:/dev/null/in",
        "folder:/proc/gcw",
        "folder:~nobody-here/x",
    ],
)
def test_a_hand_off_that_cannot_work_is_refused_at_once(gcw: Gcw, hand_off: str) -> None:
    told(gcw, 4, "facility", "add", "Main floor", "--hand-off", hand_off)
    assert gcw("facility", "list", "--json").json == []


def test_facilities_have_names_of_their_own_and_a_known_type(gcw: Gcw, tmp_path: Path) -> None:
    hand_off = ("--hand-off", f"folder:{tmp_path}")
    gcw("facility", "add", "Main floor", *hand_off, "--type", "external")
    assert "already" in told(gcw, 4, "facility", "add", "main FLOOR", *hand_off)
    assert "internal or external" in told(gcw, 4, "facility", "add", "Annex", *hand_off, "--type", "ours")
    assert "printable" in told(gcw, 4, "facility", "add", "\x07", *hand_off)
    assert "Did you mean Main floor?" in told(gcw, 4, "facility", "show", "mainfloor")


def test_a_catalog_is_taken_in_and_shown(gcw: Gcw) -> None:
    gcw("customer", "add", "Paper Harbor")
    gcw("customer", "add", "Mug Life")
    dry = gcw("catalog", "import", str(EXAMPLES / "wall-art.yaml"), "--dry-run")
    assert "Nothing was written" in dry.stderr
    assert gcw("catalog", "uids", "--json").json == []
    gcw("catalog", "import", "-", stdin=(EXAMPLES / "wall-art.yaml").read_text())
    uids = gcw("catalog", "uids", "--json").json
    assert uids
    assert {one["uid"] for one in gcw("catalog", "show", "--customer", "Paper", "--json").json} <= {
        one["uid"] for one in uids
    }
    assert gcw("catalog", "uids", "no product of that name", "--json").json == []


def test_a_catalog_that_cannot_be_read(gcw: Gcw, tmp_path: Path) -> None:
    assert "No such file" in told(gcw, 4, "catalog", "import", str(tmp_path / "none.yaml"))
    assert "cannot be read" in told(gcw, 4, "catalog", "import", str(tmp_path))
    (tmp_path / "latin.yaml").write_bytes("models: [é]".encode("latin-1"))
    assert "UTF-8" in told(gcw, 4, "catalog", "import", str(tmp_path / "latin.yaml"))
    told(gcw, 4, "catalog", "import", "-", stdin="models: [")
    assert "Paper" in told(gcw, 4, "catalog", "show", "--customer", "Paper")

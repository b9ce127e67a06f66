"""Good, damaged and hostile files: each is read or refused in a sentence, soon and with little memory."""

import json
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designs import corpus
from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.catalog.offer import PrintArea
from gcw_tiktok.workflow.designs import checks, files
from gcw_tiktok.workflow.designs.facts import FileFacts
from gcw_tiktok.workflow.designs.files import inspect

AREA = PrintArea("default", True, 127, 177.8, 0, 100, ("pdf", "png", "jpeg", "tiff", "svg"))
SOON = 15.0
"""Seconds, on a busy machine; what is guarded against would take hours."""


def extension(name: str) -> str:
    return name.rpartition(".")[2]


@pytest.mark.parametrize("name", corpus.GOOD)
def test_a_good_file_is_read(name: str) -> None:
    facts = inspect(corpus.GOOD[name], f"a.{extension(name)}")
    assert facts.extension == extension(name)
    assert facts.width > 0 < facts.height
    assert facts.mended is None
    assert facts.unread is None
    assert hash(facts)


@pytest.mark.parametrize("name", corpus.GOOD)
def test_facts_come_back_from_the_database_as_they_were(name: str) -> None:
    facts = inspect(corpus.GOOD[name])
    columns = {name: getattr(facts, name) for name in ("media_type", "extension", "width", "height", "pages")}
    kept = json.loads(json.dumps(facts.as_json() | {"of a newer gcw": 1}, allow_nan=False))
    assert FileFacts.from_json(columns, kept) == facts


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_a_bad_file_is_refused_in_a_sentence(name: str) -> None:
    data, sentence = corpus.REFUSED[name]
    begun = time.monotonic()
    with pytest.raises(BadInput, match=sentence) as failure:
        inspect(data, "poster")
    assert str(failure.value).startswith("poster ")
    assert str(failure.value).endswith(".")
    assert failure.value.hint
    assert time.monotonic() - begun < SOON


@pytest.mark.parametrize("name", corpus.SUSPECT)
def test_a_suspect_file_is_read_with_a_warning(name: str) -> None:
    data, wanted = corpus.SUSPECT[name]
    begun = time.monotonic()
    found = {one.check: one for one in checks.check(inspect(data), AREA)}
    assert found[wanted].level == "warn"
    assert found[wanted].mend
    assert time.monotonic() - begun < SOON


def test_what_takes_too_long_is_left_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    from gcw_tiktok.workflow.designs.formats import pdf

    monkeypatch.setattr(pdf, "MOST_SECONDS", -1.0)
    assert inspect(corpus.drawn(pages=3)).unread == "pages 1 to 3"


@pytest.mark.parametrize("name", corpus.GOOD)
def test_no_beginning_of_a_good_file_is_taken_for_one(name: str) -> None:
    whole = corpus.GOOD[name]
    for length in {*range(0, len(whole) - 8, max(1, len(whole) // 60)), len(whole) - 8}:
        with pytest.raises(BadInput):
            inspect(whole[:length])


@given(st.sampled_from(sorted(corpus.GOOD)), st.integers(0, 1_000_000), st.binary(min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
def test_damage_ends_in_words(name: str, place: int, damage: bytes) -> None:
    data = bytearray(corpus.GOOD[name])
    place %= len(data)
    data[place : place + len(damage)] = damage
    _read_or_refused(bytes(data))


@given(st.sampled_from(sorted(corpus.GOOD)), st.integers(0, 1_000_000), st.integers(1, 400), st.integers(0, 1_000_000))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=150)
def test_what_is_moved_or_lost_within_a_file_ends_in_words(name: str, place: int, size: int, to: int) -> None:
    data = corpus.GOOD[name]
    place %= len(data)
    piece, rest = data[place : place + size], data[:place] + data[place + size :]
    _read_or_refused(rest)
    to %= len(rest) + 1
    _read_or_refused(rest[:to] + piece + rest[to:])


@given(st.sampled_from([magic for magic, _ in files.STARTS] + [b"<svg ", b""]), st.binary(max_size=200))
@settings(deadline=None)
def test_noise_ends_in_words(magic: bytes, noise: bytes) -> None:
    _read_or_refused(magic + noise)
    _read_or_refused(magic + noise + b"%%EOF")


def _read_or_refused(data: bytes) -> None:
    try:
        facts = inspect(data)
    except BadInput:
        return
    assert facts.width > 0 < facts.height
    told = [*(facts.fonts or ()), *(facts.outside or ()), facts.profile or "", facts.mended or ""]
    assert all(word.isprintable() for word in told)
    json.dumps(facts.as_json(), allow_nan=False)
    assert checks.check(facts, AREA)


@pytest.mark.parametrize(
    ("first", "second"), [("png", "drawn.pdf"), ("jpg", "svg"), ("drawn.pdf", "png"), ("tif", "jpg")]
)
def test_a_file_of_two_kinds_is_taken_for_what_it_begins_as(first: str, second: str) -> None:
    both = corpus.GOOD[first] + corpus.GOOD[second]
    if first == "drawn.pdf":  # what follows a PDF moves the end that is read first
        with pytest.raises(BadInput, match="cut off"):
            inspect(both)
    else:
        assert inspect(both).extension == extension(first)
    with pytest.raises(BadInput, match="not what it is called"):
        inspect(both, f"a.{extension(second)}")


@pytest.mark.parametrize(
    ("name", "loaded"), [("png", set()), ("svg", set()), ("tif", set()), ("drawn.pdf", {"pikepdf"})]
)
def test_only_what_a_file_needs_is_loaded(name: str, loaded: set[str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(corpus.GOOD[name])
    code = "import sys; from pathlib import Path; from gcw_tiktok.workflow.designs.files import inspect; "
    code += "inspect(Path(sys.argv[1])); print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert {"pikepdf", "PIL", "pypdfium2", "resvg_py"} & set(ran.stdout.split()) == loaded


MEASURED = """
import sys, time
from pathlib import Path
from gcw_tiktok.errors import BadInput
from gcw_tiktok.workflow.designs.files import inspect
def kilobytes():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
try:
    inspect(Path(sys.argv[1]))
except BadInput:
    pass
before = kilobytes()
try:
    print(inspect(Path(sys.argv[2])).width)
except BadInput as error:
    print(error)
print((kilobytes() - before) // 1024)
"""


def measured(small: bytes, large: bytes, folder: Path) -> tuple[str, int]:
    """What is said of the large file, and how many megabytes more it takes than the small one."""
    for name, data in (("small", small), ("large", large)):
        (folder / name).write_bytes(data)
    words = [sys.executable, "-c", MEASURED, str(folder / "small"), str(folder / "large")]
    ran = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    said, more = ran.stdout.splitlines()
    return said, int(more)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells no peak of memory")
class TestMemory:
    def test_a_picture_of_100_megapixels_is_not_decoded(self, tmp_path: Path) -> None:
        out = BytesIO()
        corpus.Image.new("RGB", (12_500, 8_000), "teal").save(out, "PNG", compress_level=1)
        said, more = measured(corpus.GOOD["png"], out.getvalue(), tmp_path)
        assert said == "12500"
        assert more < 30, "decoded it would take 300"

    @pytest.mark.parametrize("name", corpus.SUSPECT)
    def test_a_suspect_pdf_takes_little(self, name: str, tmp_path: Path) -> None:
        _, more = measured(corpus.GOOD["drawn.pdf"], corpus.SUSPECT[name][0], tmp_path)
        assert more < 200

    def test_a_picture_that_unpacks_without_end_takes_little(self, tmp_path: Path) -> None:
        bomb = corpus.png(5, 5, corpus.chunk(b"IDAT", corpus.zlib.compress(corpus.ZEROS)))
        assert measured(corpus.GOOD["png"], bomb, tmp_path) == ("5", pytest.approx(0, abs=10))

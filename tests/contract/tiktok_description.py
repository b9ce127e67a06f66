"""TikTok's own OpenAPI description, from the npm package `@tts-open-toolkit/cli`.

It names each member with its type, marks parameters (but no members) as required, and lists what a member may say in
its prose. Its versions are those of its day: newer calls are missing.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from contract.shapes import Call, Json, Kind, Shape

FOLDER = os.environ.get("GCW_TTS_TOOLKIT", "")
PATHS = Path(FOLDER) / "skills/tts-openapi-guide/references/oas/paths"
NAME = "TikTok's description 0.1.7"
ABSENT = "" if FOLDER and PATHS.is_dir() else "GCW_TTS_TOOLKIT names no unpacked npm package @tts-open-toolkit/cli"

WORD = r"(?:[A-Z0-9_]{3,}|[A-Z]\w*_\w+)\b"  # one is spelled BANk_ACCOUNT
POINT = rf"\s*\n\s*[-*] *`?{WORD}`?[^\n]*"
CHOICES = re.compile(rf"(?i:possible|available|valid) values?[^\n:]*:((?:{POINT})+)")
CHOICE = re.compile(rf"\n\s*[-*] *`?({WORD})")
"""Lists whose points are markets ("US: ...") are not lists of what the member may say."""


@cache
def call(method: str, path: str) -> Call | None:
    """How TikTok describes a call, if it does."""
    found = _paths(path.split("/")[1]).get(path, {}).get(method.lower())
    return _call(found) if found else None


@cache
def _paths(area: str) -> Json:
    file = PATHS / f"{area}.json"
    paths: Json = json.loads(file.read_text("utf-8"))["paths"] if file.is_file() else {}
    return paths


def _call(described: Json) -> Call:
    query = [each for each in described["parameters"] if each["in"] == "query"]
    names = {each["name"]: _shape(each["schema"], each["description"]) for each in query}
    required = frozenset(each["name"] for each in query if each["required"])
    sent = described.get("requestBody", {}).get("content", {}).get("application/json")
    reply = described["responses"]["200"]["content"]["application/json"]["schema"]
    cipher = "shop_cipher" in names
    own = {name: shape for name, shape in names.items() if name != "shop_cipher"}
    whole = Shape("object", own, required - {"shop_cipher"})
    return Call(whole, _shape(sent["schema"]) if sent else None, _shape(reply), cipher)


def _shape(schema: Json, prose: str = "") -> Shape:
    kind: Kind = schema["type"]
    prose = schema.get("description", prose)
    members = {name: _shape(each) for name, each in schema.get("properties", {}).items()}
    items = _shape(schema["items"], prose) if kind == "array" else None
    return Shape(kind, members, items=items, choices=_choices(prose) if kind == "string" else frozenset())


def _choices(prose: str) -> frozenset[str]:
    """What the prose lists as a member's possible values."""
    found: Any = CHOICES.search(prose)
    return frozenset(CHOICE.findall(found[1])) if found else frozenset()

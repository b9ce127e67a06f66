"""Reads a listing from a YAML or JSON file, with the names that the options have."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gcw_tiktok.workflow.catalog import marked_yaml
from gcw_tiktok.workflow.catalog.marked_yaml import Value
from gcw_tiktok.workflow.designs import pinning
from gcw_tiktok.workflow.publishing.wanted import LISTS, NAMES

OPTIONS = {name.replace("_", "-"): name for name in NAMES}
FLAGS = ("draft", "personalise")


def read(text: str, name: str) -> dict[str, Any]:
    """What the file says of the listing; `BadInput` names every line that cannot be used."""
    whole = marked_yaml.read(text, name)
    given = whole.fields(*OPTIONS).given
    found = {OPTIONS[option]: _value(OPTIONS[option], value) for option, value in given.items()}
    whole.faults.raise_any()
    return found


def _value(name: str, value: Value) -> Any:
    if name in FLAGS:
        return value.flag()
    if name == "handling_days":
        return int(value.number())
    if name in LISTS:
        return _list(value)
    if name == "description" and isinstance(value.node, yaml.ScalarNode):
        return str(value.node.value)  # its empty lines part paragraphs
    return value.text()


def _list(value: Value) -> list[str]:
    """One text, a list of texts, or a map of what is for which values."""
    if isinstance(value.node, yaml.MappingNode):
        return [f"{where}={one}" for where, what in value.entries().items() for one in _list(what)]
    return value.texts() if isinstance(value.node, yaml.SequenceNode) else [value.text()]


def rooted(given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The same with paths that lead to their files from anywhere, of which relative ones begin in `folder`."""
    known = dict(given)
    for name in ("image", "design"):
        if name in known:
            known[name] = [_rooted(text, folder, keyed=name == "design") for text in known[name]]
    chart = known.get("size_chart", "")
    if chart and not chart.startswith("template:"):
        known["size_chart"] = _rooted(chart, folder, keyed=False)
    return known


def _rooted(text: str, folder: Path, *, keyed: bool) -> str:
    """A path may have a `KEY=` before it, where none of the files is called so."""
    key, equals, path = text.partition("=")
    if keyed and equals and not pinning.is_address(key) and not (folder / text).is_file():
        return f"{key}={_rooted(path, folder, keyed=False)}"
    return text if pinning.is_address(text) else str(folder / Path(text).expanduser())

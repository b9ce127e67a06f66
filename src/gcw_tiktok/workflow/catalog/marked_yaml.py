"""Reads YAML, and so JSON, into values that know their line, so that every fault can be told with its place."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NoReturn

import yaml

from gcw_tiktok.errors import BadInput

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_CHARACTERS = 8_000_000
MOST_VALUES = 1_000_000
MOST_ALIASES = 1_000
DEEPEST = 20
TOO_DEEP = f"it nests deeper than {DEEPEST} levels"
MOST_FAULTS_SHOWN = 200
LONGEST_TEXT = 2_000
TAG = "tag:yaml.org,2002:"
ENTRY = re.compile(r"^\w+\[\d+\]\.?(uids\[\d+\]\.?)?")
"""How a path begins that leads into one entry of a file."""


@dataclass
class Faults:
    """Everything that is wrong with one file, gathered so that one reading tells it all."""

    file: str
    """Empty for what was typed at the command line, which has no lines to tell."""
    flat: bool = False
    """A table or a command knows no nesting: paths begin within the entry."""
    found: list[tuple[int, str]] = field(default_factory=list)
    values: int = 0

    def add(self, line: int, path: str, sentence: str) -> None:
        shown = ENTRY.sub("", path) if self.flat else path
        place = f"{self.file}:{line}: " if self.file else ""
        self.found.append((line, f"{place}{shown + ': ' if shown else ''}{sentence}"))

    def count_value(self) -> None:
        """Aliases make small files huge: what counts is what they come to when written out."""
        self.values += 1
        if self.values > MOST_VALUES and not self.flat:
            raise BadInput(f"{self.file} holds more than {MOST_VALUES:,} values.", "Split it into several files.")

    def raise_any(self, hint: str = "", code: str = "") -> None:
        """One `BadInput` with all faults in the order of the file; nothing when there is none."""
        if not self.found:
            return
        lines = list(dict.fromkeys(sentence for _, sentence in sorted(self.found)))
        more = len(lines) - MOST_FAULTS_SHOWN
        shown = lines[:MOST_FAULTS_SHOWN] + ([f"... and {more} more."] if more > 0 else [])
        mend = f"Mend {self.file} and try again." if self.file else ""
        raise BadInput("\n".join(shown), f"Nothing was changed. {hint or mend}".strip(), code=code)


@dataclass(frozen=True)
class At:
    """Something that stands in a line of its own."""

    line: int
    value: object


@dataclass(frozen=True)
class Value:
    """One value of the file: its node, the path to it and where faults go.

    A value that is not what it should be is reported and read as an empty one, so that reading goes on.
    """

    node: yaml.Node
    path: str
    faults: Faults

    def __post_init__(self) -> None:
        self.faults.count_value()

    def fault(self, sentence: str) -> None:
        self.faults.add(self.node.start_mark.line + 1, self.path, sentence)

    def text(self) -> str:
        """A plain `12` or `no` counts as the text that stands there: sizes and colours look like that."""
        if not isinstance(self.node, yaml.ScalarNode):
            return self._expected("a text")
        text = " ".join(str(self.node.value).split())
        if not text or self.node.tag.endswith(":null"):
            return self._expected("a text")
        if not text.isprintable() or len(text) > LONGEST_TEXT:
            return self._expected(f"a text of at most {LONGEST_TEXT} printable characters")
        return text

    def exact(self) -> str:
        """A text as it stands there, blanks and all: names of files are such."""
        text = self.text()
        return str(self.node.value) if text and isinstance(self.node, yaml.ScalarNode) else text

    def flag(self) -> bool:
        if isinstance(self.node, yaml.ScalarNode) and self.node.tag.endswith(":bool"):
            return str(self.node.value).lower() in {"true", "yes", "on"}
        self._expected("true or false")
        return False

    def number(self) -> float:
        """A finite number, zero or more."""
        try:
            number = float(self.node.value) if isinstance(self.node, yaml.ScalarNode) else math.nan
        except ValueError:
            number = math.nan
        if math.isfinite(number) and number >= 0:
            return number
        self._expected("a number, zero or more")
        return 0.0

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    def items(self) -> list["Value"]:
        if isinstance(self.node, yaml.SequenceNode):
            return [Value(node, f"{self.path}[{index}]", self.faults) for index, node in enumerate(self.node.value)]
        self._expected("a list")
        return []

    def texts(self) -> list[str]:
        """A list of texts, each of them once."""
        texts: dict[str, None] = {}
        for item in self.items():
            text = item.text()
            if text in texts and text:
                item.fault(f'"{text}" stands here twice')
            elif text:
                texts[text] = None
        return list(texts)

    def entries(self) -> dict[str, "Value"]:
        """A map whose keys are free."""
        if not isinstance(self.node, yaml.MappingNode):
            self._expected("a map of `key: value`")
            return {}
        entries: dict[str, Value] = {}
        for key_node, node in self.node.value:
            key = Value(key_node, self.path, self.faults)
            name = key.text()
            if name in entries and name:
                key.fault(f'"{name}" stands here twice')
            elif name:
                entries[name] = Value(node, f"{self.path}.{name}" if self.path else name, self.faults)
        return entries

    def fields(self, *known: str) -> "Fields":
        """A map whose keys are known; any other key is a fault."""
        entries = self.entries()
        for name in [name for name in entries if name not in known]:
            guess = did_you_mean(name, known) or f"; known are {', '.join(known)}"
            entries.pop(name).fault(f'"{name}" is not known here{guess}')
        return Fields(self, entries)

    def _expected(self, what: str) -> str:
        self.fault(f"expected {what}, {self._found()}")
        return ""

    def _found(self) -> str:
        if isinstance(self.node, yaml.MappingNode):
            return "found a map"
        if isinstance(self.node, yaml.SequenceNode):
            return "found a list"
        text = str(self.node.value)
        return f"found {text[:40]!r}" if text.strip() else "found nothing"


@dataclass(frozen=True)
class Fields:
    """The fields of one map, by name; `whole` is the map itself."""

    whole: Value
    given: dict[str, Value]

    def get(self, name: str) -> Value | None:
        return self.given.get(name)

    def at(self, name: str) -> Value:
        """Where to tell a fault of this field: at the field, or at the map when it is missing."""
        return self.given.get(name, self.whole)

    def required(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            self.whole.fault(f'"{name}" is missing')
            return ""
        return value.text()

    def text(self, name: str) -> str:
        value = self.get(name)
        return value.text() if value else ""

    def flag(self, name: str, default: bool) -> bool:
        value = self.get(name)
        return value.flag() if value else default

    def number(self, name: str, default: float) -> float:
        value = self.get(name)
        return value.number() if value else default

    def items(self, name: str) -> list[Value]:
        value = self.get(name)
        return value.items() if value else []

    def texts(self, name: str) -> list[str]:
        value = self.get(name)
        return value.texts() if value else []

    def entries(self, name: str) -> dict[str, Value]:
        value = self.get(name)
        return value.entries() if value else {}


def read(text: str, name: str) -> Value:
    """The file's outermost value; `BadInput` with its line when the text is not YAML or is out of bounds."""
    if len(text) > MOST_CHARACTERS:
        raise BadInput(f"{name} is larger than {MOST_CHARACTERS // 1_000_000} MB.", "Split it into several files.")
    try:
        _check_bounds(text, name)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = text.rstrip().count("\n")  # an unfinished file fails behind its end
        problem = error.problem or "it is not valid YAML"
        if "nesting depth" in problem:  # newer readers have a bound of their own and may see an abyss first
            problem = TOO_DEEP
        _stop(name, min(mark.line, last) + 1 if mark else 1, problem)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # such as characters that YAML forbids
        _stop(name, _line_of_first_unreadable(text), f"it is not valid YAML: {str(error).splitlines()[0]}")
    if node is None:
        _stop(name, 1, "the file is empty")
    return Value(node, "", Faults(name))


def of(data: object, name: str) -> Value:
    """The same from plain data, as if it had been read: from a table, or from what was typed.

    `At` says in which line something stands; what is in it stands there too, unless it says otherwise.
    """
    return Value(_node(data, 1), "", Faults(name, flat=True))


def _node(data: object, line: int) -> yaml.Node:
    if isinstance(data, At):
        return _node(data.value, data.line)
    mark = yaml.Mark("", 0, line - 1, 0, "", 0)
    if isinstance(data, Mapping):
        pairs = [(_node(name, line), _node(value, line)) for name, value in data.items()]
        return yaml.MappingNode(f"{TAG}map", pairs, mark)
    if isinstance(data, list | tuple):
        return yaml.SequenceNode(f"{TAG}seq", [_node(one, line) for one in data], mark)
    if isinstance(data, bool):
        return yaml.ScalarNode(f"{TAG}bool", str(data).lower(), mark)
    return yaml.ScalarNode(f"{TAG}str", str(data), mark)


def did_you_mean(wrong: str, known: Any) -> str:
    """`; did you mean "Poster"?`, or nothing when no known name is near."""
    folded = {str(name).casefold(): str(name) for name in known}
    near = [f'"{folded[match]}"' for match in get_close_matches(wrong.casefold(), folded, 3, 0.6)]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _check_bounds(text: str, name: str) -> None:
    """Before anything nests: no tags, few aliases, no abyss."""
    depth = aliases = 0
    for event in _events(text):
        line = event.start_mark.line + 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        aliases += isinstance(event, yaml.AliasEvent)
        if depth > DEEPEST:
            _stop(name, line, TOO_DEEP)
        if aliases > MOST_ALIASES:
            _stop(name, line, f"it has more than {MOST_ALIASES:,} aliases")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            _stop(name, line, f"tags such as {event.tag} are not understood: write the value alone")


def _events(text: str) -> Iterator[Any]:
    return iter(yaml.parse(text, Loader=LOADER))


def _line_of_first_unreadable(text: str) -> int:
    for number, line in enumerate(text.split("\n"), 1):
        if any(not (character.isprintable() or character in "\t\r") for character in line):
            return number
    return 1


def _stop(name: str, line: int, sentence: str) -> NoReturn:
    raise BadInput(f"{name}:{line}: {sentence}", f"Nothing was changed. Mend {name} and try again.")

"""Objects as JSON and back: a table of things that refer to each other by number.

Reading runs nothing that a file names: it makes empty objects of this package's own classes and fills in their fields.
"""

import base64
import dataclasses
import pkgutil
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from random import Random
from typing import Any

PACKAGE = "gcw_tiktok.sandbox"
PLAIN = (str, int, float, bool, type(None))
BUILTIN: dict[type, str] = {
    list: "list", tuple: "tuple", set: "set", frozenset: "frozenset", dict: "dict",
    deque: "deque", Counter: "counter", Random: "random", bytes: "bytes",
}  # fmt: skip
Table = list[list[Any]]


class NotReadable(ValueError):
    """A table that makes no sense."""


def written(root: object, without: Mapping[type, frozenset[str]]) -> Table:
    """All that is reached from `root`, which comes first; `without` names fields of classes that stay behind."""
    return list(_Writer(without).table(root))


class _Writer:
    def __init__(self, without: Mapping[type, frozenset[str]]) -> None:
        self._without = without
        self._numbers: dict[int, int] = {}
        self._found: list[object] = []

    def table(self, root: object) -> Iterator[list[Any]]:
        self._reference(root)
        for thing in self._found:  # grows meanwhile
            yield self._row(thing)

    def _reference(self, value: object) -> object:
        """A plain value as it is, anything else by its number in a list of one."""
        if type(value) in PLAIN:
            return value
        number = self._numbers.setdefault(id(value), len(self._found))
        if number == len(self._found):
            self._found.append(value)
        return [number]

    def _row(self, thing: Any) -> list[Any]:
        kind = BUILTIN.get(type(thing))
        if kind == "bytes":
            return [kind, base64.b64encode(thing).decode()]
        if kind == "random":
            version, numbers, gauss = thing.getstate()
            return [kind, version, list(numbers), gauss]
        if kind in ("dict", "counter"):
            return [kind, *([self._reference(key), self._reference(value)] for key, value in thing.items())]
        if kind == "deque":
            return [kind, thing.maxlen, *map(self._reference, thing)]
        if kind in ("set", "frozenset"):
            return [kind, *map(self._reference, sorted(thing))]
        if kind:
            return [kind, *map(self._reference, thing)]
        return self._object(thing)

    def _object(self, thing: Any) -> list[Any]:
        cls = type(thing)
        name = _name(cls)
        if classes().get(name) is not cls:
            raise TypeError(f"{cls.__module__}.{cls.__qualname__} cannot be saved.")
        if isinstance(thing, Enum):
            return ["enum", name, thing.name]
        left = self._without.get(cls, frozenset())
        names = [each for each in _fields(cls) or vars(thing) if each not in left and not each.startswith("__")]
        return ["object", name, {each: self._reference(getattr(thing, each)) for each in sorted(names)}]


def read(table: Table, instead: dict[type, object]) -> tuple[object, dict[type, dict[str, Any]]]:
    """The root, and the fields of those classes that an object of the caller's stands for `instead`."""
    return _Reader(table, instead).everything()


class _Reader:
    """Makes every object empty first and fills them in then, so that circles close."""

    def __init__(self, table: Table, instead: dict[type, object]) -> None:
        self._table, self._instead = table, instead
        self._made: dict[int, Any] = {}
        self._apart: dict[type, dict[str, Any]] = {}

    def everything(self) -> tuple[object, dict[type, dict[str, Any]]]:
        for number, row in enumerate(self._table):
            self._make(number, row)
        for number, row in enumerate(self._table):
            if row[0] == "object":
                self._fill_object(self._made[number], row[2])
        for number, row in enumerate(self._table):
            self._fill(self._value([number]), row)
        return self._value([0]), self._apart

    def _make(self, number: int, row: list[Any]) -> None:
        kind = row[0]
        empty: dict[str, Any] = {"list": list, "set": set, "dict": dict, "counter": Counter}
        if kind in empty:
            self._made[number] = empty[kind]()
        elif kind == "deque":
            self._made[number] = deque(maxlen=row[1])
        elif kind == "bytes":
            self._made[number] = base64.b64decode(row[1], validate=True)
        elif kind == "random":
            self._made[number] = Random()
            self._made[number].setstate((row[1], tuple(row[2]), row[3]))
        elif kind == "enum":
            self._made[number] = _class(row[1])[row[2]]  # type: ignore[index]
        elif kind == "object":
            cls = _class(row[1])
            self._made[number] = self._instead.get(cls) or object.__new__(cls)
        elif kind not in ("tuple", "frozenset"):  # made when they are asked for: they cannot be filled later
            raise NotReadable(f"there is no kind {kind!r}")

    def _value(self, written: Any) -> Any:
        if not isinstance(written, list):
            return written
        (number,) = written
        if number not in self._made:
            kind, *parts = self._table[number]
            self._made[number] = {"tuple": tuple, "frozenset": frozenset}[kind](map(self._value, parts))
        return self._made[number]

    def _fill(self, thing: Any, row: list[Any]) -> None:
        kind, *parts = row
        if kind == "list":
            thing.extend(map(self._value, parts))
        elif kind == "set":
            thing.update(map(self._value, parts))
        elif kind == "deque":
            thing.extend(map(self._value, parts[1:]))
        elif kind in ("dict", "counter"):
            thing.update({self._value(key): self._value(value) for key, value in parts})

    def _fill_object(self, thing: Any, written: dict[str, Any]) -> None:
        cls = type(thing)
        values = {name: self._value(value) for name, value in written.items()}
        if cls in self._instead:
            self._apart[cls] = values
            return
        declared = _fields(cls)
        if declared and not set(values) <= set(declared):
            raise NotReadable(f"{cls.__name__} has other fields")
        for name, value in (_defaults(cls, values) | values).items():
            object.__setattr__(thing, name, value)


def _defaults(cls: type, given: Iterable[str]) -> dict[str, Any]:
    """Values of the fields that came into being after the file was written."""
    if not dataclasses.is_dataclass(cls):
        return {}
    found = {}
    for field in dataclasses.fields(cls):
        if field.name in given:
            continue
        if field.default is not dataclasses.MISSING:
            found[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            found[field.name] = field.default_factory()
        else:
            raise NotReadable(f"{cls.__name__} lacks its {field.name}")
    return found


def _fields(cls: type) -> list[str]:
    return [each.name for each in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []


def _name(cls: type) -> str:
    return f"{cls.__module__.removeprefix(PACKAGE + '.')}.{cls.__qualname__}"


def _class(name: object) -> type:
    found = classes().get(str(name))
    if found is None:
        raise NotReadable(f"there is no {name}")
    return found


@cache
def classes() -> dict[str, type]:
    """Every class of this package by its name: nothing else is ever made while reading."""
    package = import_module(PACKAGE)
    modules = [import_module(each.name) for each in pkgutil.walk_packages(package.__path__, PACKAGE + ".")]
    return {
        _name(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    }

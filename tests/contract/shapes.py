"""What a description lets a value look like, whoever wrote the description; values and shapes compared with shapes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["string", "integer", "number", "boolean", "array", "object", "anything"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """One type. An object without members may hold anything; a string without choices may say anything."""

    kind: Kind
    members: dict[str, "Shape"] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: "Shape | None" = None
    choices: frozenset[str] = frozenset()
    closed: bool = False
    """Our description refuses other members; those of others do not say."""


@dataclass(frozen=True)
class Call:
    """One call as a description has it. `body` is None where no JSON is sent."""

    query: Shape
    body: Shape | None
    reply: Shape
    cipher: bool


@dataclass(frozen=True, order=True)
class Finding:
    """What is odd at a member, such as `data.orders[].id`."""

    member: str
    what: str


def check(shape: Shape, value: object, member: str = "") -> Iterator[Finding]:
    """What of a value the shape does not allow."""
    if shape.kind == "anything":
        return
    if kind_of(value) not in _FITTING.get(shape.kind, {shape.kind}):
        yield Finding(member, f"{kind_of(value)} for {shape.kind}")
    elif isinstance(value, dict):
        yield from _check_object(shape, value, member)
    elif isinstance(value, list):
        for each in value if shape.items else ():
            assert shape.items
            yield from check(shape.items, each, f"{member}[]")
    elif shape.choices and str(value) not in shape.choices:
        yield Finding(member, f"{value!r} is no choice")


def _check_object(shape: Shape, value: Json, member: str) -> Iterator[Finding]:
    for name in sorted(shape.required - set(value)):
        yield Finding(inside(member, name), "missing")
    for name, each in value.items() if shape.members else ():
        if name in shape.members:
            yield from check(shape.members[name], each, inside(member, name))
        else:
            yield Finding(inside(member, name), "unknown")


_FITTING = {"number": {"number", "integer"}}


def kind_of(value: object) -> str:
    """A JSON value's kind."""
    kinds: dict[type, Kind] = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
    }
    return kinds.get(type(value), "null")


def inside(member: str, name: str) -> str:
    return f"{member}.{name}" if member else name


def compare(ours: Shape, theirs: Shape, member: str = "") -> Iterator[Finding]:
    """Where two shapes differ: members that only one takes, kinds, choices that only one lists."""
    if "anything" in (ours.kind, theirs.kind):
        return
    if ours.kind != theirs.kind:
        yield Finding(member, f"{ours.kind} here, {theirs.kind} there")
    elif ours.kind == "array" and ours.items and theirs.items:
        yield from compare(ours.items, theirs.items, f"{member}[]")
    elif ours.members and theirs.members:
        yield from _compare_members(ours, theirs, member)
    elif ours.choices and theirs.choices:
        yield from (Finding(member, f"only here: {each}") for each in sorted(ours.choices - theirs.choices))
        yield from (Finding(member, f"only there: {each}") for each in sorted(theirs.choices - ours.choices))


def _compare_members(ours: Shape, theirs: Shape, member: str) -> Iterator[Finding]:
    for name in sorted(ours.members.keys() | theirs.members.keys()):
        where = inside(member, name)
        if name not in theirs.members:
            yield Finding(where, "only here")
        elif name not in ours.members:
            yield from [Finding(where, "only there")] if ours.closed else []
        else:
            yield from compare(ours.members[name], theirs.members[name], where)

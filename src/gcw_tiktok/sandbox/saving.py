"""A whole world in a file, so that a trainer can hand out a prepared one."""

import hashlib
import json
from typing import Any

from gcw_tiktok.sandbox import state, things
from gcw_tiktok.sandbox.agenda import STEPS
from gcw_tiktok.sandbox.clock import Clock
from gcw_tiktok.sandbox.faults import Faults, Rule
from gcw_tiktok.sandbox.world import World

FORMAT, VERSION = "gcw-sandbox", 1
STAYS: dict[type, frozenset[str]] = {World: frozenset({"lock", "clock", "_wall"})}
"""What is this machine's and not the world's."""
TRIED = ["sellers", "shops", "orders", "packages", "cancellations", "returns"]
"""What is looked at before a loaded world is trusted. Listings make their variants when looked at, so not these."""
Json = dict[str, Any]
PARTS = ("world", "rules", "rules_made")


class NoWorld(ValueError):
    """A file that no world can be made of, in a sentence."""


def saved(world: World, faults: Faults) -> Json:
    """The world and the faults in force, as JSON."""
    table = things.written({"world": world, "rules": faults.rules, "rules_made": faults.made}, STAYS)
    return {"format": FORMAT, "version": VERSION, "now": world.now(), "sha256": _sum(table), "things": table}


def load(file: object, world: World, faults: Faults) -> None:
    """Makes the world what it was when it was saved; NoWorld, and nothing changes, when that cannot be done."""
    table = _checked(file)
    assert isinstance(file, dict)
    before = dict(vars(world))
    try:
        parts, apart = things.read(table, {World: world})
        rules, made = _rules(parts)
        _become(world, apart[World], world.clock.showing(int(file["now"])))
        state.whole(world, TRIED)
    except Exception as problem:
        vars(world).clear()
        vars(world).update(before)
        raise NoWorld(f"This saved sandbox does not fit this version of gcw: {problem}.") from problem
    faults.rules, faults.made = rules, made


def _checked(file: object) -> things.Table:
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise NoWorld("This is no saved sandbox.")
    if not isinstance(file.get("version"), int) or file["version"] > VERSION:
        raise NoWorld("This sandbox was saved by a newer gcw. Update gcw to load it.")
    table = file.get("things")
    if not isinstance(table, list) or not isinstance(file.get("now"), int) or file.get("sha256") != _sum(table):
        raise NoWorld("This saved sandbox is damaged.")
    return table


def _sum(table: things.Table) -> str:
    return hashlib.sha256(json.dumps(table, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def _rules(parts: Any) -> tuple[list[Rule], int]:
    _, rules, made = (parts[name] for name in PARTS)
    if not all(isinstance(each, Rule) for each in rules):
        raise things.NotReadable("its faults are none")
    return rules, int(made)


def _become(world: World, found: Json, clock: Clock) -> None:
    """The world takes the parts that it had; each must be of the kind that it has now."""
    for name, value in vars(world).items():
        if name in STAYS[World]:
            continue
        if name not in found or (value is not None and type(found[name]) is not type(value)):
            raise things.NotReadable(f"its {name.strip('_')} is missing or another")
    unknown = found["agenda"].planned() - set(STEPS)
    if unknown:
        raise things.NotReadable(f"nothing is known of {', '.join(sorted(unknown))}")
    vars(world).update(found)
    world.clock = clock

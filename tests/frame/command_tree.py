"""Every command that gcw has, for tests of what all of them promise."""

from collections.abc import Iterator
from typing import Any

from gcw_tiktok import cli


def commands() -> dict[str, Any]:
    """Each command by what is typed, such as `customer add`."""
    found: dict[str, Any] = {}
    for name in cli.GROUPS:
        found |= dict(_below(name, cli._load(name)))
    return found


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    members = getattr(command, "commands", None)
    if members is None:
        yield path, command
        return
    for name, member in members.items():
        yield from _below(f"{path} {name}", member)


def parameters(command: Any) -> list[Any]:
    return [one for one in command.params if not getattr(one, "hidden", False)]


def filled_in(command: Any) -> list[str]:
    """What has to be typed after the command, with words that name nothing."""
    words: list[str] = []
    for one in command.params:
        if one.required:
            words += [_word(one)] if one.param_type_name == "argument" else [one.opts[0], _word(one)]
    return words


def _word(parameter: Any) -> str:
    kind = parameter.type_descriptor
    if kind.is_choice:
        return str(next(iter(kind.choices)).value)
    return "1" if kind.annotation is int else "nothing-of-that-name"

"""What was asked and what was answered, newest last; secrets are left out."""

from collections import deque
from collections.abc import Iterable
from typing import Any

SECRETS = frozenset({"sign", "access_token", "app_secret", "auth_code", "code", "refresh_token"})
LONGEST = 100_000
Json = dict[str, Any]


class Journal:
    """The last entries, each with a growing `number`."""

    def __init__(self) -> None:
        self._entries: deque[Json] = deque(maxlen=LONGEST)
        self._written = 0

    def write(self, **entry: object) -> None:
        """Adds an entry."""
        self._written += 1
        self._entries.append({"number": self._written, **entry})

    def read(self, since: int = 0, path: str = "", limit: int = LONGEST) -> list[Json]:
        """Entries after number `since` whose path contains `path`."""
        found = [entry for entry in self._entries if entry["number"] > since and path in entry["path"]]
        return found[-limit:]

    def clear(self) -> None:
        """Forgets everything; numbers go on growing."""
        self._entries.clear()


def without_secrets(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A query that may be kept."""
    return {name: value for name, value in pairs if name not in SECRETS}

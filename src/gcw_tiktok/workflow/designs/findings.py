"""What a check says."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["pass", "warn", "fail"]
RANK: dict[Level, int] = {"pass": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True)
class Finding:
    """What one check found, what it wanted, and how to mend it."""

    check: str
    """Such as `format`, `shape`, `dpi` or `fonts`."""
    level: Level
    sentence: str
    found: str = ""
    wanted: str = ""
    mend: str = ""
    """What to do about it; empty where it passes."""

    @property
    def rank(self) -> int:
        """How bad it is."""
        return RANK[self.level]

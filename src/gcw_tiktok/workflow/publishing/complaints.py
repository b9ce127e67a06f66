"""Everything that speaks against a listing, gathered, so that one run tells it all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gcw_tiktok.errors import BadInput

SEVERAL = "listing_unfit"


class Unfit(BadInput):
    """Why a listing cannot be sent, each reason by itself as well: a code, a sentence and what to write."""

    def __init__(self, message: str, hint: str, code: str, found: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(message, hint, code=code)
        self.found = tuple(found)


@dataclass
class Complaints:
    """What must be mended before anything is sent, each with a code, a sentence and what to write."""

    found: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, code: str, sentence: str, hint: str = "") -> None:
        self.found.append((code, sentence, hint))

    def raise_any(self) -> None:
        """One `Unfit` with all of them; nothing when there is none."""
        if not self.found:
            return
        codes = {code for code, _, _ in self.found}
        hints = list(dict.fromkeys(hint for _, _, hint in self.found if hint))
        raise Unfit(
            "\n".join(dict.fromkeys(sentence for _, sentence, _ in self.found)),
            "\n".join(hints),
            codes.pop() if len(codes) == 1 else SEVERAL,
            self.found,
        )

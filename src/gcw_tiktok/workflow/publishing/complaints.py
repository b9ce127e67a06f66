"""Everything that speaks against a listing, gathered, so that one run tells it all."""

from dataclasses import dataclass, field

from gcw_tiktok.errors import BadInput

SEVERAL = "listing_unfit"


@dataclass
class Complaints:
    """What must be mended before anything is sent, each with a code, a sentence and what to write."""

    found: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, code: str, sentence: str, hint: str = "") -> None:
        self.found.append((code, sentence, hint))

    def raise_any(self) -> None:
        """One `BadInput` with all of them; nothing when there is none."""
        if not self.found:
            return
        codes = {code for code, _, _ in self.found}
        hints = list(dict.fromkeys(hint for _, _, hint in self.found if hint))
        raise BadInput(
            "\n".join(dict.fromkeys(sentence for _, sentence, _ in self.found)),
            "\n".join(hints),
            code=codes.pop() if len(codes) == 1 else SEVERAL,
        )

"""One print area as the design editor shows it."""

from dataclasses import dataclass, field
from typing import Any

from gcw_tiktok.workflow.catalog.offer import OrderableUid, PrintArea
from gcw_tiktok.workflow.designs import placing
from gcw_tiktok.workflow.designs.findings import Finding
from gcw_tiktok.workflow.designs.placing import Placement
from gcw_tiktok.workflow.storefronts import designing
from gcw_tiktok.workflow.storefronts.designing import Draft

ENDINGS = {
    "pdf": (".pdf", "application/pdf"),
    "png": (".png", "image/png"),
    "jpeg": (".jpg", ".jpeg", "image/jpeg"),
    "tiff": (".tif", ".tiff", "image/tiff"),
    "svg": (".svg", "image/svg+xml"),
}
TIMES = "\N{MULTIPLICATION SIGN}"
NAMES = {"pdf": "PDF", "png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "svg": "SVG"}


@dataclass
class Part:
    """A print area, the design on it, and what is said about it."""

    product: OrderableUid
    number: int
    """Begins the names of its fields, since areas may have any name."""
    area: PrintArea
    draft: Draft | None = None
    sealed: str = ""
    """The design, so that no form can name a file of somebody else's."""
    error: tuple[str, str] | None = None
    link: str = ""
    ask_changed: bool = False
    """Whether the link leads to another file than it did, which the person may say is meant."""
    findings: list[Finding] = field(init=False)

    def __post_init__(self) -> None:
        self.findings = designing.findings(self.area, self.draft) if self.draft else []

    @property
    def title(self) -> str:
        """Its heading."""
        return designing.called(self.area).removeprefix("the ").capitalize()

    @property
    def ground(self) -> str:
        """What shows where no ink comes."""
        return designing.ground(self.product, self.area)

    @property
    def usual(self) -> Placement:
        return placing.usual(self.area)

    @property
    def placed(self) -> Placement:
        """The numbers that the form shows, also where the file itself says how it lies."""
        return (self.draft and self.draft.placement) or self.usual

    @property
    def as_is(self) -> bool:
        """Whether the file itself says how it lies."""
        return self.draft is not None and self.draft.placement is None

    @property
    def may_be_as_is(self) -> bool:
        """Whether that can be chosen: the file was made for this area."""
        return self.as_is or (self.draft is not None and designing.begun(self.area, self.draft.stored) is None)

    @property
    def box(self) -> placing.Box:
        """What the design covers."""
        assert self.draft is not None
        return placing.box(self.draft.stored.facts, self.area, self.draft.placement)

    @property
    def dpi(self) -> float | None:
        """Of a picture, as it prints."""
        return designing.dpi(self.area, self.draft) if self.draft else None

    @property
    def sharpness(self) -> tuple[str, str]:
        """How sharp it prints in words, and how good that is: `pass`, `warn` or `fail`."""
        found = next((one for one in self.findings if one.check == "dpi"), None)
        if found is None:
            return "", ""
        dpi = found.found if self.dpi is None else f"{self.dpi:.0f} dpi"
        return (f"Prints at {dpi}" if dpi.endswith("dpi") else "Sharp at any size"), found.level

    @property
    def size(self) -> str:
        """The file's own, in words."""
        assert self.draft is not None
        facts = self.draft.stored.facts
        numbers = f"{facts.width:,.5g} {TIMES} {facts.height:,.5g} mm"
        size = f"{facts.width:.0f} {TIMES} {facts.height:.0f} pixels" if facts.is_picture else numbers
        return f"{NAMES[facts.format]}, {size}" + (f", {facts.pages} pages" if facts.pages > 1 else "")

    @property
    def facts(self) -> dict[str, Any]:
        """What a script needs to lay the design as the server does."""
        assert self.draft is not None
        facts = self.draft.stored.facts
        file = {"width": facts.width, "height": facts.height, "picture": facts.is_picture}
        names = ("width_mm", "height_mm", "bleed_mm", "min_dpi", "wanted_dpi")
        return {"file": file, "usual": self.usual.mode} | {name: getattr(self.area, name) for name in names}

    @property
    def formats(self) -> str:
        """`PDF, PNG or JPEG`."""
        *before, last = (NAMES[one] for one in self.area.formats)
        return f"{', '.join(before)} or {last}" if before else last

    @property
    def accepted(self) -> str:
        """What a browser offers to choose."""
        return ",".join(ending for one in self.area.formats for ending in ENDINGS[one])

    @property
    def pixels(self) -> str:
        """How large a picture is best."""
        return f" {TIMES} ".join(map(str, self.area.pixels(self.area.wanted_dpi)))

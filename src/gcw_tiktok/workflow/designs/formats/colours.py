"""Which colours a PDF's colour space is for."""

from typing import Any

import pikepdf

from gcw_tiktok.workflow.designs.formats import icc

DEEPEST = 6
DEVICE = {
    "/DeviceRGB": "srgb",
    "/RGB": "srgb",
    "/DeviceGray": "gray",
    "/G": "gray",
    "/CalGray": "gray",
    "/DeviceCMYK": "cmyk",
    "/CMYK": "cmyk",
    "/CalRGB": "rgb",
    "/Lab": "lab",
}
BY_CHANNELS = {1: "gray", 3: "srgb", 4: "cmyk"}
PROCESS = frozenset({"/Cyan", "/Magenta", "/Yellow", "/Black", "/None", "/All"})


class Colours:
    """Reads colour spaces; each profile once."""

    def __init__(self) -> None:
        self.cmyk_profile = ""
        """The name of the first profile that says what CMYK means here."""
        self._profiles: dict[Any, set[str]] = {}

    def of(self, space: Any, depth: int = 0) -> set[str]:
        """The words for what this space paints with; none where it is unknown or says nothing by itself."""
        if isinstance(space, pikepdf.Name):
            return {DEVICE[str(space)]} if str(space) in DEVICE else set()
        if not isinstance(space, pikepdf.Array) or not len(space) or depth > DEEPEST:
            return set()
        kind = str(space[0])
        if kind in DEVICE:
            return {DEVICE[kind]}
        if kind == "/ICCBased":
            return self._profiled(space[1])
        if kind in ("/Indexed", "/I", "/Pattern"):
            return self.of(space[1], depth + 1) if len(space) > 1 else set()
        if kind in ("/Separation", "/DeviceN"):
            inks = {str(one) for one in (space[1] if isinstance(space[1], pikepdf.Array) else [space[1]])}
            return {"cmyk"} if inks <= PROCESS else {"spot"}
        return set()

    def _profiled(self, stream: Any) -> set[str]:
        if stream.objgen not in self._profiles:
            usual = BY_CHANNELS.get(int(stream.get("/N", 0)))
            profile = icc.describe(stream.read_bytes())
            if usual == "cmyk":
                self.cmyk_profile = self.cmyk_profile or profile.name
            found = "rgb" if (usual, profile.space) == ("srgb", "rgb") else usual
            self._profiles[stream.objgen] = {found} if found else set()
        return self._profiles[stream.objgen]

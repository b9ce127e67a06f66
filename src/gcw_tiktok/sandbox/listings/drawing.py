"""Pictures of the listings that a world begins with: a landscape each, the same every time."""

import io

SIDE = 600
SKIES = ("#f6d6ad", "#cfe3ea", "#f3c6b8", "#dfe6c8", "#d9d3ea")
HILLS = (("#3d6b6a", "#254a52"), ("#8a5a44", "#5d3a33"), ("#5a7d4f", "#36543a"), ("#4c5f8a", "#2f3d63"))
MEDIA_TYPE = "image/png"


def drawn(uri: str) -> bytes:
    """A PNG that looks different for each uri."""
    from PIL import Image, ImageDraw

    chance = int(uri.rpartition("/")[2][:12] or "0", 16)
    sky, (far, near) = SKIES[chance % len(SKIES)], HILLS[chance // 7 % len(HILLS)]
    picture = Image.new("RGB", (SIDE, SIDE), sky)
    pen = ImageDraw.Draw(picture)
    x, y, radius = 120 + chance // 31 % 360, 110 + chance // 37 % 120, 50 + chance // 41 % 40
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill="#fdf6e3")
    for colour, top, slope in ((far, 300 + chance // 43 % 60, 140), (near, 420 + chance // 47 % 50, -110)):
        pen.polygon(
            [(0, top), (SIDE // 2, top - slope), (SIDE, top + slope // 2), (SIDE, SIDE), (0, SIDE)], fill=colour
        )
    into = io.BytesIO()
    picture.save(into, "PNG")
    return into.getvalue()

"""Design files as large as customers send them, and a child that times how long one is looked into.

`python bench/designs.py FILE` is that child; what it needs is loaded before the clock starts.
"""

import sys
from io import BytesIO
from pathlib import Path

PAGES = 20
A3_POINTS = (841.89, 1190.55)
A3_PIXELS = (3508, 4961)
PICTURE = (12_500, 8_000)


def booklet(path: Path) -> Path:
    """A PDF of 20 pages, A3, each filled by a JPEG of 300 dpi."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    noise = Image.effect_noise((A3_PIXELS[0] // 4, A3_PIXELS[1] // 4), 60).resize(A3_PIXELS).convert("RGB")
    canvas = Canvas(str(path), pagesize=A3_POINTS, invariant=True)
    for number in range(PAGES):
        noise.paste((number * 12, 80, 120), (0, 0, 600, 600))
        page = BytesIO()
        noise.save(page, "JPEG", quality=85)
        canvas.drawImage(ImageReader(page), 0, 0, *A3_POINTS)
        canvas.showPage()
    canvas.save()
    return path


def picture(path: Path) -> Path:
    """A PNG of 100 megapixels that packs as badly as a photo."""
    from PIL import Image

    Image.effect_noise(PICTURE, 40).convert("RGB").save(path, "PNG", compress_level=1)
    return path


def main(path: Path) -> None:
    import inside

    from gcw_tiktok.workflow.designs import files
    from gcw_tiktok.workflow.designs.formats import pdf, png  # loaded before the clock starts

    assert pdf.read is not png.read
    with inside.timed():
        files.inspect(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

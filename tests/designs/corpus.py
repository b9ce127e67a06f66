"""Design files, made here: good ones, damaged ones, and hostile ones that want memory or time."""

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image, ImageCms
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

MM = 72 / 25.4
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    out = BytesIO()
    Image.radial_gradient("L").resize(size).convert(mode).save(out, kind, **more)
    return out.getvalue()


def profile(space: bytes, name: str) -> bytes:
    """A colour profile with a name and nothing else, as version 2 writes it."""
    told = name.encode() + b"\0"
    tag = b"desc\0\0\0\0" + struct.pack(">I", len(told)) + told
    head = bytearray(128)
    head[16:20], head[36:40] = space, b"acsp"
    return bytes(head) + struct.pack(">I4sII", 1, b"desc", 144, len(tag)) + tag


def drawn(width: float = 360, height: float = 504, pages: int = 1, **boxes: tuple[float, float, float, float]) -> bytes:
    """A PDF of lines and areas only."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=True)
    for number in range(pages):
        if "trim" in boxes:
            canvas.setTrimBox(boxes["trim"])
        canvas.rect(20, 20, 100 + number, 100, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def written(width: float = 360, height: float = 504, pages: int = 1) -> bytes:
    """A PDF with text in a font that it does not hold."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=True)
    for number in range(pages):
        canvas.drawString(20, 20, f"page {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pictured(pixels: tuple[int, int] = (600, 840), inches: tuple[float, float] = (5, 7), mode: str = "RGB") -> bytes:
    """A PDF whose page is one picture; 120 dpi as it is."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(inches[0] * 72, inches[1] * 72), invariant=True)
    image = ImageReader(BytesIO(picture("JPEG", mode, pixels)))
    canvas.drawImage(image, 0, 0, inches[0] * 72, inches[1] * 72)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def protected(user: str = "", owner: str = "secret") -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(drawn())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user=user, owner=owner), static_id=False)
    return out.getvalue()


def pdf(content: bytes = b"", resources: bytes = b"", page: bytes = b"", root: bytes = b"", *more: bytes) -> bytes:
    """A PDF written by hand: one page, and further objects from number 5 on."""
    media = b"" if b"/MediaBox" in page else b"/MediaBox[0 0 360 504]"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + root + b">>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<" + resources + b">>" + media + page + b">>",
        stream(content),
        *more,
    ]
    return assembled(objects)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<" + entries + b"/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def packed(data: bytes, entries: bytes = b"") -> bytes:
    return stream(zlib.compress(data, 9), entries + b"/Filter/FlateDecode")


def assembled(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + one + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def ten_million_zeros() -> bytes:
    """Packed by LZW, to nearly nothing."""
    bits, made = [], 0
    while made < 10_000_000:
        bits.append(f"{256:09b}" if not bits else f"{256:012b}")
        for length in range(1, 3_700):
            table = 257 + length  # how far the table of codes has grown, and with it their width
            width = 9 if table < 512 else 10 if table < 1024 else 11 if table < 2048 else 12
            bits.append(f"{0 if length == 1 else 256 + length:0{width}b}")
            made += length
    whole = "".join(bits) + f"{257:012b}"
    return int(whole.ljust(-(-len(whole) // 8) * 8, "0"), 2).to_bytes(-(-len(whole) // 8), "big")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, kind: int = 2) -> bytes:
    """A PNG written by hand."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def tiff(*directories: list[tuple[int, int, int, int]], data: bytes = b"", ring: bool = False) -> bytes:
    """A TIFF written by hand: entries of tag, kind, count and value; `data` begins at 8."""
    out = bytearray(struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data)
    for number, entries in enumerate(directories):
        size = 2 + 12 * len(entries) + 4
        last = number == len(directories) - 1
        after = (8 + len(data) if ring else 0) if last else len(out) + size
        out += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *one) for one in entries)
        out += struct.pack("<I", after)
    return bytes(out)


def gray_tiff(width: int = 8, height: int = 8, **changed: int) -> list[tuple[int, int, int, int]]:
    """The entries of an unpacked gray picture whose pixels begin at 8."""
    values = {"bits": 8, "packing": 1, "colours": 1, "place": 8, "rows": height, "size": width * height} | changed
    return [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, values["bits"]),
        (259, 3, 1, values["packing"]),
        (262, 3, 1, values["colours"]),
        (273, 4, 1, values["place"]),
        (278, 4, 1, values["rows"]),
        (279, 4, 1, values["size"]),
    ]


def svg(
    inner: str = '<rect width="80" height="100"/>', head: str = 'width="80mm" height="100mm"', before: str = ""
) -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<?xml version="1.0"?>{before}<svg {names} {head}>{inner}</svg>'.encode()


def data_uri(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


GOOD: dict[str, bytes] = {
    "png": picture("PNG", "RGBA"),
    "palette.png": picture("PNG", "P"),
    "one-bit.png": picture("PNG", "1"),
    "gray-alpha.png": picture("PNG", "LA"),
    "tagged.png": picture("PNG", icc_profile=SRGB),
    "jpg": picture("JPEG"),
    "progressive.jpg": picture("JPEG", progressive=True, size=(200, 160)),
    "cmyk.jpg": picture("JPEG", "CMYK"),
    "tif": picture("TIFF"),
    "lzw.tif": picture("TIFF", "CMYK", compression="tiff_lzw"),
    "deflate.tif": picture("TIFF", compression="tiff_adobe_deflate"),
    "drawn.pdf": drawn(pages=3, trim=(10, 10, 350, 494)),
    "written.pdf": written(),
    "pictured.pdf": pictured(),
    "svg": svg(),
    "picture.svg": svg(f'<image width="8" height="8" href="{data_uri(picture("PNG"))}"/>'),
}


def _deep(levels: int) -> bytes:
    """Pages within pages within pages."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    objects += [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (number + 3) for number in range(levels)]
    return assembled([*objects, b"<</Type/Page/MediaBox[0 0 9 9]/Resources<<>>/Parent %d 0 R>>" % (levels + 1)])


def _forms(levels: int) -> bytes:
    """Forms that each draw the next one ten times: a billion laughs."""
    inner = [
        stream(
            b"/X Do " * 10,
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (number + 6),
        )
        for number in range(levels)
    ]
    last = stream(b"0 0 9 9 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")
    return pdf(b"/X Do", b"/XObject<</X 5 0 R>>", b"", b"", *inner, last)


ZEROS = bytes(80 * 1024 * 1024)
ITSELF = stream(b"/X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>")
LAUGHS = (
    '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 8}">' for old, new in zip("bcdefgh", "cdefghi", strict=True))
    + "]>"
)
USES = "<defs><g id='l0'><rect width='1' height='1'/></g>" + "".join(
    f"<g id='l{number}'>" + f"<use href='#l{number - 1}'/>" * 10 + "</g>" for number in range(1, 12)
)

REFUSED: dict[str, tuple[bytes, str]] = {
    # PNG
    "a PNG of more pixels than there is memory": (png(2**31 - 1, 2**31 - 1, chunk(b"IDAT", b"")), "pixels"),
    "a PNG without pixels": (png(0, 5, chunk(b"IDAT", b"")), "no pixels"),
    "a PNG without data": (png(5, 5), "fewer pixels"),
    "a PNG with too little data": (png(500, 500, chunk(b"IDAT", zlib.compress(bytes(100)))), "fewer pixels"),
    "a PNG whose check sum is wrong": (png(1, 1, chunk(b"IDAT", zlib.compress(bytes(4)))[:-1] + b"?"), "check sum"),
    "a PNG with an unknown part": (png(1, 1, chunk(b"ABCD", b"")), "parts that no PNG has"),
    "a PNG of a depth that there is not": (png(1, 1, chunk(b"IDAT", b""), depth=3), "header"),
    "a PNG without palette": (png(1, 1, chunk(b"IDAT", zlib.compress(bytes(2))), kind=3), "palette"),
    # JPEG
    "a JPEG of headers only": (b"\xff\xd8\xff\xe0\x00\x02\xff\xd9", "no pixels"),
    "a JPEG of which nothing follows": (b"\xff\xd8\xff", "cut off"),
    "a JPEG with endless fill bytes": (b"\xff\xd8" + b"\xff" * 100_000, "cut off"),
    "a JPEG with pixels before a header": (b"\xff\xd8\xff\xda\x00\x02\xff\xd9", "do not make a picture"),
    "a JPEG of a rare kind": (b"\xff\xd8\xff\xc3\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", "rare kind"),
    "a JPEG of 12 bits": (b"\xff\xd8\xff\xc1\x00\x0b\x0c\x00\x01\x00\x01\x01\x01\x11\x00", "12 bits"),
    "a huge JPEG header": (b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00", "65,535 x 65,535"),
    "a JPEG of a million scans": (
        b"\xff\xd8\xff\xc2\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00" + b"\xff\xda\x00\x02\x01" * 1000 + b"\xff\xd9",
        "do not make",
    ),
    # TIFF
    "a TIFF whose pages lead in a circle": (tiff(gray_tiff(), data=bytes(64), ring=True), "circle"),
    "a TIFF whose pixels lie beyond its end": (tiff(gray_tiff(place=10_000_000), data=bytes(64)), "cut off"),
    "a TIFF with too few pixels": (tiff(gray_tiff(size=10), data=bytes(64)), "cut off"),
    "a huge TIFF header": (tiff(gray_tiff(60_000, 60_000), data=bytes(64)), "pixels"),
    "a TIFF without pixels": (tiff(gray_tiff(0, 8), data=bytes(64)), "no pixels"),
    "a TIFF that lists more than it can hold": (
        tiff([*gray_tiff()[:5], (273, 4, 2**32 - 1, 8), *gray_tiff()[6:]], data=bytes(64)),
        "more than it can hold",
    ),
    "a TIFF of odd colours": (tiff(gray_tiff(colours=32803), data=bytes(64)), "colours of a kind"),
    "a TIFF that unpacks to too little": (
        tiff(gray_tiff(500, 500, packing=8, size=19), data=zlib.compress(bytes(250_000))[:19]),
        "fewer pixels",
    ),
    "a TIFF that cannot be unpacked": (tiff(gray_tiff(packing=8), data=bytes(64)), "unpacked"),
    "a TIFF without pages": (tiff(), "cut off"),
    # PDF
    "a PDF of nothing": (b"%PDF-1.4\nnothing here\n%%EOF", "damaged"),
    "a PDF with a password": (protected(user="secret"), "protected by a password"),
    "a PDF of pages within pages": (_deep(50_000), "damaged"),
    "a PDF whose page is without size": (pdf(page=b"/MediaBox[0 0 0 0]"), "no size"),
    "a PDF whose page is flat": (pdf(page=b"/MediaBox[0 0 360 0]"), "no size"),
    "a PDF of immense pages": (pdf(page=b"/MediaBox[0 0 99999999 99999999]"), "no size"),
    "a PDF of immense units": (pdf(page=b"/UserUnit 100000000"), "no size"),
    "a PDF whose page says no size": (pdf(page=b"/MediaBox(none)"), "no size"),
    "a PDF whose page has no number for a size": (pdf(page=b"/MediaBox[0 0 nan inf]"), "no size"),
    "a PDF that turns by a word": (pdf(page=b"/Rotate/Left"), "damaged"),
    "a PDF whose page appears a million times": (
        assembled(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Count 1/Kids[" + b"3 0 R " * 1_000_000 + b"]>>",
                b"<</Type/Page/MediaBox[0 0 9 9]/Resources<<>>/Parent 2 0 R>>",
            ]
        ),
        "damaged",
    ),
    "a PDF that is its own page": (
        assembled([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"]),
        "damaged",
    ),
    "a PDF whose table of contents lies": (drawn().replace(b"startxref\n", b"startxref\n1"), "not where it says"),
    # SVG
    "an SVG that laughs a billion times": (svg("<text>&i;</text>", before=LAUGHS), "entities"),
    "an SVG that reads a file": (
        svg("<text>&a;</text>", before='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        "entities",
    ),
    "an SVG that uses itself ten to the eleventh times": (svg(USES + "</defs><use href='#l11'/>"), "again and again"),
    "an SVG that holds itself": (svg("<g id='a'><use href='#a'/></g>"), "contain themselves"),
    "an SVG of elements within each other": (svg("<g>" * 5000 + "</g>" * 5000), "too intricate"),
    "an SVG that acts": (svg("<script>alert(1)</script>"), "acts"),
    "an SVG that acts when it is loaded": (svg(head='width="1" height="1" onload="alert(1)"'), "acts"),
    "an SVG that holds a web page": (svg("<foreignObject><p/></foreignObject>"), "acts"),
    "an SVG that moves": (svg("<animate/>"), "moves"),
    "an SVG without size": (svg(head=""), "how large"),
    "an SVG of no size": (svg(head='width="0" height="10"'), "no size"),
    "an SVG of a negative size": (svg(head='viewBox="0 0 -10 10"'), "no size"),
    "an SVG of an immense size": (svg(head='width="1e300" height="1e300"'), "no size"),
    "an SVG whose size is no number": (svg(head='width="NaN" height="10"'), "no length"),
    "an SVG that holds another": (svg(f'<image href="{data_uri(svg(), "image/svg+xml")}"/>'), "not printed"),
    "an SVG that holds an immense picture": (
        svg(f'<image href="{data_uri(png(2**31 - 1, 2**31 - 1, chunk(b"IDAT", b"")))}"/>'),
        "pixels",
    ),
    "an SVG that holds half a picture": (svg(f'<image href="{data_uri(picture("PNG")[:90])}"/>'), "cut off"),
    "another kind of XML": (b'<?xml version="1.0"?><html xmlns="x"/>', "web page"),
    "a feed": (b'<?xml version="1.0"?><rss/>', "no SVG"),
}
"""What is refused, and a part of the sentence that says why."""

SUSPECT: dict[str, tuple[bytes, str]] = {
    "a PDF that unpacks to more than there is memory": (
        assembled(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>/MediaBox[0 0 9 9]>>",
                packed(ZEROS),
            ]
        ),
        "contents",
    ),
    "a PDF that unpacks the same again and again": (
        assembled(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                b"<</Type/Page/Parent 2 0 R/Contents[" + b"4 0 R " * 900 + b"]/Resources<<>>/MediaBox[0 0 9 9]>>",
                packed(bytes(60 * 1024 * 1024)),
            ]
        ),
        "contents",
    ),
    "a PDF of forms within forms": (_forms(10), "contents"),
    "a PDF whose form draws itself": (pdf(b"/X Do", b"/XObject<</X 5 0 R>>", b"", b"", ITSELF), "contents"),
    "a PDF that breaks off in what it draws": (pdf(b"0 0 9 9 re f 1 0 0"), "contents"),
    "a PDF packed in an old way that knows no bounds": (
        assembled(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<<>>/MediaBox[0 0 9 9]>>",
                stream(zlib.compress(ten_million_zeros()), b"/Filter[/FlateDecode/LZWDecode]"),
            ]
        ),
        "contents",
    ),
    "a PDF that sets what is no number": (pdf(b"/a /b /c /d /e /f cm"), "contents"),
    "a PDF that misses its resources": (
        assembled(
            [
                b"<</Type/Catalog/Pages 2 0 R>>",
                b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
            ]
        ),
        "soundness",
    ),
}
"""What is read, with a warning by this check."""

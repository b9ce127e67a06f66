"""Where documents are fetched: addresses on the sandbox's own origin, good for a day."""

import hashlib
import hmac
import re

from gcw_tiktok.sandbox.documents import label, packing_slip
from gcw_tiktok.sandbox.documents.sheets import Pages, Picture, Sheet
from gcw_tiktok.sandbox.gate import Received
from gcw_tiktok.sandbox.replies import Reply
from gcw_tiktok.sandbox.sales.orders import Package
from gcw_tiktok.sandbox.world import World

ROOM = "documents"
LIFE = 86_400
LABEL, PICTURE = "SHIPPING_LABEL", "SHIPPING_LABEL_PICTURE"
SLIP, BOTH = "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP"
FORM = re.compile(rf"/{ROOM}/(\d+)/({LABEL}|{SLIP}|{BOTH}|{PICTURE})-(A5|A6)\.(pdf|png)")


def address(world: World, origin: str, package: Package, kind: str, size: str) -> str:
    """An address that anybody may fetch until a day from now."""
    suffix = "png" if kind == PICTURE else "pdf"
    path = f"/{ROOM}/{package.id}/{kind}-{size}.{suffix}"
    expires = world.now() + LIFE
    return f"{origin}{path}?expires={expires}&token={_token(world, path, str(expires))}"


def answer(world: World, received: Received) -> Reply:
    """The document, unless its address is damaged or old."""
    found, query = FORM.fullmatch(received.path), received.query
    expires = query.get("expires", "")
    genuine = hmac.compare_digest(query.get("token", "").encode(), _token(world, received.path, expires).encode())
    if not genuine or world.now() >= int(expires):
        return Reply(403, b"This address is not valid, or no longer.", "text/plain; charset=utf-8")
    package = world.packages.get(found[1]) if found else None
    if found is None or package is None or package.label is None:
        return Reply(404, b"There is no such document.", "text/plain; charset=utf-8")
    media_type = "image/png" if found[2] == PICTURE else "application/pdf"
    return Reply(200, render(package, found[2], found[3]), media_type)


def render(package: Package, kind: str, size: str) -> bytes:
    """The document itself."""
    sheet: Sheet = Picture(size) if kind == PICTURE else Pages(size)
    if kind != SLIP:
        label.draw(sheet, package)
    if kind == BOTH:
        sheet.turn()
    if kind in (SLIP, BOTH):
        packing_slip.draw(sheet, package)
    return sheet.finish()


def _token(world: World, path: str, expires: str) -> str:
    return hmac.new(world.app.secret.encode(), f"{path}:{expires}".encode(), hashlib.sha256).hexdigest()[:40]

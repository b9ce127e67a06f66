"""Pictures are uploaded."""

from gcw_tiktok.sandbox.gate import Call
from gcw_tiktok.sandbox.listings import images
from gcw_tiktok.sandbox.refusals import business
from gcw_tiktok.sandbox.routes import DOCUMENTED, PRODUCTS, Json, route


@route(
    "POST", "/product/202309/images/upload", DOCUMENTED, PRODUCTS, cipher=False,
    guess="Which code tells which fault of a file. Without a use_case it is a MAIN_IMAGE.",
)  # fmt: skip
def upload(call: Call) -> Json:
    """The uri under which product calls name the picture, and an address on the sandbox itself."""
    if "data" not in call.files:
        raise business(12019116, "The image file is missing.")
    use_case = call.body.get("use_case") or "MAIN_IMAGE"
    image = images.take(call.world.mint, len(call.world.images), call.files["data"], use_case)
    call.world.images[image.uri] = image
    call.effect = f"image {image.uri} uploaded"
    return {
        "height": image.height,
        "uri": image.uri,
        "url": f"{call.origin}/{image.uri}~tplv-origin.jpeg",
        "use_case": use_case,
        "width": image.width,
    }

"""Pictures that listings show. TikTok takes them apart from the listing, which then names their `uri`."""

from gcw_tiktok.tiktok.client import Client, Form
from gcw_tiktok.tiktok.payload import Payload

MAIN, SIZE_CHART, CUSTOMIZATION = "MAIN_IMAGE", "SIZE_CHART_IMAGE", "CUSTOMIZATION_IMAGE"
"""What a picture is for."""
MOST_BYTES = 10 * 1024 * 1024


class Uploaded(Payload):
    """A picture that TikTok has: calls name its `uri`, descriptions its `url`."""

    uri: str
    url: str = ""
    width: int = 0
    height: int = 0


def upload(client: Client, data: bytes, media_type: str, use_case: str = MAIN) -> Uploaded:
    """Sends one picture. Sent twice it is there twice, which does no harm."""
    name = f"picture.{media_type.rpartition('/')[2]}"
    form = Form({"use_case": use_case}, "data", name, data, media_type)
    path = "/product/{version}/images/upload"
    return Uploaded.parse(client.call("upload_image", "POST", path, form=form, repeatable=True, shop=False))


def download(client: Client, url: str) -> bytes:
    """A picture that a listing shows, from the address that TikTok gives."""
    return client.fetch(url, MOST_BYTES)

"""Pictures are uploaded as forms, whose body is not signed, and can be fetched again."""

import pytest

from sandbox.client import Client
from sandbox.sellers_desk import create, detail, picture, send_picture, upload

PATH = "/product/202309/images/upload"


@pytest.mark.parametrize(("format", "media_type"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp"), ("BMP", "bmp")])
def test_a_picture_can_be_fetched_again(client: Client, format: str, media_type: str) -> None:
    data = picture(640, 480, format)
    answer = send_picture(client, data, "DESCRIPTION_IMAGE")["data"]
    assert (answer["width"], answer["height"], answer["use_case"]) == (640, 480, "DESCRIPTION_IMAGE")
    assert answer["uri"] in answer["url"]
    reply = client.http.get(answer["url"])
    assert (reply.content, reply.headers["content-type"]) == (data, f"image/{media_type}")


def test_every_listing_that_the_world_begins_with_has_a_picture_of_its_own(client: Client) -> None:
    found = client.data("POST", "/product/202502/products/search", {"page_size": "5"}, {})["products"]
    pictures = []
    for one in found:
        reply = client.http.get(detail(client, one["id"])["main_images"][0]["urls"][0])
        assert reply.headers["content-type"] == "image/png"
        pictures.append(reply.content)
    assert len(set(pictures)) == len(pictures) == 5
    assert all(one.startswith(b"\x89PNG") for one in pictures)


def test_a_picture_of_a_listing_can_be_fetched_again(client: Client) -> None:
    shown = detail(client, create(client)["product_id"])["main_images"][0]
    assert client.http.get(shown["urls"][0]).content == client.http.get(shown["thumb_urls"][0]).content == picture()
    assert client.http.get(shown["urls"][0].replace("~", "0~")).status_code == 404


def test_every_upload_has_a_uri_of_its_own(client: Client) -> None:
    assert upload(client) != upload(client)


@pytest.mark.parametrize("use_case", ["MAIN_IMAGE", "ATTRIBUTE_IMAGE"])
def test_a_long_picture_of_the_gallery_is_brought_to_a_square(client: Client, use_case: str) -> None:
    answer = send_picture(client, picture(900, 400), use_case)["data"]
    assert (answer["width"], answer["height"]) == (400, 400)
    assert send_picture(client, picture(800, 600), use_case)["data"]["width"] == 800


def test_a_telephone_picture_is_taken_unread(client: Client) -> None:
    assert send_picture(client, b"\0\0\0\x18ftypheic" + b"\0" * 40)["code"] == 0


@pytest.mark.parametrize(
    ("data", "use_case", "code"),
    [
        (b"", "MAIN_IMAGE", 12019116),
        (b"no picture at all", "MAIN_IMAGE", 12038002),
        (picture()[:40], "MAIN_IMAGE", 12038002),
        (picture(format="GIF"), "MAIN_IMAGE", 12038002),
        (b"\xff" * (10 * 1024 * 1024 + 1), "MAIN_IMAGE", 12038004),
        (picture(299, 600), "MAIN_IMAGE", 12038005),
        (picture(4_001, 600), "MAIN_IMAGE", 12038005),
        (picture(99, 600), "ATTRIBUTE_IMAGE", 12038005),
        (picture(1_023, 2_000), "SIZE_CHART_IMAGE", 12038005),
        (picture(), "PORTRAIT", 11050001),
    ],
)
def test_refusals(client: Client, data: bytes, use_case: str, code: int) -> None:
    assert send_picture(client, data, use_case)["code"] == code
    assert not client.world.images


def test_a_form_without_a_file(client: Client) -> None:
    assert client.send_form(PATH, {"use_case": "MAIN_IMAGE"}, {"other": ("a.png", picture())})["code"] == 36009004
    assert client.send_form(PATH, {"data": "text"}, {"other": ("a.png", picture())})["code"] == 12019116


def test_a_body_that_is_no_form(client: Client) -> None:
    assert client.call("POST", PATH, None, {"data": "aGk="})["code"] == 36009023
    torn = {"content-type": "multipart/form-data; boundary=x"}
    assert client.raw("POST", PATH, None, b"--y\r\n", torn).json()["code"] in (36009004, 36009022)


def test_an_upload_takes_no_cipher(client: Client) -> None:
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert client.raw("POST", PATH, None, b"", form, cipher=True).json()["code"] == 36009004


def test_the_journal_keeps_no_picture(client: Client) -> None:
    upload(client)
    entry = client.control("GET", "/journal?path=images/upload")["entries"][0]
    assert entry["body"].endswith("bytes)")
    assert entry["effect"].startswith("image tos-useast5-i-sandbox-tx/")

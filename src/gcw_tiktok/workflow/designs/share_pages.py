"""Recognizes addresses of pages that show a file, which are often given in place of the file's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit


@dataclass(frozen=True)
class SharePage:
    """An address that answers with a page around a file."""

    service: str
    direct: str
    """The address of the file itself, as far as it can be told; else empty."""


def recognize(url: str) -> SharePage | None:
    """The share page that this address is; None when nothing is known against it."""
    address = urlsplit(url)
    host = (address.hostname or "").removeprefix("www.")
    for hosts, rule in RULES:
        if any(host == known or host.endswith("." + known) for known in hosts):
            return rule(address)
    return None


def _google_drive(address: SplitResult) -> SharePage | None:
    if address.path.rstrip("/") in ("/uc", "/download"):
        return None
    named = re.search(r"/file/(?:u/\d+/)?d/([\w-]+)", address.path)
    asked = parse_qs(address.query).get("id", [""])[0]
    file_id = named.group(1) if named else asked if address.path.startswith("/open") else ""
    direct = f"https://drive.google.com/uc?export=download&id={file_id}" if file_id else ""
    return SharePage("Google Drive", direct)


def _google_docs(address: SplitResult) -> SharePage | None:
    named = re.match(r"/(document|presentation|drawings|spreadsheets)/(?:u/\d+/)?d/([\w-]+)", address.path)
    if "/export" in address.path or address.path == "/uc":
        return None
    if not named:
        return SharePage("Google Docs", "")
    kind, file_id = named.groups()
    how = "/export/pdf" if kind in ("presentation", "drawings") else "/export?format=pdf"
    return SharePage("Google Docs", f"https://docs.google.com/{kind}/d/{file_id}{how}")


def _dropbox(address: SplitResult) -> SharePage | None:
    query = parse_qs(address.query)
    if "1" in query.get("dl", []) + query.get("raw", []):
        return None
    if not re.match(r"/(s|scl/fi)/", address.path):  # a folder, or the web application itself
        return SharePage("Dropbox", "")
    kept = re.sub(r"(^|&)dl=\d", "", address.query).lstrip("&")
    return SharePage("Dropbox", urlunsplit(address._replace(query=f"{kept}&dl=1".lstrip("&"))))


def _onedrive(address: SplitResult) -> SharePage | None:
    asked = parse_qs(address.query).get("download", [""])[0] == "1"
    direct = asked or address.path.endswith(("/download", "/download.aspx")) or ":download" in address.path
    return None if direct else SharePage("OneDrive or SharePoint", "")


def _github(address: SplitResult) -> SharePage | None:
    parts = address.path.split("/")
    if len(parts) < 5 or parts[3] != "blob":
        return None
    path = "/".join([*parts[:3], *parts[4:]])
    return SharePage("GitHub", f"https://raw.githubusercontent.com{path}")


def _design_tool(service: str, *paths: str) -> Callable[[SplitResult], SharePage | None]:
    def rule(address: SplitResult) -> SharePage | None:
        return SharePage(service, "") if not paths or address.path.startswith(paths) else None

    return rule


RULES: tuple[tuple[tuple[str, ...], Callable[[SplitResult], SharePage | None]], ...] = (
    (("drive.google.com",), _google_drive),
    (("docs.google.com",), _google_docs),
    (("photos.google.com", "photos.app.goo.gl"), _design_tool("Google Photos")),
    (("dropbox.com",), _dropbox),
    (("onedrive.live.com", "1drv.ms", "sharepoint.com"), _onedrive),
    (("icloud.com",), _design_tool("iCloud")),
    (("canva.com", "canva.link"), _design_tool("Canva")),
    (("figma.com",), _design_tool("Figma", "/file/", "/design/", "/proto/", "/board/", "/slides/")),
    (("wetransfer.com", "we.tl"), _design_tool("WeTransfer")),
    (("box.com",), _design_tool("Box", "/s/", "/file/", "/folder/")),
    (("github.com",), _github),
)

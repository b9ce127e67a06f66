"""Recognizes addresses of pages that show a file, which are often given in place of the file's own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, quote, urlsplit, urlunsplit


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
    key = parse_qs(address.query).get("resourcekey", [""])[0]  # files shared before 2021 open with it only
    kept = f"&resourcekey={quote(key)}" if key else ""
    direct = f"https://drive.google.com/uc?export=download&id={quote(file_id)}{kept}" if file_id else ""
    return SharePage("Google Drive", direct)


def _google_docs(address: SplitResult) -> SharePage | None:
    named = re.match(r"/(document|presentation|drawings|spreadsheets)/(?:u/\d+/)?d/([\w-]+)", address.path)
    if "/export" in address.path or address.path == "/uc":
        return None
    if not named or named.group(2) == "e":  # the id of what was published on the web is another one
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
    if "1" in parse_qs(address.query).get("download", []) or re.search(r"/download(\.aspx)?$|:download", address.path):
        return None
    return SharePage("OneDrive", _onedrive_file(address))


def _onedrive_file(address: SplitResult) -> str:
    """Links to one file of a SharePoint take `download=1`; the old ones of OneDrive have a path for it."""
    host = address.hostname or ""
    if host.endswith("sharepoint.com") and re.match(r"/:(?!f)[a-z]:/", address.path):
        return urlunsplit(address._replace(query=f"{address.query}&download=1".lstrip("&"), fragment=""))
    if host.endswith("onedrive.live.com") and address.path in ("/embed", "/redir") and "resid=" in address.query:
        return urlunsplit(address._replace(path="/download", fragment=""))
    return ""


def _canva(address: SplitResult) -> SharePage | None:
    """What it exports comes from hosts of their own, such as `export-download.canva.com`."""
    host = (address.hostname or "").removeprefix("www.")
    return SharePage("Canva", "") if host in ("canva.com", "canva.link") else None


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


FIGMA = ("file", "design", "proto", "board", "slides", "deck", "make", "site", "community", "embed")
RULES: tuple[tuple[tuple[str, ...], Callable[[SplitResult], SharePage | None]], ...] = (
    (("drive.google.com",), _google_drive),
    (("docs.google.com",), _google_docs),
    (("photos.google.com", "photos.app.goo.gl"), _design_tool("Google Photos")),
    (("dropbox.com",), _dropbox),
    (("onedrive.live.com", "1drv.ms", "sharepoint.com"), _onedrive),
    (("icloud.com",), _design_tool("iCloud")),
    (("canva.com", "canva.link"), _canva),
    (("figma.com",), _design_tool("Figma", *(f"/{kind}/" for kind in FIGMA))),
    (("acrobat.adobe.com", "indd.adobe.com"), _design_tool("Adobe")),
    (("wetransfer.com", "we.tl"), _design_tool("WeTransfer")),
    (("box.com",), _design_tool("Box", "/s/", "/file/", "/folder/")),
    (("github.com",), _github),
)

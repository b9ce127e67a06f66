"""Files that people send: which pages take them, how large they may be, and where they lie meanwhile."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from flask import Flask, current_app, request
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from gcw_tiktok.errors import BadInput

View = TypeVar("View", bound=Callable[..., object])


def set_up(app: Flask) -> None:
    """Lets pages that take files have larger requests. It has to come before anything reads the form."""
    app.before_request(_make_room)


def takes_files(largest: int) -> Callable[[View], View]:
    """For pages that take files: so many bytes of a request, from somebody who is signed in."""

    def mark(page: View) -> View:
        page.largest_request = largest  # type: ignore[attr-defined]
        return page

    return mark


def given(name: str) -> FileStorage | None:
    """The file in this field of the form, if one was chosen."""
    found = request.files.get(name)
    return found if found and found.filename else None


def aside(file: FileStorage, endings: Sequence[str]) -> Path:
    """A copy in a file of its own, for whoever goes on to read it and then removes it."""
    ending = Path(file.filename or "").suffix.lower()
    if ending not in endings:
        raise BadInput(f"{shown(file)} is no {' or '.join(endings)} file.", "Choose another file.")
    with tempfile.NamedTemporaryFile(prefix="gcw-upload-", suffix=ending, delete=False) as kept:
        file.save(kept)
    return Path(kept.name)


def shown(file: FileStorage) -> str:
    """What the file is called where it comes from; safe to show, never used as a path."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[:120] or "The file"


def _make_room() -> None:
    page = current_app.view_functions.get(request.endpoint or "")
    largest = getattr(page, "largest_request", None)
    if largest is not None and current_user.is_authenticated:
        request.max_content_length = largest

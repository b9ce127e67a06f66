"""Files that commands read and write."""

import os
import sys
from pathlib import Path

from gcw_tiktok.errors import BadInput


def read_text(file: str) -> str:
    """What stands in a file, or on stdin for `-`; `BadInput` where that is no text."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not text in UTF-8.", "Save it as UTF-8.") from error


def write_text(file: str, text: str) -> None:
    """Puts the text into a file whole, or leaves the file as it is."""
    path = Path(file)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise BadInput(f"{file} cannot be written: {error.strerror}.") from error

"""Files that commands read."""

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

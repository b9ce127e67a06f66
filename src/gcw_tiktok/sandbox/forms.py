"""Bodies with files: `multipart/form-data`."""

import io

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from gcw_tiktok.sandbox.refusals import gateway


def is_form(content_type: str) -> bool:
    """Whether a body of this type is a form with files."""
    return parse_options_header(content_type)[0] == "multipart/form-data"


def read(body: bytes, content_type: str) -> tuple[dict[str, str], dict[str, bytes]]:
    """The text fields and the files of a form, each by its name."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise gateway(36009023, "Invalid content type. The request body must be multipart/form-data.")
    try:
        parser = FormDataParser(lambda *_, **__: io.BytesIO(), silent=False)  # never a file on the disk
        _, fields, files = parser.parse(io.BytesIO(body), kind, len(body), options)
    except ValueError:
        raise gateway(36009022, "Invalid body format. The form cannot be read.") from None
    return fields.to_dict(), {name: file.read() for name, file in files.items()}

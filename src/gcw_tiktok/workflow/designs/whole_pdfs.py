"""Whether a PDF came whole; and several as one."""

from collections.abc import Sequence
from io import BytesIO

import pikepdf


def is_whole(pdf: bytes) -> bool:
    """Whether it is a PDF with pages, and not the beginning of one or something else."""
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-1024:]:
        return False
    try:
        with pikepdf.open(BytesIO(pdf), attempt_recovery=False) as opened:
            return len(opened.pages) > 0
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return False


def joined(pdfs: Sequence[bytes]) -> bytes:
    """All their pages, one PDF after the other; a single one stays as it is."""
    if len(pdfs) == 1:
        return pdfs[0]
    out = BytesIO()
    with pikepdf.new() as together:
        for pdf in pdfs:
            with pikepdf.open(BytesIO(pdf)) as one:
                together.pages.extend(one.pages)
        together.save(out)
    return out.getvalue()

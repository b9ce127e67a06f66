"""Reads what an address answers with, piece by piece: never more of it at once than was meant."""

import re
import zlib
from collections.abc import Iterable, Iterator

from gcw_tiktok.errors import BadInput, TryAgain

CHUNK = 256 * 1024
LOOKED_AT = 2_048
BOM = b"\xef\xbb\xbf"
AROUND = rb"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*"
PAGE = re.compile(AROUND + rb"<(!doctype\s+html|html|head|body|script|title|meta)\b", re.IGNORECASE | re.DOTALL)


def unpacked(chunks: Iterable[bytes], encoding: str, shown: str) -> Iterator[bytes]:
    """The file's own bytes. No encoding was asked for, but files that lie zipped at their host come zipped.

    Pieces are bounded on both sides: a few bytes may unpack to more than there is memory.
    """
    if encoding in ("", "identity"):
        yield from chunks
    elif encoding in ("gzip", "x-gzip"):
        yield from _gunzipped(chunks, shown)
    else:
        raise BadInput(f"{shown} is sent packed in a way that was not asked for ({encoding[:40]!r}).")


def _gunzipped(chunks: Iterable[bytes], shown: str) -> Iterator[bytes]:
    packed = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            waiting = chunk
            while waiting and not packed.eof:
                yield packed.decompress(waiting, CHUNK)
                waiting = packed.unconsumed_tail
        yield packed.flush()
    except zlib.error as error:
        raise BadInput(f"{shown} answers with damaged data.", "Put the file there anew.") from error
    if not packed.eof:
        raise TryAgain(f"{shown} broke off in the middle of the file.")


def is_page(start: bytes) -> bool:
    """Whether this is how a web page begins, whatever type the answer claims."""
    return PAGE.match(start.removeprefix(BOM)) is not None

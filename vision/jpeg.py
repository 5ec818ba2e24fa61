"""The parts that a JPEG is made of: a few bytes of them can mean work on every pixel."""

import re

MOST_SCANS = 100  # progressive pictures have about 10; each goes over all pixels
MOST_SEGMENTS = 1_000  # photographs have some dozens; the header is read one by one
# Markers that a length follows, and the end. Left out: a stuffed FF, and restarts, within a scan;
# those that decoders refuse or read no length of.
_MARKER = re.compile(rb"\xff([\xc0-\xc7\xc9-\xcf\xd9-\xef\xfe])")
_SCAN, _END = b"\xda", b"\xd9"


def has_endless_parts(data: bytes) -> bool:
    """Whether a JPEG has more scans or segments than ``MOST_SCANS`` and ``MOST_SEGMENTS``.

    Goes from segment to segment as decoders do, so that thumbnails, and what follows the picture
    in its file (a motion photo's film), count for nothing.
    """
    scans = segments = at = 0
    while found := _MARKER.search(data, at):
        at = found.end()
        if found[1] == _END:
            if scans:
                break
            continue  # Pillow reads on
        scans += found[1] == _SCAN
        segments += 1
        if scans > MOST_SCANS or segments > MOST_SEGMENTS:
            return True
        at += int.from_bytes(data[at : at + 2])
    return False

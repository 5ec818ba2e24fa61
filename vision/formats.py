"""Formats that people send and that are not read: known by content, to be refused by name."""

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (  # offset, bytes, name
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyphe", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypmsf1", "HEIC"),
    (4, b"ftyp", "Video"),
    (0, b"\x1a\x45\xdf\xa3", "Video"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"%PDF", "PDF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", "Icon"),
    (0, b"\xff\x0a", "JPEG XL"),
    (4, b"JXL ", "JPEG XL"),
    (4, b"jP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"PK\x03\x04", "ZIP"),
)
MARKUP_BYTES = 1024  # how far an <svg> or <html> tag is looked for behind comments and declarations


def refused_format(data: bytes) -> str | None:
    """The name of a format that is known and not read; None where the bytes look like nothing."""
    for offset, signature, name in SIGNATURES:
        if data.startswith(signature, offset):
            return name
    head = data[:MARKUP_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        return "SVG" if b"<svg" in head else "HTML"
    return None

"""Bytes from outside: every defined result, every typed refusal."""

import struct
import time
import zlib
from random import Random

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from photographs import astronaut, encode
from seollem.vision.errors import ImageTooLarge, SelfieError, UnreadableImage
from seollem.vision.images import RGB, ImageLimits, Picture

ORIENTATION = 0x0112  # EXIF
# What a camera stores for an upright picture, by orientation: the inverse of making it upright.
STORED = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.transpose(1, 0, 2),
    6: lambda pixels: np.rot90(pixels, 1),
    7: lambda pixels: pixels[::-1, ::-1].transpose(1, 0, 2),
    8: lambda pixels: np.rot90(pixels, -1),
}


def small(width: int = 40, height: int = 24) -> RGB:
    """Part of a photograph, wider than high, without symmetry."""
    return np.asarray(Image.fromarray(astronaut()).resize((width, height)))


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize(
    ("format", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {"quality": 100})]
)
def test_a_picture_is_upright_whatever_way_the_camera_was_held(
    orientation: int, format: str, options: dict[str, object]
) -> None:
    stored = np.ascontiguousarray(STORED[orientation](small()))
    picture = Picture(encode(stored, format, exif=exif(orientation), **options))

    pixels = picture.decode()

    assert (picture.width, picture.height) == (40, 24)
    assert np.abs(pixels.astype(int) - small()).mean() < (6 if format == "JPEG" else 0.01)


def test_nonsense_in_the_exif_data_changes_nothing() -> None:
    for orientation in (0, 9, 65535):
        data = encode(small(), "PNG", exif=exif(orientation))
        assert np.array_equal(Picture(data).decode(), small())


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about the very damage
def test_damaged_exif_data_changes_nothing() -> None:
    whole = encode(small(), exif=exif(6))
    start = whole.index(b"Exif\0\0") + 6
    damaged = whole[:start] + b"\xff" * 12 + whole[start + 12 :]
    assert Picture(damaged).decode().shape == (24, 40, 3)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_four_formats_are_read(format: str) -> None:
    pixels = Picture(encode(small(), format)).decode()
    assert pixels.shape == (24, 40, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - small()).mean() < 12


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_read(format: str) -> None:
    red, blue = (Image.new("RGB", (30, 20), colour) for colour in ("red", "blue"))
    data = encode(red, format, save_all=True, append_images=[blue, blue])
    assert Picture(data).decode()[10, 15].tolist() == pytest.approx([255, 0, 0], abs=4)


def sixteen_bit_grey() -> Image.Image:
    return Image.fromarray(np.full((20, 30), 51_400, np.uint16))


COLOURS = [  # name, what is stored, what is seen
    ("grey", Image.new("L", (30, 20), 200), [200, 200, 200]),
    ("16-bit grey", sixteen_bit_grey(), [200, 200, 200]),
    ("black and white", Image.new("1", (30, 20), 1), [255, 255, 255]),
    ("palette", Image.new("RGB", (30, 20), (9, 99, 199)).convert("P"), [0, 102, 204]),
    ("half-transparent red", Image.new("RGBA", (30, 20), (255, 0, 0, 128)), [255, 127, 127]),
    ("transparent", Image.new("RGBA", (30, 20), (9, 9, 9, 0)), [255, 255, 255]),
    ("half-transparent grey", Image.new("LA", (30, 20), (0, 128)), [127, 127, 127]),
    ("RGB", Image.new("RGB", (30, 20), (1, 2, 3)), [1, 2, 3]),
]


@pytest.mark.parametrize(("image", "seen"), [c[1:] for c in COLOURS], ids=[c[0] for c in COLOURS])
def test_any_kind_of_pixel_becomes_rgb(image: Image.Image, seen: list[int]) -> None:
    pixels = Picture(encode(image, "PNG")).decode()
    assert pixels.shape == (20, 30, 3)
    assert pixels[10, 15].tolist() == pytest.approx(seen, abs=2)


def test_sixteen_bits_of_each_colour_become_eight() -> None:
    rows = b"".join(b"\0" + struct.pack(">3H", 51_400, 25_700, 0) * 30 for _ in range(20))
    header = struct.pack(">IIBBBBB", 30, 20, 16, 2, 0, 0, 0)
    pixels = Picture(png(header, zlib.compress(rows))).decode()
    assert pixels[10, 15].tolist() == pytest.approx([200, 100, 0], abs=1)


def test_a_cmyk_jpeg_becomes_rgb() -> None:
    data = encode(Image.fromarray(small()).convert("CMYK"), quality=95)
    assert np.abs(Picture(data).decode().astype(int) - small()).mean() < 6


def test_a_single_pixel_is_a_picture() -> None:
    assert Picture(encode(Image.new("RGB", (1, 1), "red"), "PNG")).decode().tolist() == [
        [[255, 0, 0]]
    ]


def test_a_large_jpeg_is_decoded_at_reduced_size_but_keeps_its_own() -> None:
    data = encode(Image.new("RGB", (4000, 3000), "teal"))
    picture = Picture(data)
    assert picture.decode(960).shape == (750, 1000, 3)
    assert picture.decode(1001).shape == (1500, 2000, 3)
    assert picture.decode().shape == (3000, 4000, 3)
    assert (picture.width, picture.height) == (4000, 3000)


def test_a_picture_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[PngImageFile] = []
    begin = PngImageFile.load_prepare

    def load_prepare(self: PngImageFile) -> None:
        begun.append(self)
        begin(self)

    monkeypatch.setattr(PngImageFile, "load_prepare", load_prepare)
    picture = Picture(encode(small(), "PNG"))  # no EXIF data: Pillow looks for it behind the pixels
    assert np.array_equal(picture.decode(), small())
    assert len(begun) == 1
    assert np.array_equal(picture.decode(), small())


REFUSED = [
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
    (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", "Video"),
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "PDF"),
    (b"8BPS\0\1\0\0\0\0\0\0", "Photoshop"),
    (b"\xff\x0a\xfa\x7f\x01\x90", "JPEG XL"),
    (b"PK\x03\x04\x14\0\0\0", "ZIP"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "SVG"),
    (b"<!DOCTYPE html><title>Not found</title>", "HTML"),
    (encode(small(), "TIFF"), "TIFF"),
    (encode(small(), "BMP"), "BMP"),
    (encode(small(), "ICO"), "Icon"),
    (encode(small(), "AVIF"), "AVIF"),
]


@pytest.mark.parametrize(("data", "name"), REFUSED, ids=[name for _, name in REFUSED])
def test_other_formats_are_refused_by_name(data: bytes, name: str) -> None:
    with pytest.raises(UnreadableImage, match=rf"^{name} files .* JPEG or PNG"):
        Picture(data)


@pytest.mark.parametrize(
    "data", [b"\0", b"Good morning!", bytes(range(256)), b"RIFF\x24\0\0\0WAVEfmt ", b"\xff\xd8"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImage, match="JPEG or PNG"):
        Picture(data)


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="empty"):
        Picture(b"")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.9])
def test_a_truncated_picture_is_refused(format: str, kept: float) -> None:
    whole = encode(astronaut(), format)
    with pytest.raises(UnreadableImage, match=r"damaged.*send it again"):
        Picture(whole[: int(len(whole) * kept)]).decode()


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about damaged EXIF data
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_damage_of_any_kind_is_one_of_our_errors(format: str) -> None:
    random = Random(format)
    whole = encode(small(), format, **({} if format == "GIF" else {"exif": exif(6)}))
    read, refused = 0, 0
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(random.choice((1, 3, 30))):
            damaged[random.randrange(random.choice((64, len(whole))))] = random.randrange(256)
        try:
            Picture(bytes(damaged), ImageLimits(max_pixels=1_000_000)).decode()
            read += 1
        except SelfieError:
            refused += 1
    assert read + refused == 400
    assert refused > 50


def test_the_size_limit_is_exact() -> None:
    data = encode(small())
    Picture(data, ImageLimits(max_bytes=len(data)))
    with pytest.raises(ImageTooLarge, match="smaller copy"):
        Picture(data, ImageLimits(max_bytes=len(data) - 1))


def test_the_pixel_limit_is_exact() -> None:
    data = encode(small())
    Picture(data, ImageLimits(max_pixels=40 * 24))
    with pytest.raises(ImageTooLarge, match=r"40 × 24 pixels; .* smaller copy"):
        Picture(data, ImageLimits(max_pixels=40 * 24 - 1))


def png(header: bytes, pixels: bytes) -> bytes:
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def huge(format: str, side: int) -> bytes:
    """A file that promises side × side pixels and has none to decode."""
    if format == "PNG":
        return png(struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0), b"")
    if format == "GIF":
        frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0;"
        return b"GIF89a" + struct.pack("<HHBBB", side, side, 0, 0, 0) + frame
    if format == "JPEG":
        whole = encode(Image.new("L", (8, 8)))
        at = whole.index(b"\xff\xc0") + 5  # marker, length, precision; then height and width
        return whole[:at] + struct.pack(">HH", side, side) + whole[at + 4 :]
    edge = struct.pack("<I", side - 1)[:3]
    frame = encode(Image.new("RGB", (1, 1)), "WEBP")[12:]
    chunks = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + edge + edge + frame
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF"])
def test_twenty_thousand_pixels_each_way_are_refused_before_decoding(format: str) -> None:
    with pytest.raises(ImageTooLarge, match="20000 × 20000"):
        Picture(huge(format, 20_000))


def test_a_huge_webp_is_refused_before_decoding() -> None:
    with pytest.raises(SelfieError):  # its canvas and its frame disagree, which is damage too
        Picture(huge("WEBP", 16_000))
    whole = encode(Image.new("RGB", (9000, 6000)), "WEBP", quality=0, method=0)
    with pytest.raises(ImageTooLarge, match="9000 × 6000"):
        Picture(whole)


def test_a_decompression_bomb_is_refused_before_it_goes_off() -> None:
    rows = zlib.compressobj(9)
    bomb = b"".join(rows.compress(bytes(2501)) for _ in range(20_000)) + rows.flush()
    data = png(struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0), bomb)
    assert len(data) < 100_000
    with pytest.raises(ImageTooLarge):
        Picture(data)


SOS, EOI = b"\xff\xda", b"\xff\xd9"


def progressive() -> bytes:
    return encode(small(), progressive=True)


def test_a_jpeg_of_thousands_of_scans_is_refused_at_once() -> None:
    whole = progressive()
    last = whole[whole.rindex(SOS) : -len(EOI)]
    for repeated in (100, 20_000):
        started = time.perf_counter()
        with pytest.raises(ImageTooLarge, match="screenshot"):
            Picture(whole[: -len(EOI)] + repeated * last + EOI)
        assert time.perf_counter() - started < 1


def test_a_jpeg_of_thousands_of_segments_is_refused_at_once() -> None:
    whole = progressive()
    exif_data = 200_000 * b"\xff\xe1\0\x09Exif\0\0*"  # Pillow copies what it has for each
    for hidden in (b"", EOI, b"\xff\xf0\xff\xff"):  # which Pillow reads on after
        started = time.perf_counter()
        with pytest.raises(ImageTooLarge, match="screenshot"):
            Picture(whole[:2] + hidden + exif_data + whole[2:])
        assert time.perf_counter() - started < 1


def test_progressive_jpegs_are_read_whatever_else_their_files_hold() -> None:
    whole = progressive()
    assert whole.count(SOS) == 10
    many = 500 * (SOS + b"\0\2")
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(many)) + many
    for data in (whole, whole[:2] + comment + whole[2:], whole + many):
        assert np.abs(Picture(data).decode().astype(int) - small()).mean() < 12

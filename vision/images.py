"""Bytes from outside → upright RGB pixels. Limits are checked before anything is decoded."""

import math
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from seollem.vision.errors import ImageTooLarge, UnreadableImage
from seollem.vision.formats import refused_format
from seollem.vision.jpeg import has_endless_parts

RGB = NDArray[np.uint8]  # HWC, red first, [0, 255]

# The only decoders that see bytes from outside. They are called directly, because Image.open
# would try every format it knows and print a warning of its own about large pictures.
DECODERS: tuple[tuple[bytes, type[ImageFile.ImageFile]], ...] = (
    (b"\xff\xd8\xff", JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImageFile),
    (b"GIF87a", GifImageFile),
    (b"GIF89a", GifImageFile),
    (b"RIFF", WebPImageFile),
)
# What Pillow's readers let through when they meet damage.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, OverflowError,
          struct.error, zlib.error)  # fmt: skip

# EXIF orientation → what makes the picture upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
QUARTER_TURNS = {5, 6, 7, 8}
EXIF_ORIENTATION = 0x0112
BACKDROP = (255, 255, 255)  # shines through where a picture is transparent


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may weigh: bytes of the file, pixels of the first frame."""

    max_bytes: int = 25_000_000
    max_pixels: int = 50_000_000


DEFAULT_LIMITS = ImageLimits()


class Picture:
    """A picture whose header was read and found within the limits; pixels are decoded on demand.

    Attributes:
        width, height: of the upright picture, pixels.

    Raises:
        UnreadableImage: not a picture, damaged, or of a format that is not read.
        ImageTooLarge: more bytes or pixels than the limits allow, or a JPEG of too many parts.
    """

    def __init__(self, data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> None:
        if not data:
            raise UnreadableImage("The file is empty. Please send the picture again.")
        if len(data) > limits.max_bytes:
            raise ImageTooLarge(
                f"The file has more than {limits.max_bytes / 1e6:g} MB, which is the most that is "
                "read. Please send a smaller copy."
            )
        self._data = data
        self._decoder = _decoder_of(data)
        if self._decoder is JpegImageFile and has_endless_parts(data):
            raise ImageTooLarge(
                "The JPEG is made of far more parts than photographs are, and would take very long "
                "to read. Please send a screenshot of it, or another copy."
            )
        most = (
            f"at most {limits.max_pixels / 1e6:g} megapixels are read. Please send a smaller copy."
        )
        try:
            image = self._open()
        except Image.DecompressionBombError as error:  # WebP and GIF readers check by themselves
            raise ImageTooLarge(f"The picture is far too large; {most}") from error
        if image.width * image.height > limits.max_pixels:
            raise ImageTooLarge(f"The picture has {image.width} × {image.height} pixels; {most}")
        self.width, self.height = image.size
        # What was opened is decoded first: to look for the EXIF data of a PNG that has none before
        # its pixels, Pillow decodes these.
        self._opened: ImageFile.ImageFile | None = image
        orientation = 1  # where the camera wrote none or nonsense
        try:
            orientation = image.getexif().get(EXIF_ORIENTATION, 1)
        except DAMAGE:
            self._opened = None  # which may stand anywhere in it
        self._turn = UPRIGHT.get(orientation)
        if orientation in QUARTER_TURNS:
            self.width, self.height = self.height, self.width

    def decode(self, longest_side: int | None = None) -> RGB:
        """The upright pixels, (height, width, 3).

        ``longest_side``: the longest side that is needed. A JPEG is then decoded at 1/2, 1/4 or
        1/8 of its size where that leaves as much; other formats know no reduced size and come
        whole.

        Raises:
            UnreadableImage: the picture is truncated or damaged.
        """
        try:
            image, self._opened = self._opened or self._open(), None
            if longest_side is not None:
                shrink = min(1.0, longest_side / max(image.size))
                image.draft(
                    None, (math.ceil(image.width * shrink), math.ceil(image.height * shrink))
                )
            image.load()
            upright = image if self._turn is None else image.transpose(self._turn)
            return np.ascontiguousarray(_to_rgb(upright))
        except DAMAGE as error:
            raise UnreadableImage(
                "The picture is damaged or was cut off. Please send it again."
            ) from error

    def _open(self) -> ImageFile.ImageFile:
        try:
            return self._decoder(BytesIO(self._data))
        except DAMAGE as error:
            raise UnreadableImage(
                "The picture is damaged: its header cannot be read. Please send it again."
            ) from error


def _decoder_of(data: bytes) -> type[ImageFile.ImageFile]:
    """Chosen by content: names and declared types are not trusted."""
    for signature, decoder in DECODERS:
        if data.startswith(signature) and (signature != b"RIFF" or data[8:12] == b"WEBP"):
            return decoder
    name = refused_format(data)
    what = f"{name} files are not read here" if name else "This is not a picture that is read here"
    raise UnreadableImage(f"{what}. Please send the photo as JPEG or PNG.")


def _to_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """Any of Pillow's modes → HWC uint8; 16-bit greys keep their upper eight bits."""
    if image.mode.startswith("I") or image.mode == "F":
        deep = np.asarray(image)
        grey = np.clip(deep.astype(np.int64) >> 8, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, BACKDROP)
        image.paste(layer, mask=layer.getchannel("A"))
    return np.asarray(image.convert("RGB"))

"""The selfie that the benchmarks read: a portrait in a 1920 × 1080 photo."""

import io
from pathlib import Path

from PIL import Image, ImageFilter

_PORTRAIT = Path(__file__).parents[2] / "bot" / "portraits" / "astronaut.jpg"
_HEAD = (62, 0, 382, 320)  # head and shoulders: at arm's length, the face is a third of the height


def full_hd_selfie() -> bytes:
    """A JPEG of 1920 × 1080 px: the portrait before its own colours, blurred beyond any face."""
    with Image.open(_PORTRAIT) as image:
        head = image.convert("RGB").crop(_HEAD)
    portrait = head.resize((1080, 1080), Image.Resampling.LANCZOS)
    photo = portrait.resize((1920, 1080)).filter(ImageFilter.GaussianBlur(150))
    photo.paste(portrait, (420, 0))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=90)
    return file.getvalue()

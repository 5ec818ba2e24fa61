"""The selfie that the benchmarks read: a portrait in a 1920 × 1080 photo."""

import io
from pathlib import Path

from PIL import Image, ImageFilter

_PORTRAIT = Path(__file__).parents[2] / "bot" / "portraits" / "astronaut.jpg"


def full_hd_selfie() -> bytes:
    """A JPEG of 1920 × 1080 px: the portrait, sharp, before a blurred copy of itself."""
    with Image.open(_PORTRAIT) as image:
        portrait = image.convert("RGB").resize((1080, 1080), Image.Resampling.LANCZOS)
    photo = portrait.resize((1920, 1080)).filter(ImageFilter.GaussianBlur(12))
    photo.paste(portrait, (420, 0))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=90)
    return file.getvalue()

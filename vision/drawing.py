"""Readings drawn into their picture."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from seollem.vision.images import RGB
from seollem.vision.readings import FaceReading
from seollem.vision.style import CARD, FONT, ROSE

SUBJECT, OTHERS = ROSE, "#c9c3d4"  # of the boxes around faces
LINES = 3  # emotions named for a face
TEXT_HEIGHT = 0.028  # of the picture's shorter side
SMALLEST_TEXT = 11  # px


def annotate(pixels: RGB, faces: Sequence[FaceReading], subject: int | None) -> Image.Image:
    """The picture with a box around each face and its most probable emotions below.

    ``pixels``: upright RGB, HWC uint8, in whose coordinates the faces' boxes are.
    """
    image = Image.fromarray(pixels)
    pencil = ImageDraw.Draw(image)
    height = max(SMALLEST_TEXT, round(TEXT_HEIGHT * min(image.size)))
    font = ImageFont.truetype(str(FONT), height)
    for number, face in reversed(list(enumerate(faces))):  # the largest on top
        colour = SUBJECT if number == subject else OTHERS
        box = face.box
        corners = (box.x, box.y, box.x + box.width, box.y + box.height)
        pencil.rectangle(corners, outline=colour, width=max(2, height // 6))
        text = "\n".join(_lines(face))
        margin = height // 3
        _, _, width, depth = pencil.multiline_textbbox((0, 0), text, font=font)
        x = max(0.0, min(box.x, image.width - width - 2 * margin))
        y = max(0.0, min(box.y + box.height, image.height - depth - 2 * margin))
        card = (x, y, x + width + 2 * margin, y + depth + 2 * margin)
        pencil.rectangle(card, fill=CARD.ground, outline=colour)
        pencil.multiline_text((x + margin, y + margin), text, font=font, fill=CARD.ink)
    return image


def _lines(face: FaceReading) -> list[str]:
    lines = [f"{label} {p:.0%}" for label, p in face.emotions.top(LINES).items()]
    return lines if face.is_conclusive else [*lines, "(inconclusive)"]

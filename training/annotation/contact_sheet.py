"""Contact sheets: faces of one label as a picture, the surest and the least sure."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from seollem.vision.images import RGB
from seollem.vision.style import FONT, PAPER

COLUMNS = 8
FACE = 112  # px a side
CELL = (128, 156)  # px: a face, and two lines of text below
MARGIN, HEADING = 16, 34  # px
LARGE, MEDIUM, SMALL = 24, 15, 13  # px


@dataclass(frozen=True, slots=True)
class Tile:
    """One face: ``number`` is its line in the csv file; ``crop`` is None where it is gone."""

    number: int
    confidence: float
    crop: RGB | None


def contact_sheet(title: str, groups: Sequence[tuple[str, Sequence[Tile]]]) -> Image.Image:
    """Draw groups of faces, each under its heading."""
    depths = [HEADING + CELL[1] * max(1, -(-len(tiles) // COLUMNS)) for _, tiles in groups]
    width = 2 * MARGIN + COLUMNS * CELL[0]
    sheet = Image.new("RGB", (width, 3 * MARGIN + LARGE + sum(depths)), PAPER.ground)
    pencil = ImageDraw.Draw(sheet)
    pencil.text((MARGIN, MARGIN), title, PAPER.ink, _font(LARGE))
    top = 2 * MARGIN + LARGE
    for (heading, tiles), depth in zip(groups, depths, strict=True):
        pencil.text((MARGIN, top + 6), heading, PAPER.ink, _font(MEDIUM))
        for place, tile in enumerate(tiles):
            row, column = divmod(place, COLUMNS)
            _draw(sheet, tile, MARGIN + column * CELL[0], top + HEADING + row * CELL[1])
        if not tiles:
            pencil.text((MARGIN, top + HEADING), "none", PAPER.faint, _font(SMALL))
        top += depth
    return sheet


def _draw(sheet: Image.Image, tile: Tile, x: int, y: int) -> None:
    pencil = ImageDraw.Draw(sheet)
    if tile.crop is None:
        pencil.rectangle((x, y, x + FACE - 1, y + FACE - 1), PAPER.grid)
        pencil.text((x + 8, y + FACE // 2 - 8), "photograph gone", PAPER.faint, _font(SMALL))
    else:
        face = Image.fromarray(tile.crop).resize((FACE, FACE), Image.Resampling.LANCZOS)
        sheet.paste(face, (x, y))
    pencil.text((x, y + FACE + 4), f"{tile.number}", PAPER.ink, _font(MEDIUM))
    share = f"{tile.confidence:.1%}"
    pencil.text((x + FACE, y + FACE + 6), share, PAPER.faint, _font(SMALL), anchor="ra")


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)

"""How everything that is drawn looks: font, colours, and the canvas and axes of charts.

Matplotlib is imported where a chart is drawn, and never its pyplot, so that threads may draw at
once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

FONT = Path(__file__).parent / "fonts" / "NanumSquareR.ttf"  # Latin and Hangul


@dataclass(frozen=True, slots=True)
class Palette:
    """A ground and what is drawn on it, as ``#rrggbb``."""

    ground: str
    grid: str
    ink: str
    faint: str  # of words beside the point


# For people: a dark card, legible on light and dark themes alike. For reports: white paper.
CARD = Palette("#26212f", "#40384d", "#f4eff8", "#b3a9c0")
PAPER = Palette("#ffffff", "#e5e7eb", "#111827", "#6b7280")

ROSE, SKY = "#ff7aa8", "#5b8def"  # on the card: affection, and its opposite
BLUE, RED, GREEN, AMBER, VIOLET = "#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed"  # on paper

REPORT_DPI = 150
LINE_WIDTH = 0.6  # points, of a grid


def font(size: float) -> "FontProperties":
    """The font in a size in points."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(FONT), size=size)


def canvas(width: float, height: float, palette: Palette, *, dpi: int) -> "Figure":
    """An empty figure of ``width`` × ``height`` inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=dpi, facecolor=palette.ground)
    FigureCanvasAgg(figure)
    return figure


def report(
    width: float,
    height: float,
    *,
    rows: int = 1,
    columns: int = 1,
    width_ratios: tuple[float, ...] | None = None,
    sharey: bool = False,
) -> tuple["Figure", list["Axes"]]:
    """A figure on paper, and its panels row by row."""
    figure = canvas(width, height, PAPER, dpi=REPORT_DPI)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(rows, columns, width_ratios=width_ratios, sharey=sharey, squeeze=False)
    return figure, list(panels.ravel())


def style_axes(
    axes: "Axes",
    palette: Palette = PAPER,
    *,
    grid: Literal["x", "y", "both"] | None = "both",
    frame: tuple[str, ...] = ("left", "bottom"),
) -> None:
    """Draw the grid lines of one axis or both, behind the data, and these sides of the frame."""
    if grid:
        axes.grid(axis=grid, color=palette.grid, linewidth=LINE_WIDTH)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in frame)


def mark_value(axes: "Axes", x: float, y: float, label: str, colour: str) -> None:
    """Write a value beside its point."""
    axes.annotate(label, (x, y), (4, -3), color=colour, textcoords="offset points", fontsize=7)

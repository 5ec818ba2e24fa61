"""Texts with emotions: readers of KOTE, GoEmotions, NSMC, Songys' data, KorSTS and chat lines.

Every file is tab-separated with a header row that names its columns, plain or ``.xz``. KOTE's
official files have no header row; their columns are id, text, labels.
"""

import csv
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.emotions import KOTE
from seollem.training.errors import DataError

GOEMOTIONS: tuple[str, ...] = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion",
    "curiosity", "desire", "disappointment", "disapproval", "disgust", "embarrassment",
    "excitement", "fear", "gratitude", "grief", "joy", "love", "nervousness", "optimism", "pride",
    "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip
TOPICS = 3  # of Songys' talk: daily life, break-up, love


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts and their targets, float32 in [0, 1], one row a text."""

    texts: tuple[str, ...]
    targets: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def checksum(self) -> int:
        """CRC-32: the same for the same texts with the same targets."""
        return zlib.crc32(
            "\0".join(self.texts).encode(), zlib.crc32(np.ascontiguousarray(self.targets).data)
        )

    def rows(self, chosen: NDArray[np.int64]) -> "Labelled":
        """Some of the rows."""
        return Labelled(tuple(self.texts[i] for i in chosen), self.targets[chosen])


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two texts a row; ``targets`` (N, L) float32: of both, or (N, 0) where there are none."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    targets: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True)
class Sided(Pairs):
    """Lines in two languages, with the affection for the reader that both show.

    ``affection`` (N,) float32 in [-3, 3]; 0 where a line shows none. ``kinds``: what each is.
    """

    affection: NDArray[np.float32]
    kinds: tuple[str, ...]


def read_kote(folder: Path, split: str) -> Labelled:
    """KOTE's train, val or test: 44 labels a text (Jeon et al. 2022)."""
    rows = list(_rows(folder, f"kote_{split}", f"{split}", columns=("id", "text", "labels")))
    if not rows:
        raise DataError(f"{folder}: KOTE's {split} holds no row. Get it again.")
    targets = _several([_get(row, "labels") for row in rows], len(KOTE))
    return Labelled(tuple(_get(row, "text") for row in rows), targets)


def read_goemotions(folder: Path, split: str) -> Pairs:
    """GoEmotions in English and in Korean: 28 labels (Demszky et al. 2020)."""
    rows = list(_rows(folder, f"goemotions_{split}"))
    targets = _several([_get(row, "labels28") for row in rows], len(GOEMOTIONS))
    return Pairs(
        tuple(_get(row, "text_en") for row in rows),
        tuple(_get(row, "text_ko_mt") for row in rows),
        targets,
    )


def read_chat(split: str) -> tuple[Labelled, tuple[str, ...]]:
    """Lines of private chat that come with this project: "learn", "dev" or "test".

    Returns the lines with KOTE's 44 labels, and what each is: affection, everyday, rejection,
    hostile, trouble or joy. Who wrote and labelled them stands in scoring/weights/text/README.md.
    """
    rows = list(_rows(Path(__file__).parent, f"chat_{split}"))
    lines = Labelled(tuple(row["text"] for row in rows), _named([row["labels"] for row in rows]))
    return lines, tuple(row["kind"] for row in rows)


def read_chat_pairs() -> Pairs:
    """More lines of private chat to learn from, each in Korean and in English: KOTE's 44 labels."""
    rows = list(_rows(Path(__file__).parent, "chat_pairs"))
    return Pairs(
        tuple(row["ko"] for row in rows),
        tuple(row["en"] for row in rows),
        _named([row["labels"] for row in rows]),
    )


SIDES = {"cold": -1.0, "neutral": 0.0, "warm": 1.0}


def read_sides(split: str) -> Sided:
    """Chat lines in Korean and English, warm, cold or neither: "learn", "dev" or "test".

    They come with this project; most stand in sets that turn the same words to another side. Who
    wrote and labelled them stands in training/data/CHAT.md. Test lines have a side alone: their
    affection is -1, 0 or 1.
    """
    rows = list(_rows(Path(__file__).parent, f"chat_sides_{split}"))
    return Sided(
        tuple(row["ko"] for row in rows),
        tuple(row["en"] for row in rows),
        _named([row["labels"] for row in rows]),
        np.array([float(row.get("affection", SIDES[row["side"]])) for row in rows], np.float32),
        tuple(row["kind"] for row in rows),
    )


def read_nsmc(folder: Path, *, without: Labelled) -> Labelled:
    """NSMC reviews with their rating, 1–10 → 0–1; reviews that equal a text of ``without`` go."""
    known = {_bare(text) for text in without.texts}
    rows = [
        (row["document"], (_number(row, "rating", 1, 10) - 1) / 9)
        for row in _rows(folder, "nsmc_reviews")
        if _bare(_get(row, "document")) and _bare(row["document"]) not in known
    ]
    ratings = np.array([[rating] for _, rating in rows], np.float32)
    return Labelled(tuple(text for text, _ in rows), ratings)


def read_songys(folder: Path) -> Labelled:
    """What people say to a chatbot, of daily life, break-up or love (one-hot)."""
    rows = list(_rows(folder, "songys_chatbot"))
    topics = [int(_number(row, "label", 0, TOPICS - 1)) for row in rows]
    return Labelled(
        tuple(_get(row, "question") for row in rows), np.eye(TOPICS, dtype=np.float32)[topics]
    )


def read_paraphrases(folder: Path) -> Pairs:
    """Question pairs of the same meaning (the training split of Songys' question pairs)."""
    rows = [row for row in _rows(folder, "qp_train") if _get(row, "is_different") == "0"]
    rows = [row for row in rows if row["q1"] != row["q2"]]
    return Pairs(
        tuple(row["q1"] for row in rows),
        tuple(row["q2"] for row in rows),
        np.empty((len(rows), 0), np.float32),
    )


def read_korsts(folder: Path, split: str) -> Pairs:
    """KorSTS: pairs with a similarity, 0–5 → 0–1 (Ham et al. 2020)."""
    rows = list(_rows(folder, f"korsts_{split}"))
    scores = np.array([[_number(row, "score", 0, 5) / 5] for row in rows], np.float32)
    return Pairs(
        tuple(_get(row, "sentence1") for row in rows),
        tuple(_get(row, "sentence2") for row in rows),
        scores,
    )


def _rows(folder: Path, *names: str, columns: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """The rows of the first of some files that is there; ``columns`` where it has no header."""
    paths = [folder / f"{name}.tsv{ending}" for name in names for ending in ("", ".xz")]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise DataError(f"{folder} holds no {paths[0].name}. Give the folder of the corpora.")
    unpack: Callable[..., object] = lzma.open if path.suffix == ".xz" else open
    try:
        with unpack(path, "rt", encoding="utf-8", newline="") as file:  # type: ignore[attr-defined]
            lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            first = next(lines, [])
            header = list(columns) if columns and first[:1] != [columns[0]] else first
            for number, line in enumerate(lines if header is first else _chain(first, lines), 1):
                if len(line) != len(header):
                    raise DataError(
                        f"{path}, row {number}: {len(line)} columns, not {len(header)}."
                    )
                yield dict(zip(header, line, strict=True))
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read ({error}). Get it again.") from error


def _chain(first: list[str], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rest


def _get(row: dict[str, str], column: str) -> str:
    if column not in row:
        raise DataError(f"The column {column!r} is missing among {', '.join(row)}.")
    return row[column]


def _number(row: dict[str, str], column: str, least: float, most: float) -> float:
    try:
        number = float(_get(row, column))
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise DataError(f"{column} is {row[column]!r}, not a number from {least} to {most}.")
    return number


def _several(cells: list[str], count: int) -> NDArray[np.float32]:
    """ "0,5,7" → a row with ones at 0, 5 and 7."""
    targets = np.zeros((len(cells), count), np.float32)
    for row, cell in zip(targets, cells, strict=True):
        for part in cell.split(","):
            if not part.isdecimal() or int(part) >= count:
                raise DataError(f"The labels {cell!r} are not numbers from 0 to {count - 1}.")
            row[int(part)] = 1.0
    return targets


def _named(cells: list[str]) -> NDArray[np.float32]:
    """Names of KOTE's labels with commas between them → a row with ones at those."""
    targets = np.zeros((len(cells), len(KOTE)), np.float32)
    for row, cell in zip(targets, cells, strict=True):
        row[[KOTE.index(label) for label in cell.split(",")]] = 1.0
    return targets


def _bare(text: str) -> str:
    """Without what differs between copies of one comment."""
    return "".join(character for character in text if character.isalnum())

"""The pictures of a manifest's rows, read and cut to small grey squares."""

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from seollem.training.data.fer2013 import read_faces
from seollem.training.data.manifest import Row
from seollem.training.files.skipped import Skipped
from seollem.vision.errors import SelfieError
from seollem.vision.images import Picture
from seollem.vision.system_libraries import system_libraries

with system_libraries():
    import cv2

    from seollem.vision.crops import crop_whole, cut

Grey = NDArray[np.uint8]  # (S, S)


def load_pictures(
    rows: Sequence[Row], size: int, skipped: Skipped
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Read every row's face, as training and serving see it.

    Returns:
        (N, size, size) uint8, grey, and (N,) bool: which of them could be read. The others are
        black, and counted.

    Raises:
        DataError: a csv file of faces is gone.
    """
    images = np.zeros((len(rows), size, size), np.uint8)
    is_read = np.zeros(len(rows), np.bool_)
    for place, image in _from_tables(rows, size).items():
        images[place], is_read[place] = image, True
    files = [place for place, row in enumerate(rows) if row.number is None]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        read = threads.map(partial(_read, size=size), [rows[place] for place in files])
        for place, face in zip(
            files, tqdm(read, "pictures", len(files), delay=5, mininterval=2), strict=True
        ):
            if isinstance(face, str):
                skipped.add(face, rows[place].path)
            else:
                images[place], is_read[place] = face, True
    for row, read_it in zip(rows, is_read, strict=True):
        if row.number is not None and not read_it:
            skipped.add("no such row any more", row.place)
    return images, is_read


def _from_tables(rows: Sequence[Row], size: int) -> dict[int, Grey]:
    """Place among the rows → face, for those whose pixels stand in csv files."""
    wanted: dict[Path, dict[int, int]] = defaultdict(dict)
    for place, row in enumerate(rows):
        if row.number is not None:
            wanted[row.path][row.number] = place
    return {
        places[face.number]: _fit(face.pixels, size)
        for path, places in wanted.items()
        for face in read_faces(path, Skipped())[0]
        if face.number in places
    }


def _read(row: Row, size: int) -> Grey | str:
    """The face, or why there is none."""
    try:
        pixels = Picture(row.path.read_bytes()).decode()
    except (OSError, SelfieError) as error:
        return f"an unreadable picture ({type(error).__name__})"
    whole = crop_whole(pixels, size) if row.crop is None else cut(pixels, row.crop, size)
    return _fit(np.asarray(cv2.cvtColor(whole, cv2.COLOR_RGB2GRAY), np.uint8), size)


def _fit(image: Grey, size: int) -> Grey:
    if image.shape == (size, size):
        return image
    method = cv2.INTER_AREA if image.shape[0] > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (size, size), interpolation=method), np.uint8)

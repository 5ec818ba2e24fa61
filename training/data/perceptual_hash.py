"""Perceptual hashes: 64 bits that hardly change when a picture is scaled, toned or saved anew.

The DCT hash (Zauner 2010): the signs of a picture's lowest frequencies about their median.
"""

import numpy as np
from numpy.typing import NDArray

BITS = 64
HIGHEST = 9  # of the frequencies looked at, each way
BATCH = 4096  # pictures


def perceptual_hashes(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(N, S, S) uint8, grey → (N,) uint64."""
    size = images.shape[1]
    waves = _cosines(size)
    rows, columns = _lowest()
    hashes = np.empty(len(images), np.uint64)
    for first in range(0, len(images), BATCH):
        batch = images[first : first + BATCH].astype(np.float32)
        spectrum = waves @ batch @ waves.T  # (B, 9, 9)
        lowest = spectrum[:, rows, columns]  # (B, 64)
        signs = lowest > np.median(lowest, axis=1, keepdims=True)
        hashes[first : first + BATCH] = np.packbits(signs.ravel()).view(np.uint64)
    return hashes


def _cosines(size: int) -> NDArray[np.float32]:
    """(9, S): the first waves of the discrete cosine transform (DCT-II)."""
    at = (np.arange(size) + 0.5) / size
    return np.cos(np.pi * np.outer(np.arange(HIGHEST), at)).astype(np.float32)


def _lowest() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column numbers of the 64 lowest frequencies, but for the constant."""
    rows, columns = np.divmod(np.arange(HIGHEST**2), HIGHEST)
    order = np.argsort(rows**2 + columns**2, kind="stable")[1 : BITS + 1]
    return rows[order], columns[order]

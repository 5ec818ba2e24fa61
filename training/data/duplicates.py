"""Near-duplicates: the same photograph twice, in one source or in two.

Perceptual hashes within a Hamming radius are candidates. Small faces look alike to a hash, so each
candidate is then verified by the correlation of its pixels. The scan compares every hash with
every other, sixty-four bits in one instruction, a block that fits the processor's cache at a time:
it is exact, keeps nothing in memory, and takes between two and three minutes of one processor for
300,000 pictures. Tables of partial hashes (Norouzi et al. 2012) would not be faster: in a quarter
of their bits, one pair of faces in twelve lies as near as they would have to look.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from seollem.training.data.perceptual_hash import perceptual_hashes

RADIUS = 12  # bits; on FER-2013, all pairs correlated above .95 lie within
CORRELATION = 0.95  # of the pixels; from here on it is the same photograph
BLOCK = (64, 8192)  # hashes compared at once
VERIFIED = 8192  # candidates at once


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What was found.

    Attributes:
        hashes: (N,) uint64, perceptual.
        first: (N,) int64, the first row that shows the same photograph: mostly the row itself.
        leaked: (N,) bool, whether a near-duplicate stands in an earlier split.
    """

    hashes: NDArray[np.uint64]
    first: NDArray[np.int64]
    leaked: NDArray[np.bool_]


def find_duplicates(images: NDArray[np.uint8], splits: NDArray[np.int64]) -> Duplicates:
    """Find near-duplicates among (N, S, S) grey pictures with (N,) splits, earlier ones lower.

    Pictures of one colour, which show nothing, are nobody's duplicates.
    """
    hashes = perceptual_hashes(images)
    kinds, kind = _distinct(images)
    pairs = near_pairs(images, hashes, kinds)
    earliest = np.full(len(kinds), splits.max(initial=0))
    np.minimum.at(earliest, kind, splits)
    nearby, first = earliest.copy(), np.arange(len(kinds))
    for a, b in (pairs.T, pairs.T[::-1]):
        np.minimum.at(nearby, a, earliest[b])
    changed = True
    while changed:  # the first of a chain of near-duplicates reaches its end
        before = first.copy()
        for a, b in (pairs.T, pairs.T[::-1]):
            np.minimum.at(first, a, first[b])
        changed = not np.array_equal(before, first)
    return Duplicates(hashes, kinds[first][kind], splits > nearby[kind])


def near_pairs(
    images: NDArray[np.uint8], hashes: NDArray[np.uint64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(P, 2) places in ``rows``, the lower one first: pairs that show the same photograph."""
    found = [np.empty((0, 2), np.int64)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        starts = range(0, len(rows), BLOCK[0])
        scanned = threads.map(partial(_candidates, hashes[rows]), starts)
        for candidates in tqdm(scanned, "near-duplicates", len(starts), delay=5, mininterval=2):
            for first in range(0, len(candidates), VERIFIED):
                pairs = candidates[first : first + VERIFIED]
                a, b = (_normalised(images[rows[side]]) for side in pairs.T)
                found.append(pairs[np.einsum("np,np->n", a, b) > CORRELATION])
    return np.concatenate(found)


def _distinct(images: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each picture, and for every row which of them it is a copy of."""
    numbers: dict[bytes, int] = {}
    kinds: list[int] = []
    kind = np.empty(len(images), np.int64)
    for row, image in enumerate(images):
        is_blank = image.min() == image.max()
        digest = row.to_bytes(8) if is_blank else hashlib.blake2b(image, digest_size=16).digest()
        kind[row] = numbers.setdefault(digest, len(kinds))
        if kind[row] == len(kinds):
            kinds.append(row)
    return np.array(kinds, np.int64), kind


def _candidates(hashes: NDArray[np.uint64], start: int) -> NDArray[np.int64]:
    """(P, 2): the pairs within the radius whose first member is in the block from ``start`` on."""
    height, width = BLOCK
    block = hashes[start : start + height, None]
    pairs = []
    for left in range(start, len(hashes), width):
        distances = np.bitwise_count(block ^ hashes[left : left + width])
        a, b = np.nonzero(distances <= RADIUS)
        pairs.append(np.stack([a + start, b + left], axis=1))
    found = np.concatenate(pairs)
    return found[found[:, 0] < found[:, 1]]


def _normalised(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, S, S) → (N, S · S) without mean, of unit length; pictures of one colour become zero."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    flat /= np.where(lengths > 0, lengths, 1)
    return flat

"""Label-balanced batches."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seollem.training.errors import DataError


class BalancedBatches:
    """Batches in which every class stands equally often, give or take one.

    Each class is walked through in an order of its own, shuffled anew at every pass, so that all
    of its rows are seen before one is seen again; which classes get the odd places rotates.
    The n-th batch is a function of (labels, batch size, seed, n) alone, so a stopped run goes on
    with the batches that it would have had. A batch lists its rows by class: every k-th of them is
    balanced, too, for any k.

        batches = BalancedBatches(faces.classes, batch_size=64, seed=1)
        DataLoader(dataset, batch_sampler=batches.batches(step, steps), num_workers=2)

    Args:
        labels: (N,) integers.
        batch_size: rows a batch; at least the number of classes.
        seed: of the orders.

    Raises:
        DataError: there is no row, or a batch is too small to hold every class.
    """

    def __init__(self, labels: NDArray[np.int64], *, batch_size: int, seed: int) -> None:
        self.classes = np.unique(labels)
        if not len(self.classes):
            raise DataError("There is no row to train on.")
        if batch_size < len(self.classes):
            raise DataError(
                f"A batch of {batch_size} rows is too small for {len(self.classes)} classes."
            )
        self._rows = [np.flatnonzero(labels == label) for label in self.classes]
        self._base, self._odd = divmod(batch_size, len(self.classes))
        self._seed = seed
        self._orders: dict[tuple[int, int], NDArray[np.int64]] = {}

    def batches(self, first: int, last: int) -> "BatchRange":
        """The batches numbered first … last - 1, each (batch_size,) row numbers."""
        return BatchRange(self, first, last)

    def batch(self, number: int) -> NDArray[np.int64]:
        """One batch, (batch_size,) row numbers by class."""
        drawn = [self._draw(place, number) for place in range(len(self.classes))]
        return np.concatenate(drawn)

    def _draw(self, place: int, number: int) -> NDArray[np.int64]:
        start, end = self._drawn(place, number), self._drawn(place, number + 1)
        rows = self._rows[place]
        return np.array(
            [rows[self._order(place, i // len(rows))[i % len(rows)]] for i in range(start, end)],
            np.int64,
        )

    def _drawn(self, place: int, number: int) -> int:
        """How many rows of a class the batches before this one hold.

        Batch b gives its odd places to the ``odd`` classes from b · odd on, around the circle.
        """
        odd_places = number * self._odd
        whole, part = divmod(odd_places, len(self.classes))
        return number * self._base + whole + (1 if place < part else 0)

    def _order(self, place: int, cycle: int) -> NDArray[np.int64]:
        key = (place, cycle)
        if key not in self._orders:
            self._orders.pop((place, cycle - 2), None)
            generator = np.random.default_rng((self._seed, place, cycle))
            self._orders[key] = generator.permutation(len(self._rows[place]))
        return self._orders[key]


@dataclass(frozen=True, slots=True)
class BatchRange:
    """Some consecutive batches, as often as they are asked for: a loader's ``batch_sampler``."""

    of: BalancedBatches
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        return map(self.of.batch, range(self.first, self.last))

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from seollem.training.errors import DataError
from seollem.training.finetune.sampler import BalancedBatches

counts = st.lists(st.integers(1, 40), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None)
@given(counts=counts, extra=st.integers(0, 20), seed=st.integers(0, 5))
def test_every_batch_holds_each_class_equally_often_give_or_take_one(
    counts: list[int], extra: int, seed: int
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    size = len(counts) + extra
    batches = BalancedBatches(labels, batch_size=size, seed=seed)
    total = np.zeros(len(counts), int)
    for rows in batches.batches(0, 12):
        held = np.bincount(labels[rows], minlength=len(counts))
        assert held.sum() == size
        assert held.max() - held.min() <= 1
        total += held
    assert total.max() - total.min() <= 1


def test_all_rows_of_a_class_are_seen_before_one_is_seen_again() -> None:
    labels = np.array([0] * 10 + [1] * 3)
    batches = BalancedBatches(labels, batch_size=2, seed=1)
    rows = np.concatenate(list(batches.batches(0, 10)))
    assert sorted(rows[labels[rows] == 0]) == list(range(10))
    assert sorted(rows[labels[rows] == 1][:3]) == [10, 11, 12]


def test_a_run_that_was_stopped_gets_the_batches_it_would_have_had() -> None:
    labels = np.random.default_rng(0).integers(0, 7, 200)
    whole = list(BalancedBatches(labels, batch_size=16, seed=4).batches(0, 60))
    later = list(BalancedBatches(labels, batch_size=16, seed=4).batches(37, 60))
    assert all(np.array_equal(a, b) for a, b in zip(whole[37:], later, strict=True))
    other = BalancedBatches(labels, batch_size=16, seed=5).batch(0)
    assert not np.array_equal(whole[0], other)


@settings(max_examples=40, deadline=None)
@given(counts=counts, parts=st.integers(1, 4), rows_each=st.integers(1, 12), seed=st.integers(0, 5))
def test_every_part_of_a_batch_is_balanced(
    counts: list[int], parts: int, rows_each: int, seed: int
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    size = parts * max(rows_each, len(counts))
    for batch in BalancedBatches(labels, batch_size=size, seed=seed).batches(0, 8):
        for part in range(parts):
            held = np.bincount(labels[batch[part::parts]], minlength=len(counts))
            assert held.max() - held.min() <= 1


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_gets_the_same_batches_whatever_its_workers(workers: int) -> None:
    labels = np.random.default_rng(3).integers(0, 7, 100)
    rows = TensorDataset(torch.arange(100))
    batches = BalancedBatches(labels, batch_size=14, seed=2).batches(5, 13)
    loader: DataLoader[Any] = DataLoader(
        rows,
        batch_sampler=batches,  # type: ignore[arg-type]  # rows as an array serve as a list
        num_workers=workers,
    )
    assert len(loader) == 8
    for _ in range(2):
        loaded = [batch.numpy() for (batch,) in loader]
        assert all(np.array_equal(a, b) for a, b in zip(loaded, batches, strict=True))


def test_a_batch_that_cannot_hold_every_class_is_refused() -> None:
    with pytest.raises(DataError, match="too small"):
        BalancedBatches(np.arange(7), batch_size=6, seed=0)
    with pytest.raises(DataError, match="no row"):
        BalancedBatches(np.array([], np.int64), batch_size=6, seed=0)

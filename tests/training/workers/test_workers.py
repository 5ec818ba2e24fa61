"""Work over processes and over a cluster."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from seollem.training.errors import MissingExtra, WorkersLost
from seollem.training.workers.processes import over_processes
from seollem.training.workers.ray import over_cluster

pytestmark = pytest.mark.slow

CHUNKS = [[1, 2], [3], [4, 5, 6], [7]]
MODULE = """
import os

def total(chunk):
    if 13 in chunk or "BEGIN" in os.environ:
        os._exit(1)
    if 0 in chunk:
        raise ValueError("zero")
    return sum(chunk)
"""


@pytest.fixture
def total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[int]], int]:
    """Sums; 13 ends the process, 0 is an error. Other processes can import it."""
    (tmp_path / "totals.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    import totals  # type: ignore[import-not-found]

    function: Callable[[Sequence[int]], int] = totals.total
    return function


def test_results_come_in_the_order_of_the_chunks(total: Callable[[Sequence[int]], int]) -> None:
    assert list(over_processes(total, CHUNKS, workers=2, if_fatal=abs)) == [3, 3, 15, 7]


def test_an_item_that_kills_its_process_takes_nothing_else_along(
    total: Callable[[Sequence[int]], int],
) -> None:
    chunks = [[1, 2], [3, 13, 4], [5], [6], [7]]
    done = list(over_processes(total, chunks, workers=1, if_fatal=lambda item: -item))
    assert -13 in done
    assert sum(done) == 1 + 2 + 3 - 13 + 4 + 5 + 6 + 7


def test_processes_that_cannot_even_begin_blame_no_item(
    total: Callable[[Sequence[int]], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEGIN", "no")
    with pytest.raises(WorkersLost, match="fewer workers"):
        list(over_processes(total, CHUNKS, workers=1, if_fatal=lambda item: -item))


def test_an_error_of_the_work_is_raised_here(total: Callable[[Sequence[int]], int]) -> None:
    with pytest.raises(ValueError, match="zero"):
        list(over_processes(total, [[1], [0]], workers=1, if_fatal=abs))


def test_a_cluster_does_the_same_and_raises_the_same() -> None:
    pytest.importorskip("ray")

    def total(chunk: Sequence[int]) -> int:
        if 13 in chunk:
            os._exit(1)
        return sum(chunk)

    chunks: list[Any] = [[1, 2], [3, 13, 4], [5], ["no number"]]
    results = over_cluster(total, chunks, address="local", if_fatal=lambda item: -item)
    assert [next(results) for _ in range(5)] == [3, 3, -13, 4, 5]
    with pytest.raises(TypeError):
        next(results)


def test_without_ray_a_cluster_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"seollem\[tune\]"):
        list(over_cluster(sum, CHUNKS, address="auto", if_fatal=abs))

"""Work over all cores, on one machine."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from seollem.training.errors import WorkersLost

Item = TypeVar("Item")
Result = TypeVar("Result")
WAITING = 2  # chunks a worker: one in work, one that waits


def over_processes(
    work: Callable[[Sequence[Item]], Result],
    chunks: Iterable[Sequence[Item]],
    *,
    workers: int,
    if_fatal: Callable[[Item], Result],
) -> Iterator[Result]:
    """What ``work`` makes of each chunk, in their order; bounded in memory, however many there are.

    A process that dies (a decoder's fault, or the system's out of memory) takes its chunk along:
    the chunks at hand are then done item by item, and an item that its process does not survive
    gives ``if_fatal(item)``. First ``work`` is asked for no items at all, to see whether it is the
    items' fault.

    Raises:
        WorkersLost: processes end without any item in their hands.
        And what ``work`` raises.
    """
    left = iter(chunks)
    while True:
        begun: deque[Sequence[Item]] = deque()
        try:
            yield from _in_order(work, left, workers, begun)
            return
        except BrokenProcessPool:
            items = [item for chunk in begun for item in chunk]
            yield from _one_by_one(work, items, if_fatal)


def _in_order(
    work: Callable[[Sequence[Item]], Result],
    left: Iterator[Sequence[Item]],
    workers: int,
    begun: deque[Sequence[Item]],
) -> Iterator[Result]:
    """Until ``left`` is empty; ``begun`` are the chunks whose results are still to come."""
    results: deque[Future[Result]] = deque()
    with _pool(workers) as pool:
        try:
            for chunk in left:
                begun.append(chunk)
                results.append(pool.submit(work, chunk))
                if len(results) >= WAITING * workers:
                    yield results.popleft().result()
                    begun.popleft()
            while results:
                yield results.popleft().result()
                begun.popleft()
        finally:
            pool.shutdown(cancel_futures=True)


def _one_by_one(
    work: Callable[[Sequence[Item]], Result],
    items: Sequence[Item],
    if_fatal: Callable[[Item], Result],
) -> Iterator[Result]:
    left = deque(items)
    while left:
        with _pool(1) as pool:
            try:
                pool.submit(work, []).result()
            except BrokenProcessPool as error:
                raise WorkersLost(
                    "The processes that should do the work end before they begin. Is there too "
                    "little memory for their models? Take fewer workers."
                ) from error
            try:
                while left:
                    yield pool.submit(work, [left[0]]).result()
                    left.popleft()
            except BrokenProcessPool:
                yield if_fatal(left.popleft())


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned: a forked child would inherit locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_follow_the_parent)


def _follow_the_parent() -> None:
    """Ctrl-C is the parent's to handle; when the parent is killed, end too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

"""Work over an existing Ray cluster: ``pip install 'seollem[tune]'`` on all of its machines."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from seollem.training.errors import ClusterError
from seollem.training.workers.cluster import connected

Item = TypeVar("Item")
Result = TypeVar("Result")
WAITING = 2  # chunks a core: one in work, one that waits


def over_cluster(
    work: Callable[[Sequence[Item]], Result],
    chunks: Iterable[Sequence[Item]],
    *,
    address: str,
    if_fatal: Callable[[Item], Result],
) -> Iterator[Result]:
    """What ``work`` makes of each chunk, in their order, one core each.

    A chunk that ends its process again and again is done item by item, and an item that its
    process does not survive gives ``if_fatal(item)``, as in ``seollem.training.workers.processes``.

    Args:
        address: see ``connected``.

    Raises:
        MissingExtra: Ray is not installed.
        ClusterError: the cluster cannot be reached, or its processes end without any item.
        And what ``work`` raises.
    """
    with connected(address) as ray:

        @ray.remote(num_cpus=1)  # type: ignore[untyped-decorator]  # Ray is imported where it is used
        def run(chunk: Sequence[Item]) -> Result:
            return work(chunk)

        lost = (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError)

        def results(chunk: Sequence[Item], reference: Any) -> Iterator[Result]:
            try:
                yield ray.get(reference)
            except lost:
                ray.get(run.remote([]))  # where even that fails, no item is to blame
                for item in chunk:
                    try:
                        result = ray.get(run.remote([item]))
                    except lost:
                        result = if_fatal(item)
                    yield result

        most = WAITING * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: deque[tuple[Sequence[Item], Any]] = deque()  # chunks, references to their results
        try:
            for chunk in chunks:
                waiting.append((chunk, run.remote(chunk)))
                if len(waiting) >= most:
                    yield from results(*waiting.popleft())
            while waiting:
                yield from results(*waiting.popleft())
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except ray.exceptions.RayError as error:
            raise ClusterError(
                f"The cluster at {address} gave up ({error}). What was done is kept; give the same "
                "command again."
            ) from error

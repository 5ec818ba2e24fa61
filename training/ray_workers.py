"""Work over an existing Ray cluster: ``pip install 'seollem[tune]'`` on all of its machines."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from training.cluster import connected
from training.errors import ClusterError

Item = TypeVar("Item")
Result = TypeVar("Result")
WAITING = 2  # chunks a core: one in work, one that waits


def over_cluster(
    work: Callable[[Sequence[Item]], Result], chunks: Iterable[Sequence[Item]], *, address: str
) -> Iterator[Result]:
    """What ``work`` makes of each chunk, in their order, one core each.

    Args:
        address: see ``connected``.

    Raises:
        MissingExtra: Ray is not installed.
        ClusterError: the cluster cannot be reached, or a chunk killed its process again and again.
        And what ``work`` raises.
    """
    with connected(address) as ray:

        @ray.remote(num_cpus=1)  # type: ignore[untyped-decorator]  # Ray is imported where it is used
        def run(chunk: Sequence[Item]) -> Result:
            return work(chunk)

        most = WAITING * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting: deque[Any] = deque()  # Ray's references to results
        try:
            for chunk in chunks:
                waiting.append(run.remote(chunk))
                if len(waiting) >= most:
                    yield ray.get(waiting.popleft())
            while waiting:
                yield ray.get(waiting.popleft())
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except ray.exceptions.RayError as error:
            raise ClusterError(
                f"The cluster at {address} gave up ({error}). What was done is kept; give the same "
                "command again."
            ) from error

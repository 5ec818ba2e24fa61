"""Work over an existing Ray cluster: ``pip install 'seollem[tune]'`` on all of its machines."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from training.errors import ClusterError, MissingExtra

Item = TypeVar("Item")
Result = TypeVar("Result")
WAITING = 2  # chunks a core: one in work, one that waits
# Ray would write an authentication token into the home folder, and send usage statistics.
QUIET = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}


def over_cluster(
    work: Callable[[Sequence[Item]], Result], chunks: Iterable[Sequence[Item]], *, address: str
) -> Iterator[Result]:
    """What ``work`` makes of each chunk, in their order, one core each.

    Args:
        address: of the cluster, as Ray takes it: ray://HOST:10001, auto, or local for a new one.

    Raises:
        MissingExtra: Ray is not installed.
        ClusterError: the cluster cannot be reached, or a chunk killed its process again and again.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("A cluster needs Ray: pip install 'seollem[tune]'") from error
    try:
        ray.init(address=address, include_dashboard=False, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ClusterError(f"There is no Ray cluster at {address} ({error}).") from error
    try:

        @ray.remote(num_cpus=1)
        def run(chunk: Sequence[Item]) -> Result:
            return work(chunk)

        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        most = WAITING * max(1, int(resources.get("CPU", 1)))
        waiting: deque[Any] = deque()  # Ray's references to results
        for chunk in chunks:
            waiting.append(run.remote(chunk))
            if len(waiting) >= most:
                yield ray.get(waiting.popleft())
        while waiting:
            yield ray.get(waiting.popleft())
    except ray.exceptions.RayTaskError as error:
        raise error.cause from error  # what work raised
    except ray.exceptions.RayError as error:
        raise ClusterError(
            f"The cluster at {address} gave up ({error}). What was done is kept; give the same "
            "command again."
        ) from error
    finally:
        ray.shutdown()

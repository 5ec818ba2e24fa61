"""A Ray cluster for as long as it is needed: this machine's cores, or many machines'."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from seollem.training.errors import ClusterError, MissingExtra

# Ray would write an authentication token into the home folder, and send usage statistics.
QUIET = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}


@contextmanager
def connected(address: str) -> Iterator[ModuleType]:
    """Ray, connected to a cluster until the context ends.

    Args:
        address: as Ray takes it: ray://HOST:10001, auto, or local for a new one.

    Raises:
        MissingExtra: Ray is not installed.
        ClusterError: the cluster cannot be reached or started.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("This needs Ray: pip install 'seollem[tune]'") from error
    try:
        ray.init(address=address, include_dashboard=False, log_to_driver=False)
    except Exception as error:  # Ray raises plain exceptions here, too
        ray.shutdown()
        raise ClusterError(f"There is no Ray cluster at {address} ({error}).") from error
    try:
        yield ray
    finally:
        ray.shutdown()

"""What OpenCV and MediaPipe load from the system, and a bare server lacks."""

from collections.abc import Iterator
from contextlib import contextmanager

from seollem.vision.errors import MissingLibrary


@contextmanager
def system_libraries() -> Iterator[None]:
    """For where either is imported, or MediaPipe loads its own library.

    Raises:
        MissingLibrary: it does not load.
    """
    try:
        yield
    except (ImportError, OSError) as error:
        raise MissingLibrary(
            f"Finding faces takes a library that does not load here ({error}). "
            "`seollem doctor` says what to install."
        ) from error

"""What the C library of this process offers beyond Python."""

import ctypes
import sys
from collections.abc import Callable


def c_function(name: str) -> Callable[..., int] | None:
    """A function by its name; None where the library has none such, as all but glibc often do."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None

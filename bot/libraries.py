"""The system libraries that mediapipe and OpenCV load, and the Debian packages that bring them.

``python -m bot.libraries`` prints the missing packages in one line, nothing when all are there. It
runs on any Python 3.11, before anything is installed: the Makefile asks it first.
"""

import ctypes
import sys

_PACKAGES = {  # Debian and Ubuntu package → what the dynamic linker is asked for
    "libegl1": "libEGL.so.1",
    "libgles2": "libGLESv2.so.2",
    "libgl1": "libGL.so.1",
    "libglib2.0-0": "libgthread-2.0.so.0",
}


def missing_packages() -> tuple[str, ...]:
    """The Debian packages whose libraries do not load here; none on systems other than Linux."""
    if sys.platform != "linux":
        return ()
    return tuple(package for package, library in _PACKAGES.items() if not _loads(library))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    print(*missing_packages())

"""Runs a Python module in a process for which it is fatal to open an internet socket.

    python tests/support/offline.py bot chat --json

A seccomp filter kills the process at the system call, so that native code (mediapipe, torch) is
held to it like Python, also for look-ups of names. Linux only, on x86-64 and ARM64.
"""

import ctypes
import platform
import runpy
import socket
import struct
import sys

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 22, 38, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF instructions
_NUMBER, _FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_SOCKET = {"x86_64": 41, "aarch64": 198}  # the system call's number

is_supported = sys.platform == "linux" and platform.machine() in _SOCKET


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def forbid_the_internet() -> None:
    """From here on, ``socket(AF_INET | AF_INET6, …)`` kills this process and its children.

    Raises:
        OSError: the kernel does not take the filter.
    """
    instructions = [  # code, lines to skip when equal, lines to skip when not, value
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_IF_EQUAL, 0, 3, _SOCKET[platform.machine()]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_IF_EQUAL, 2, 0, socket.AF_INET),
        (_JUMP_IF_EQUAL, 1, 0, socket.AF_INET6),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _KILL_PROCESS),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *i) for i in instructions))
    program = _Program(len(instructions), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    unused = ctypes.c_ulong(0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), unused, unused, unused)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), unused, unused):
        raise OSError(ctypes.get_errno(), "the kernel does not take a seccomp filter")


if __name__ == "__main__":
    forbid_the_internet()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)

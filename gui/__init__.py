"""The window: shows what `core` holds and computes, and decides nothing by itself."""

import ctypes
import sys

if sys.version_info < (3, 12) and sys.implementation.name == "cpython":
    # Qt's bindings take for granted that constants are never freed, which is so from Python 3.12 on: each call without
    # a result gives a reference to None away. Once all are gone Python ends the program, in the middle of the work.
    # So they get references to spare; the count is the first word of an object.
    for constant in (None, True, False):
        ctypes.c_ssize_t.from_address(id(constant)).value += sys.maxsize // 4

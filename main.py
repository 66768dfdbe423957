"""Modscope: arguments -> the window or a command. Commands need no display and never load Qt."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence

# Our matrices are small: more threads inside numpy would only wait for each other. Set before numpy is imported.
for _library in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")


def main(words: Sequence[str]) -> int:
    """Exit status of the program started with these words."""
    if opens_window(words):
        from gui.app import main as open_window

        return open_window(words)
    from core.cli import main as run_command

    return run_command(words)


def opens_window(words: Sequence[str]) -> bool:
    """Whether the words ask for the window: none, a project file, the demo, or the tour of its pages."""
    return not words or words[0] in ("--demo", "tour") or words[0].lower().endswith(".modscope")


if __name__ == "__main__":
    multiprocessing.freeze_support()  # the frozen program's workers start here as well
    sys.exit(main(sys.argv[1:]))

"""How long work reports where it stands, and how it is stopped.

Long functions take a `Progress` and call it at least ten times a second; a caller who wants them to stop raises
`Cancelled` from it.
"""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Called with the fraction done (0 to 1) and a few words on what is being done."""


class Cancelled(Exception):
    """Raised inside a progress callback when the user has asked to stop."""


def silent(fraction: float, text: str) -> None:
    """A progress callback for callers who do not listen."""


def subrange(progress: Progress, start: float, stop: float) -> Progress:
    """A callback whose 0..1 is the stretch `start`..`stop` of another's."""

    def inner(fraction: float, text: str) -> None:
        progress(start + (stop - start) * fraction, text)

    return inner

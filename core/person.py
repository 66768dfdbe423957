"""Who decides, for the trail."""

from __future__ import annotations

import getpass


def person() -> str:
    """The name under which the person at this machine is logged in."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"

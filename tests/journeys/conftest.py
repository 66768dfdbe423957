"""Journeys stand on what the tests of the window stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gui.conftest import boxes, demo, demo_window, look, own_folder, qapp_cls, window

__all__ = ["boxes", "demo", "demo_window", "look", "own_folder", "qapp_cls", "window"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """As in tests/gui: the platform without a screen says what it cannot do with windows."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))

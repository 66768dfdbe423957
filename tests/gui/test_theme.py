from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gui import theme

WRITTEN = ("text", "secondary", "accent", "good", "warn", "bad")


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
             for part in QColor(color).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=lambda colors: colors.name)
@pytest.mark.parametrize("written", WRITTEN)
def test_words_can_be_read_and_shapes_be_seen(colors: theme.Colors, written: str) -> None:
    color = getattr(colors, written)
    for behind in (colors.ground, colors.panel):
        assert contrast(color, behind) >= 4.5
    for behind in (colors.chosen, colors.hover):
        assert contrast(color, behind) >= (4.5 if written in ("text", "secondary") else 3)


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=lambda colors: colors.name)
def test_buttons_can_be_read_and_seen(colors: theme.Colors) -> None:
    assert contrast(colors.on_accent, colors.accent) >= 4.5
    assert contrast(colors.secondary, colors.line) >= 4.5  # a primary button that is off
    assert contrast(colors.edge, colors.ground) >= 3


def test_the_look_follows_the_system(qapp: QApplication) -> None:
    theme.set_up(qapp)
    heard: list[str] = []
    theme.watcher().changed.connect(lambda: heard.append(theme.colors().name))
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.colors() is theme.DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.DARK.ground)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert heard[:2] == ["dark", "light"]


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=lambda colors: colors.name)
def test_the_sheet_is_filled_in(colors: theme.Colors) -> None:
    sheet = theme.style_sheet(colors)
    assert "$" not in sheet
    assert colors.accent in sheet

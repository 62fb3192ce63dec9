"""Both languages, switched while the window is open, and nothing left behind in the other one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from fabric_desktop.studio import Studio, load_settings
from fabric_desktop.ui.actions import MENUS, SPECS
from fabric_desktop.ui.banner import Message
from fabric_desktop.ui.key_sheet import KeySheet
from fabric_desktop.ui.theme import Theme, palette_for
from tests import translation_check
from tests.ui.conftest import Person
from tests.ui.hands import SHIFT


def test_every_text_is_translated_and_up_to_date() -> None:
    assert translation_check.main([]) == 0


def test_the_language_changes_without_a_restart_and_is_remembered(person_with_bank: Person, studio: Studio) -> None:
    person = person_with_bank
    person.click(150, 300)
    person.answered()
    window = person.window
    person.key(Qt.Key.Key_F9)
    person.wait(lambda: person.first_name() == "牛仔布")
    assert window.menus["file"].title().startswith("文件")
    assert window.results.heading.text() == "识别结果"
    assert window.naming.field.placeholderText() == "面料名称，中文或英文"
    assert window.actions_["build_bank"].text().startswith("建库")
    assert "牛仔布" in window.results.swatches.caption.text()
    person.settle()
    assert load_settings(studio).lang == "zh"
    person.key(Qt.Key.Key_F9, SHIFT)
    person.wait(lambda: person.first_name() == "Denim")
    assert window.menus["file"].title() == "&File"


def test_qts_own_dialogs_speak_chinese_too(make_window: Callable[..., Person], studio: Studio) -> None:
    make_window(studio.root, "zh")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"


def test_an_error_in_the_banner_changes_its_language_with_the_window(person: Person, tmp_path: Path) -> None:
    liar = tmp_path / "x.jpg"
    liar.write_text("no", encoding="utf-8")
    person.window.opening.open_photo(liar)
    person.wait(lambda: bool(person.banner()))
    assert "not a picture" in person.banner()
    person.key(Qt.Key.Key_F9)
    person.wait(lambda: "不是图片" in person.banner())


def test_an_errors_last_line_is_not_cut_off_in_the_longer_language(person: Person) -> None:
    """The Chinese words take one line where the English take two."""
    banner = person.window.banner
    lines = {"zh": "没有导入。", "en": "It was not taken in, for one reason and another. " * 5}
    banner.show_message(Message("warning", lambda: (lines[person.window.bench.lang], "-"), list))
    for lang in ("zh", "en", "zh", "en"):
        person.window.commands.use_language(lang)
        person.settle()
        assert banner.what.height() >= banner.what.heightForWidth(banner.what.width()), lang
        assert banner.height() == banner.layout().heightForWidth(banner.width()), lang


def test_no_english_word_is_left_in_the_chinese_window(make_window: Callable[..., Person], studio: Studio) -> None:
    person = make_window(studio.root, "zh")
    known = ("dummy", "CPU", "English", "Ctrl", "Enter", "Esc", "Fabric Desktop", "CLIP")
    for widget in (*person.window.findChildren(QLabel), *person.window.findChildren(QAbstractButton)):
        text = widget.text()
        for word in known:
            text = text.replace(word, "")
        letters = [letter for letter in text if letter.isascii() and letter.isalpha()]
        assert len(letters) < 4, widget.text()


def test_every_action_has_a_key_of_its_own() -> None:
    keys: dict[str, str] = {}
    for spec in SPECS:
        assert spec.keys, f"{spec.name} has no key"
        for key in spec.keys:
            name = QKeySequence(key).toString()
            assert name, f"{key} is no key"
            assert name not in keys, f"{spec.name} and {keys[name]} share {key}"
            keys[name] = spec.name


def test_every_action_shows_its_key_where_the_pointer_rests(person: Person) -> None:
    actions = person.window.actions_
    for spec in SPECS:
        if spec.menu:
            key = actions[spec.name].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            assert key in actions[spec.name].toolTip(), spec.name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_entries_of_a_menu_share_a_letter(
    make_window: Callable[..., Person], studio: Studio, lang: str
) -> None:
    """Alt and the letter would only move between the two and start neither."""
    person = make_window(studio.root)
    file = "文件" if lang == "zh" else "&File"
    if not person.window.menus["file"].title().startswith(file):
        person.key(Qt.Key.Key_F9)
        person.wait(lambda: person.window.menus["file"].title().startswith(file))
    menus = [person.window.menuBar(), *person.window.menuBar().findChildren(QMenu)]
    for menu in menus:
        letters: dict[str, str] = {}
        for action in menu.actions():
            letter = QKeySequence.mnemonic(action.text()).toString()
            assert not letter or letter not in letters, f"{action.text()} and {letters[letter]}"
            letters[letter] = action.text()


def test_every_action_stands_in_a_menu_that_exists() -> None:
    places = {*MENUS, "view/language", "view/theme", ""}
    assert {spec.menu for spec in SPECS} <= places


def test_the_key_sheet_shows_every_key(person: Person) -> None:
    person.key(Qt.Key.Key_F1)
    sheet = person.window.findChild(KeySheet)
    assert sheet is not None
    assert sheet.isVisible()
    texts = " ".join(label.text() for label in sheet.findChildren(QLabel))
    for spec in SPECS:
        if spec.menu:
            assert QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) in texts


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_in_both_themes(theme: str) -> None:
    """AA asks for 4.5 to 1 between text and its ground."""
    palette = palette_for(dark=theme == "dark")
    roles = QPalette.ColorRole
    for text, ground in (
        (roles.WindowText, roles.Window),
        (roles.Text, roles.Base),
        (roles.ButtonText, roles.Button),
        (roles.PlaceholderText, roles.Window),
        (roles.PlaceholderText, roles.Base),
        (roles.HighlightedText, roles.Highlight),
        (roles.Link, roles.Window),
    ):
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5, (text, ground)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_can_be_typed_into_or_pressed_has_an_outline_that_is_seen(qapp: QApplication, theme: str) -> None:
    """AA asks for 3 to 1 between the outline of a control and its ground, at rest and with the focus."""
    used = Theme(theme)
    ground = QApplication.palette().color(QPalette.ColorRole.Window)
    for kind in (QLineEdit, QComboBox, QSpinBox, QPlainTextEdit, QPushButton):
        holder = QWidget()
        widget = kind(holder)
        widget.setGeometry(8, 8, 120, 40)
        other = QLineEdit(holder)
        other.setGeometry(8, 60, 120, 40)
        holder.resize(140, 110)
        holder.show()
        for focused in (widget, other):
            focused.setFocus()
            QApplication.processEvents()
            picture = holder.grab().toImage()
            # The middle of the left edge: past the rounded corner, away from what the widget shows.
            edge = max(contrast(picture.pixelColor(x, 28), ground) for x in range(7, 11))
            assert edge >= 3.0, (kind.__name__, theme, focused is widget, edge)
        holder.close()
    used.deleteLater()


class System(QObject):
    """A desktop whose scheme the person changes."""

    colorSchemeChanged = Signal(object)  # noqa: N815  # as Qt calls it

    def __init__(self) -> None:
        super().__init__()
        self.scheme = Qt.ColorScheme.Light

    def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802
        return self.scheme

    def setColorScheme(self, _wish: Qt.ColorScheme) -> None:  # noqa: N802
        """The desktop keeps its own."""

    def change(self, scheme: Qt.ColorScheme) -> None:
        self.scheme = scheme
        self.colorSchemeChanged.emit(scheme)


def test_the_systems_scheme_is_followed_until_one_is_chosen(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, ground = System(), QPalette.ColorRole.Window
    monkeypatch.setattr("fabric_desktop.ui.theme.QGuiApplication", SimpleNamespace(styleHints=lambda: system))
    theme = Theme("system")
    for scheme, dark in ((Qt.ColorScheme.Dark, True), (Qt.ColorScheme.Light, False)):
        system.change(scheme)
        assert QApplication.palette().color(ground) == palette_for(dark=dark).color(ground)
    theme.use("dark")
    system.change(Qt.ColorScheme.Light)
    assert QApplication.palette().color(ground) == palette_for(dark=True).color(ground)
    theme.use("light")
    theme.deleteLater()


def test_a_missing_chinese_font_is_said(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fabric_desktop.ui.main_window.has_chinese_font", lambda: False)
    person.window.warn_of_fonts()
    assert "No font on this computer writes Chinese" in person.banner()
    assert "fonts-noto-cjk" in person.banner()


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2's contrast ratio of two colours."""

    def luminance(color: QColor) -> float:
        values = (color.redF(), color.greenF(), color.blueF())
        parts = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)

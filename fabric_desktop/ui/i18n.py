"""The window's language: loads Qt's and our translations and switches them while the window is open.

The texts of the core (errors, notices, looks) have their own catalogue in `wording`.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtGui import QFontDatabase

from fabric_desktop import wording
from fabric_desktop.paths import resource

log = logging.getLogger(__name__)

LANGUAGES = ("zh", "en")


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:   # lupdate knows it by this name
    """Mark a literal for translation and leave it as it is; PySide's own says it returns any object."""
    return text


_LOCALES = {"zh": QLocale(QLocale.Language.Chinese, QLocale.Country.China), "en": QLocale("en_GB")}
_FILES = {"zh": "fabric_desktop_zh_CN", "en": "fabric_desktop_en"}


class Language(QObject):
    """The language in use. Widgets hear of a change through Qt's LanguageChange event, others through `changed`."""

    changed = Signal(str)

    def __init__(self, lang: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current = ""
        self._installed: list[QTranslator] = []
        self.use(lang)

    def use(self, lang: str) -> None:
        """Put a language in use, Qt's own dialogs included."""
        if lang not in LANGUAGES:
            raise ValueError(f"lang must be one of {LANGUAGES}, not {lang!r}")
        if lang == self.current:
            return
        self.current = lang
        QLocale.setDefault(_LOCALES[lang])
        self.remove()
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        files = [(str(resource("translations")), _FILES[lang])]
        if lang == "zh":
            files.insert(0, (qt_folder, "qtbase_zh_CN"))
        for folder, name in files:
            translator = QTranslator(self)
            if translator.load(name, folder):
                self._installed.append(translator)
                QCoreApplication.installTranslator(translator)
            else:
                log.warning("translation %s is not in %s", name, folder)
        self.changed.emit(lang)

    def remove(self) -> None:
        """Take the translations out of the application again."""
        for translator in self._installed:
            QCoreApplication.removeTranslator(translator)
        self._installed = []


class Counts(QObject):
    """Things with their number. A class, since lupdate knows plural forms by an object's own `tr` alone."""

    def fabrics(self, count: int) -> str:
        return self.tr("%n fabric(s)", "", count)

    def references(self, count: int) -> str:
        return self.tr("%n reference(s)", "", count)

    def patches(self, count: int) -> str:
        return self.tr("%n patch(es)", "", count)

    def regions(self, count: int) -> str:
        return self.tr("%n region(s)", "", count)

    def photographs(self, count: int) -> str:
        return self.tr("%n photograph(s)", "", count)

    def labels(self, count: int) -> str:
        return self.tr("%n label(s)", "", count)

    def days(self, count: int) -> str:
        return self.tr("%n day(s)", "", count)

    def weeks(self, count: int) -> str:
        return self.tr("%n week(s)", "", count)


counts = Counts()


def current_language() -> str:
    """The language that is in use now."""
    return "zh" if QLocale().language() == QLocale.Language.Chinese else "en"


def per_cent(share: float | None, *, digits: int = 0, signed: bool = False) -> str:
    """`wording.per_cent` in the window's language."""
    return wording.per_cent(share, current_language(), digits=digits, signed=signed)


def sure_per_cent(confidence: float) -> str:
    """`wording.sure_per_cent` in the window's language."""
    return wording.sure_per_cent(confidence, current_language())


def encoder_name(encoder_id: str) -> str:
    """What an encoder is called in the window."""
    if encoder_id == "builtin":
        return QCoreApplication.translate("Encoders", "Built-in encoder")
    return encoder_id.removeprefix("openclip:").replace("/", " ")


def system_language() -> str:
    """The language a person most likely reads: Chinese where the system's first language is, else English."""
    languages = QLocale.system().uiLanguages()
    return "zh" if languages and languages[0].lower().startswith("zh") else "en"


def has_chinese_font() -> bool:
    """Whether any installed font can write simplified Chinese."""
    return bool(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))

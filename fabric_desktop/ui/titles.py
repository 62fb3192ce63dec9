"""What the jobs are called, as English source text of the context "Jobs"; `i18n` translates when they are shown."""

from __future__ import annotations

from fabric_desktop.ui.i18n import QT_TRANSLATE_NOOP

OPEN_STUDIO = QT_TRANSLATE_NOOP("Jobs", "Open studio")
OPEN_PHOTO = QT_TRANSLATE_NOOP("Jobs", "Open photograph")
LOAD_MODEL = QT_TRANSLATE_NOOP("Jobs", "Load the model")
RECOGNISE = QT_TRANSLATE_NOOP("Jobs", "Recognise")
RANK = QT_TRANSLATE_NOOP("Jobs", "Rank again")
SWATCHES = QT_TRANSLATE_NOOP("Jobs", "Load swatches")
SAVE_LABEL = QT_TRANSLATE_NOOP("Jobs", "Save label")
READ_SETTINGS = QT_TRANSLATE_NOOP("Jobs", "Read the settings")
SAVE_SETTING = QT_TRANSLATE_NOOP("Jobs", "Save settings")
DRAW_SAMPLES = QT_TRANSLATE_NOOP("Jobs", "Draw samples")
DOCTOR = QT_TRANSLATE_NOOP("Jobs", "Check this computer")
REPORT = QT_TRANSLATE_NOOP("Jobs", "Gather the report")
LICENCES = QT_TRANSLATE_NOOP("Jobs", "Read the licences")
BUILD_BANK = QT_TRANSLATE_NOOP("Jobs", "Build bank")
TRAIN_HEAD = QT_TRANSLATE_NOOP("Jobs", "Train head")
CHANGE_ENCODER = QT_TRANSLATE_NOOP("Jobs", "Change encoder")
EVALUATE = QT_TRANSLATE_NOOP("Jobs", "Evaluate")
READ_PATCHES = QT_TRANSLATE_NOOP("Jobs", "Read the patches")
ORDER_QUEUE = QT_TRANSLATE_NOOP("Jobs", "Order the review queue")
KEEP_FOR_REVIEW = QT_TRANSLATE_NOOP("Jobs", "Keep for review")
KEEP_REGIONS = QT_TRANSLATE_NOOP("Jobs", "Remember the regions")
COMPARE = QT_TRANSLATE_NOOP("Jobs", "Compare patch and reference")
RETRAIN = QT_TRANSLATE_NOOP("Jobs", "Retrain")
USE_VERSION = QT_TRANSLATE_NOOP("Jobs", "Put a version in use")
READ_VERSIONS = QT_TRANSLATE_NOOP("Jobs", "Read the versions")
COMPARE_VERSIONS = QT_TRANSLATE_NOOP("Jobs", "Compare versions")

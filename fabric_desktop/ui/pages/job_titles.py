"""What the jobs of the pages are called, as English source text of the context "Jobs"; more in `ui.titles`."""

from __future__ import annotations

from fabric_desktop.ui.i18n import QT_TRANSLATE_NOOP

CHANGE_LIBRARY = QT_TRANSLATE_NOOP("Jobs", "Change the library")
READ_LIBRARY = QT_TRANSLATE_NOOP("Jobs", "Read the library")
CHECK_LIBRARY = QT_TRANSLATE_NOOP("Jobs", "Check the library")
REFRESH_MODEL = QT_TRANSLATE_NOOP("Jobs", "Bring the model up to date")
THUMBNAILS = QT_TRANSLATE_NOOP("Jobs", "Small pictures")
SCAN_FOLDER = QT_TRANSLATE_NOOP("Jobs", "Look through a folder")
PLAN_IMPORT = QT_TRANSLATE_NOOP("Jobs", "Look at the swatches")
IMPORT = QT_TRANSLATE_NOOP("Jobs", "Bring in the swatches")
BATCH = QT_TRANSLATE_NOOP("Jobs", "Recognise a folder")
LABEL_MANY = QT_TRANSLATE_NOOP("Jobs", "Label photos")
EXPORT = QT_TRANSLATE_NOOP("Jobs", "Write the results")
ENCODERS = QT_TRANSLATE_NOOP("Jobs", "Look at the encoders")
INSTALL_ENGINE = QT_TRANSLATE_NOOP("Jobs", "Install the CLIP engine")
DOWNLOAD = QT_TRANSLATE_NOOP("Jobs", "Fetch the model")
PREPARE_ENCODER = QT_TRANSLATE_NOOP("Jobs", "Prepare a model to run fast")
MEASURE_INT8 = QT_TRANSLATE_NOOP("Jobs", "Try a model in int8")
IMPORT_ENCODER = QT_TRANSLATE_NOOP("Jobs", "Take in a model")
PROGRESS = QT_TRANSLATE_NOOP("Jobs", "Gather the figures")
CHARTS = QT_TRANSLATE_NOOP("Jobs", "Draw the charts")
WRITE_REPORT = QT_TRANSLATE_NOOP("Jobs", "Write the report")
SHARE = QT_TRANSLATE_NOOP("Jobs", "Share")
TAKE_IN = QT_TRANSLATE_NOOP("Jobs", "Take in a shared file")
LOOK_INTO = QT_TRANSLATE_NOOP("Jobs", "Look into a shared file")
SCORE_SINCE = QT_TRANSLATE_NOOP("Jobs", "Measure on newer labels")
WRITE_NOTE = QT_TRANSLATE_NOOP("Jobs", "Write a note")
KEEP_MANY = QT_TRANSLATE_NOOP("Jobs", "Keep photos for review")

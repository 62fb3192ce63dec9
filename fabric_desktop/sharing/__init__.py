"""A studio, or only what it predicts with, as one zip with checksums; and taking one in without trusting it."""

from fabric_desktop.sharing.contents import Contents, Kind, read_contents
from fabric_desktop.sharing.exporting import ShareReport, export_share
from fabric_desktop.sharing.importing import import_model, import_studio

__all__ = ["Contents", "Kind", "ShareReport", "export_share", "import_model", "import_studio", "read_contents"]

"""A file to be downloaded from here: it is kept for a while and goes nowhere else."""

from typing import ClassVar

from muster.exports.destination import Call, DestinationManifest, ExportFile, FileDestination, Takes
from muster.tables.formats.write import TableFormat


class Download(FileDestination):
    """Keeps the file where the export wrote it."""

    manifest: ClassVar[DestinationManifest] = DestinationManifest(
        id="download",
        title="Download",
        description="A file to download: CSV, NDJSON, Excel or Parquet.",
        takes=Takes.FILE,
        formats=tuple(TableFormat),
        formula_safe=True,
    )

    def probe(self, call: Call) -> str:
        return "There is always room for a file to download."

    def store(self, file: ExportFile, call: Call) -> None:
        """The file stays where it is."""

"""What every reader gives: portions of text columns and rejects, and a place to go on from; pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa


class FileFormat(StrEnum):
    """What is in a file once it is decompressed. BATCH: the framed records of a batch upload."""

    CSV = "csv"  # any delimiter
    NDJSON = "ndjson"
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"
    BATCH = "batch"


class Compression(StrEnum):
    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    ZIP = "zip"  # of one member


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file: detected, then overruled by the user where they say so. Stored as JSON.

    Members that do not apply to the format keep their defaults.
    columns: display names of the columns in file order, unique, none empty (a header `name`, `name`, ``
    becomes `name`, `name (2)`, `column 3`); empty for JSON formats, whose columns are found while reading.
    header_row: index of the header among the non-blank rows, None: there is none.
    """

    format: FileFormat
    compression: Compression = Compression.NONE
    encoding: str = "utf-8"  # a Python codec name; `utf-8` whether or not there is a BOM
    delimiter: str = ","
    quote: str = '"'  # empty: quotes mean nothing
    escape: str = '"'
    header_row: int | None = 0
    decimal_comma: bool = False
    sheet: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing that was detected: what, how sure (0 to 1), and the reason in words for people."""

    value: Any
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Detected:
    """A layout with the confidence of each of its members, and the first rows as they would be read.

    guesses: by member of Layout. sample: up to 50 rows of text (None: empty). sheets: names in a workbook.
    problem: a sentence when the file cannot be read at all (encrypted, a bomb, no known format).
    """

    layout: Layout
    guesses: Mapping[str, Guess]
    sample: Sequence[Sequence[str | None]]
    sheets: Sequence[str] = ()
    problem_code: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """One record that cannot be used. row: its index in the file (header and blank lines not counted).

    line: 1-based physical line in the decoded file where it starts, None for formats without lines.
    field: display name of the column meant, None: the whole record. code: a `records.issues.RecordCode`.
    values: its columns where they could be told apart; original: its text as received where they could not.
    """

    row: int
    line: int | None
    field: str | None
    code: str
    reason: str
    values: Mapping[str, str | None] | None = None
    original: str | None = None


@dataclass(frozen=True, slots=True)
class Portion:
    """Some consecutive records of a file.

    table: one large_string column for each column, named by display name, in file order; good records only,
        in input order. Columns may differ between portions (JSON). Empty text is null.
    rows: int64, the index in the file of each row of `table`.
    lines_of: physical lines (1-based) of records by their index in the file; None for formats without lines.
    rejects: the others, by row. received = table.num_rows + len(rejects), always.
    kinds: per column how many values of each kind: text number boolean null missing object array.
    first_row: index of the first record of this portion. position: where the next portion starts, a small
        JSON value to hand to `portions`; None at the end of the file. done_bytes: of the stored file, so far.
    """

    table: pa.Table
    rows: pa.Array
    rejects: Sequence[Reject]
    received: int
    first_row: int
    position: Mapping[str, Any] | None
    done_bytes: int
    lines_of: Callable[[Sequence[int]], Sequence[int]] | None = None
    kinds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class RawFile(Protocol):
    """The bytes of a stored file, however many objects they lie in."""

    @property
    def size_bytes(self) -> int: ...

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """From byte `start` to the end in pieces of at most 256 KiB."""
        ...

    def path(self) -> Path:
        """The whole file on this machine's disk, fetched and kept for a while if it is not there yet."""
        ...


class Reader(Protocol):
    """Reads one format. Deterministic: the same file, layout and position give the same portion.

    A portion holds at most about 64 MiB of decoded text, so memory is bounded whatever the size of the file.
    """

    def portions(
        self, file: RawFile, layout: Layout, position: Mapping[str, Any] | None, scratch: Path
    ) -> Iterator[Portion]:
        """Portions from `position` (None: the start) on. scratch: a directory for temporary files.

        Raises InputError when the file as a whole cannot be read (its message says why); single bad records
        are rejects and never raise.
        """
        ...

"""The contract of destinations: where rows go, what it asks for, and the one method that takes them there.

A destination is a class with a `manifest`. One that takes files is handed a finished file (`FileDestination.store`), one
that takes rows is handed batches (`RowDestination.deliver`) and says of each row whether it was taken. Everything else
about it (the listing of the API, the form in Studio, retries, splitting of refused batches, outcomes, schedules) follows
from that. Built-in ones are listed in `destinations/__init__.py`; others come as Python packages with an entry point
in the group `muster.export_destinations`. `tests/contracts/test_destinations.py` runs over every one of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from muster.exports.platforms.fields import Field, PlatformId
from muster.tables.formats.write import TableFormat

ENTRY_POINTS: Final = "muster.export_destinations"


class Takes(StrEnum):
    """What a destination is handed."""

    FILE = "file"
    ROWS = "rows"


class Settings(BaseModel):
    """Base of the settings of a destination. Secrets are `SecretStr`; titles and descriptions make the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def secrets_are_for(self) -> str:
        """Who is given the secrets among them. Kept ones go no further: for somebody else they are asked for anew."""
        return ""


class NoSettings(Settings):
    """For destinations without any."""


@dataclass(frozen=True, slots=True)
class DestinationManifest:
    """What a destination is. id: `[a-z][a-z0-9_]*`, for ever.

    settings: what each export says (a table, a path); they hold no secrets. connection: what is kept under a name for
    many exports (addresses, keys), None where nothing is needed. hashing: the platform whose hashes it wants.
    removes: it can take rows away again that left. needs_key: it cannot work without columns that tell members apart.
    batch_rows: the most rows `deliver` is handed at once. formats: what files may be, for those that take files.
    formula_safe: whether CSV is made safe for spreadsheets unless somebody says otherwise.
    """

    id: str
    title: str
    description: str
    takes: Takes
    settings: type[Settings] = NoSettings
    connection: type[Settings] | None = None
    hashing: PlatformId | None = None
    removes: bool = True
    needs_key: bool = False
    batch_rows: int = 1000
    formats: tuple[TableFormat, ...] = ()
    formula_safe: bool = False


@dataclass(frozen=True, slots=True)
class OutColumn:
    """A column as it leaves. field: what it holds, where that is known; is_key: one of those that tell members apart."""

    name: str
    field: Field | None = None
    is_key: bool = False


_T = TypeVar("_T", bound="Closeable")


class Closeable(Protocol):
    """Something opened for many batches."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Call:
    """What a destination is lent for one export.

    settings, connection: instances of the manifest's models. export_id, name: of the export; columns: as they leave.
    is_stopping: ask it at least every quarter of a second while waiting; once true, raise Unavailable.
    resources: opened once and lent to every batch (`resource`). allow_private_addresses: the operator lets
    destinations call addresses of the own network. export_dir, export_buckets: the one directory of this machine, and
    the buckets or folders in them, that files may be put to.
    """

    settings: Settings
    connection: Settings | None
    export_id: str
    name: str
    columns: tuple[OutColumn, ...] = ()
    is_stopping: Callable[[], bool] = lambda: False
    resources: dict[str, Any] = field(default_factory=dict)
    allow_private_addresses: bool = False
    export_dir: Path | None = None
    export_buckets: tuple[str, ...] = ()

    def resource(self, name: str, opened: Callable[[], _T]) -> _T:
        """The thing of this name, opened at its first use; whoever runs the export closes it (`close`)."""
        if name not in self.resources:
            self.resources[name] = opened()
        found: _T = self.resources[name]
        return found

    def close(self) -> None:
        """Close what was opened, the last first."""
        while self.resources:
            self.resources.popitem()[1].close()


class Operation(StrEnum):
    """What is to happen with the rows of a batch."""

    UPSERT = "upsert"  # they are to be there, as they stand
    REMOVE = "remove"  # they left; only their key is there


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows on their way. id: the same whenever the same rows are sent again, different for others; no dots.

    rows: large_string, named as the call's columns; null where there is nothing.
    """

    id: str
    operation: Operation
    rows: pa.RecordBatch


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken. code: stable, snake_case; message: what the destination says, for the user's eyes."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch that was taken. refused: rows (by their place in it) that were not, and why."""

    refused: Mapping[int, Refusal] = field(default_factory=dict)


class BatchRefused(Exception):
    """Nothing of a batch was taken, because of some of its rows.

    rows: which, if the destination says; else the batch is split until the bad rows stand alone.
    """

    def __init__(self, refusal: Refusal, rows: Sequence[int] = ()) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A finished file. name: as it would be saved; stream: its bytes from the first to the last, each time anew."""

    name: str
    media_type: str
    size_bytes: int
    stream: Callable[[], Iterator[bytes]]


class Destination(ABC):
    """A destination; made without arguments, without side effects, and used by several threads."""

    manifest: ClassVar[DestinationManifest]

    def check(self, call: Call) -> None:  # noqa: B027 - most ask for nothing more
        """Raise InputError when these settings and columns can never work together; asks nobody outside."""

    @abstractmethod
    def probe(self, call: Call) -> str:
        """Ask the destination whether it would take anything, sending no rows; a sentence about what was found.

        Raises InputError for settings that cannot work, Unavailable when nobody answers.
        """


class FileDestination(Destination):
    """Takes a finished file."""

    @abstractmethod
    def store(self, file: ExportFile, call: Call) -> None:
        """Put the file where it belongs, whole or not at all; doing it twice is doing it once.

        Raises InputError when it can never be put there, Unavailable and StorageFull when it cannot now.
        """


class RowDestination(Destination):
    """Takes batches of rows."""

    def prepare(self, call: Call) -> None:
        """Make ready for the first batch (a table that does not exist yet); may happen twice. Raises as `deliver`."""

    def batch_rows(self, call: Call) -> int:
        """How many rows a batch has under these settings, at most."""
        return self.manifest.batch_rows

    @abstractmethod
    def deliver(self, batch: Batch, call: Call) -> Receipt:
        """Hand over a batch. The same batch may come twice: after a crash nobody knows whether it arrived.

        Raises BatchRefused when rows of it are to blame; Unavailable when nobody answers or it is too much at the moment
        (then all of it comes again later); any other MusterError for what would be refused whatever the rows are, with
        a message that tells the user what to do.
        """

    def finish(self, call: Call) -> None:
        """Behind the last batch; may happen twice."""

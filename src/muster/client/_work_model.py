"""What is told about a file on its way and about the work on it; frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class SendingProgress:
    """How far the sending of a file is.

    bytes_sent: handed to the connection, what earlier runs sent included; it goes back when a cut connection
    lost some. resumed_bytes: what the server had when this run began; 0 for a new upload.
    upload_id: None until the server has given one.
    """

    bytes_sent: int
    bytes_total: int
    resumed_bytes: int
    upload_id: str | None


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How far the work on an upload is.

    state: receiving, queued, running, paused; phase: a word for people. done of total count `unit`s (bytes or
    rows); None where it is not known yet.
    """

    state: str = "running"
    phase: str = ""
    done: int = 0
    total: int | None = None
    unit: str = "bytes"
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an upload. number: ascending, to go on after.

    data, by kind. progress: what `WorkProgress` holds. state: job_id, state, reason_code, reason. done: state.
    """

    number: int
    kind: Literal["progress", "state", "done"] | str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing that was guessed about a file, how certain (0 to 1), and why."""

    value: str | int | bool | None
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column seems to be. field: its name in the table; None when it keeps its own."""

    name: str
    field: str | None
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file cannot be read as it is."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file would be read. rows: the first ones, in the order of `columns`.

    layout: format, compression, encoding and what else the format has. mapping: the one that would be taken,
    as `set_mapping` takes it; mapping_by: auto or remembered.
    """

    upload_id: str
    upload_status: str
    file_name: str | None
    size_bytes: int
    problem: Problem | None
    layout: Mapping[str, Guess]
    columns: tuple[ColumnGuess, ...]
    rows: tuple[tuple[str | None, ...], ...]
    mapping: Mapping[str, Any]
    mapping_by: str
    sheets: tuple[str, ...] = ()

"""The rejects of an upload by cause: which there are, how many, and where each one lies among them.

One pass over the framed rejects makes it. An object of rejects never changes, so what was found once stays
right, and two bytes a reject are all that is kept.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import msgspec

from muster.accounts.model import Principal
from muster.objects.frames import frame_chunks, window
from muster.records.chunks import join_records
from muster.records.suggest import Kind, kind_of, suggestion
from muster.uploads.decide import stored_decision
from muster.uploads.issue_model import RejectGroup, RejectGroups, Sample, Suggested
from muster.uploads.model import Upload
from muster.uploads.read import Rejects
from muster.uploads.reject_rows import StoredReject, text_of
from muster.uploads.rejects import rejects_key_of
from muster.uploads.room import UploadsRoom

SAMPLES: Final = 5
MAX_SAMPLE_CHARACTERS: Final = 200
MAX_GROUPS: Final = 1000
"""Causes that are told apart; further ones of a code are counted together, under no field."""
MAX_LOOKED_AT: Final = 2000
"""Values of a group that a correction is looked for in."""


_rejects = msgspec.json.Decoder(list[StoredReject])
_reject = msgspec.json.Decoder(StoredReject)
_record = msgspec.json.Decoder(dict[str, msgspec.Raw])


def reject_groups(room: UploadsRoom, principal: Principal, upload: Upload, key: str) -> RejectGroups:
    """The groups of the rejects at `key` (`rejects.rejects_key_of`). Raises NotFound, Unavailable."""
    return room.reject_groups.get(key, lambda: _grouped(room, key, column_names(room, principal, upload)))


@dataclass(frozen=True, slots=True)
class ChosenRejects:
    """The rejects of some groups, to be read as all of them are (`read.Rejects`)."""

    room: UploadsRoom
    key: str
    groups: RejectGroups
    chosen: frozenset[int]

    @property
    def count(self) -> int:
        return self.groups.rows_of(self.chosen)

    def window(self, start: int, stop: int) -> Iterator[msgspec.Raw]:
        """The exact JSON of rejects start to stop (exclusive) among them."""
        return rejects_of(self.room, self.key, self.groups, self.chosen, start, stop)

    def chunks(self) -> Iterator[bytes]:
        """All of them, separated by commas, a piece at a time."""
        raws = rejects_of(self.room, self.key, self.groups, self.chosen)
        return (chunk for chunk, _ in join_records(map(bytes, raws)))


def chosen_rejects(
    room: UploadsRoom, principal: Principal, upload: Upload, code: str | None, field: str | None
) -> Rejects | ChosenRejects | None:
    """The rejects with this code and about this field, None: any; None for an upload without rejects."""
    key = rejects_key_of(room, principal, upload)
    if key is None:
        return None
    if code is None and field is None:
        return Rejects(room, key)
    groups = reject_groups(room, principal, upload, key)
    return ChosenRejects(room, key, groups, groups.chosen(code, field))


def column_names(room: UploadsRoom, principal: Principal, upload: Upload) -> Callable[[str], str]:
    """From the name of a column in the table to its name in what was sent, where these differ."""
    with room.db.read() as connection:
        decision = stored_decision(connection, principal.user_id, upload.id)
    steps = () if decision is None else decision.mapping.steps
    sent_as: Mapping[str, str] = {
        step.targets[0]: step.sources[0] for step in steps if len(step.sources) == len(step.targets) == 1
    }
    return lambda name: sent_as.get(name, name)


def read_reject(raw: msgspec.Raw) -> StoredReject:
    return _reject.decode(raw)


def rejects_of(
    room: UploadsRoom,
    key: str,
    groups: RejectGroups,
    chosen: frozenset[int],
    start: int = 0,
    stop: int | None = None,
) -> Iterator[msgspec.Raw]:
    """The rejects of these groups in their order, start to stop (exclusive) among them.

    Only the frames that hold some of them are read. Raises NotFound, Unavailable.
    """
    index = room.indexes.get(room.objects, key)
    seen = 0
    for first, behind in pairwise(index.first_rows):
        inside = groups.group_of[first:behind]
        here = sum(inside.count(group) for group in chosen)
        if here and seen + here > start and (stop is None or seen < stop):
            for at, raw in zip(inside, window(room.objects, key, index, first, behind), strict=True):
                if at in chosen:
                    if seen >= start and (stop is None or seen < stop):
                        yield raw
                    seen += 1
        else:
            seen += here


def _grouped(room: UploadsRoom, key: str, sent_as: Callable[[str], str]) -> RejectGroups:
    numbers: dict[tuple[str, str | None], int] = {}
    found: list[_Growing] = []
    group_of = array("H")
    for chunk in frame_chunks(room.objects, key, room.indexes.get(room.objects, key)):
        for reject in _rejects.decode(b"".join((b"[", chunk, b"]"))):
            cause = (reject.code, reject.field)
            at = numbers.get(cause)
            if at is None and len(found) >= MAX_GROUPS:
                cause = (reject.code, None)
                at = numbers.get(cause)
            if at is None:
                at = numbers[cause] = len(found)
                found.append(_Growing(cause, reject.reason))
            found[at].add(reject, sent_as)
            group_of.append(at)
    return RejectGroups(tuple(group.done() for group in found), group_of)


class _Growing:
    """A group while rejects are being read."""

    def __init__(self, cause: tuple[str, str | None], message: str) -> None:
        self._cause = cause
        self._message = message
        self._rows = 0
        self._has_columns = False
        kind = kind_of(cause[1], cause[0])
        self._can_be_corrected = cause[1] is not None and kind != "text"
        self._corrections = Corrections(kind)
        self._samples: list[Sample] = []

    def add(self, reject: StoredReject, sent_as: Callable[[str], str]) -> None:
        self._rows += 1
        if not self._has_columns:
            self._has_columns = bytes(reject.record).startswith(b"{")
        if len(self._samples) < SAMPLES:
            self._samples.append(Sample(reject.row, shortened(value_of(reject, sent_as))))
        if self._rows <= MAX_LOOKED_AT and self._can_be_corrected:
            self._corrections.look_at(value_of(reject, sent_as))

    def done(self) -> RejectGroup:
        code, field = self._cause
        suggested = self._corrections.found(self._rows) if self._can_be_corrected else None
        return RejectGroup(
            code, field, self._rows, self._message, tuple(self._samples), self._has_columns, suggested
        )


class Corrections:
    """Counts the values that have one obvious correction (records/suggest.py)."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._looked_at = 0
        self._corrected = 0
        self._first: tuple[str, str] | None = None

    def look_at(self, value: str | None) -> None:
        self._looked_at += 1
        meant = None if value is None else suggestion(value, self._kind)
        if value is not None and meant is not None:
            self._corrected += 1
            self._first = self._first or (value, meant)

    def found(self, rows: int) -> Suggested | None:
        """Of `rows` values some of which were looked at."""
        if self._first is None:
            return None
        return Suggested(self._corrected, self._looked_at >= rows, *self._first)


def value_of(reject: StoredReject, sent_as: Callable[[str], str]) -> str | None:
    """What stands in the field a reject is about, or its text where columns could not be told apart."""
    raw = bytes(reject.record)
    if not raw.startswith(b"{"):
        return reject.line if reject.line is not None else raw.decode()
    if reject.field is None:
        return None
    record: dict[str, Any] = _record.decode(raw)
    value = record.get(reject.field)
    return text_of(record.get(sent_as(reject.field)) if value is None else value)


def shortened(value: str | None) -> str | None:
    """A value for show: long ones end with an ellipsis."""
    if value is None or len(value) <= MAX_SAMPLE_CHARACTERS:
        return value
    return value[: MAX_SAMPLE_CHARACTERS - 1] + "…"

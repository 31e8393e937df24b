"""Fix rejects all alike: the same actions on every reject of a cause, then checked again as `retry` does.

One call looks at a bounded number of rejects; the answer says how many remain and where the next call starts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from muster.accounts.model import Principal
from muster.errors import NotFound
from muster.records.issues import RecordCode
from muster.records.suggest import kind_of
from muster.records.transforms import Change, Transform, change_of
from muster.rules.apply import unique_rules
from muster.uploads.issue_model import MISREAD, RejectGroups
from muster.uploads.model import Upload
from muster.uploads.readers.json_columns import texts_of
from muster.uploads.readers.json_records import read_record
from muster.uploads.reject_groups import (
    column_names,
    read_reject,
    reject_groups,
    rejects_of,
    shortened,
)
from muster.uploads.reject_rows import StoredReject
from muster.uploads.retry import Also, Corrected, Retried, Situation, judged, put_back, situation
from muster.uploads.room import UploadsRoom

MAX_AT_ONCE: Final = 20_000
"""Rejects one call looks at."""
MAX_BYTES_AT_ONCE: Final = 8 * 1024**2
SAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class FieldAction:
    """One action on one field, named as in the table or as it was sent."""

    field: str
    transform: Transform


@dataclass(frozen=True, slots=True)
class FixWish:
    """Which rejects, and what to do to them.

    code, field, rows: all that are given must fit. actions: in order; none: the rejects are discarded.
    after_row: only rejects behind this one.
    """

    actions: tuple[FieldAction, ...]
    code: str | None = None
    field: str | None = None
    rows: frozenset[int] | None = None
    after_row: int = -1


@dataclass(frozen=True, slots=True)
class FixSample:
    """One reject before and after; code, field and reason: why it would stay one, None when it would not."""

    row: int
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]
    code: str | None = None
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of the rejects of one call. matched = accepted + failed + discarded + remaining.

    is_exact: False for a dry run where a rule on several rows may still refuse some. samples: of a dry run.
    """

    upload: Upload
    version: int
    matched: int
    accepted: int
    failed: int
    discarded: int
    remaining: int
    next_after_row: int | None
    is_exact: bool = True
    samples: Sequence[FixSample] = ()


FixAlso = Callable[[Any, Fixed], None]


def fix(
    room: UploadsRoom,
    principal: Principal,
    upload_id: str,
    wish: FixWish,
    also: FixAlso = lambda _connection, _fixed: None,
) -> Fixed:
    """Correct or discard rejects. also: what else belongs into the transaction.

    Raises what `retry` raises, and NotFound (`no_such_rejects`) when none fits.
    """
    before, slice_ = _begun(room, principal, upload_id, wish)

    def fixed(retried: Retried) -> Fixed:
        accepted = sum(outcome.code is None for outcome in retried.outcomes)
        discarded = len(slice_.found) if not wish.actions else 0
        return _fixed(retried.upload, retried.version, slice_, accepted, discarded)

    discarded = frozenset() if wish.actions else frozenset(each.row for each in slice_.found)
    remember: Also = lambda connection, retried: also(connection, fixed(retried))  # noqa: E731
    corrected = [each.corrected for each in slice_.corrected]
    return fixed(put_back(room, principal, before, corrected, discarded, remember))


def try_fix(room: UploadsRoom, principal: Principal, upload_id: str, wish: FixWish) -> Fixed:
    """What `fix` would do, without doing it. Rules on several rows (`unique`) are not asked."""
    before, slice_ = _begun(room, principal, upload_id, wish)
    if not wish.actions:
        samples = [FixSample(each.row, {}, {}) for each in slice_.found[:SAMPLES]]
        return _fixed(before.upload, before.table.version, slice_, 0, len(slice_.found), samples)
    refined = judged(before, [each.corrected for each in slice_.corrected])
    failing = {reject.row: reject for reject in refined.rejects()}
    samples = []
    for each in slice_.corrected[:SAMPLES]:
        reject = failing.get(each.corrected.row)
        why = (None, None, None) if reject is None else (str(reject.code), reject.field, reject.reason)
        samples.append(FixSample(each.corrected.row, each.before, each.after, *why))
    is_exact = not any(rule.unfixed == "reject" for rule in unique_rules(before.rules))
    accepted = len(slice_.corrected) - len(failing)
    return _fixed(
        before.upload, before.table.version, slice_, accepted, 0, samples, is_exact=is_exact or not accepted
    )


@dataclass(frozen=True, slots=True)
class _Changed:
    """A reject with the actions applied; before and after: the fields they are about."""

    corrected: Corrected
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]


@dataclass(slots=True)
class _Slice:
    """The rejects of one call. corrected: those of `found` whose columns can be told apart."""

    matched: int
    found: list[StoredReject] = field(default_factory=list)
    corrected: list[_Changed] = field(default_factory=list)
    size_bytes: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.found) >= MAX_AT_ONCE or self.size_bytes >= MAX_BYTES_AT_ONCE


def _begun(
    room: UploadsRoom, principal: Principal, upload_id: str, wish: FixWish
) -> tuple[Situation, _Slice]:
    before = situation(room, principal, upload_id)
    key = before.table.rejects_key
    groups = None if key is None else reject_groups(room, principal, before.upload, key)
    slice_ = _Slice(0)
    if key is not None and groups is not None:
        slice_ = _collected(room, key, groups, wish)
    if not slice_.found:
        raise NotFound(
            "No reject of this upload fits. Look at its /issues as they are now.", code="no_such_rejects"
        )
    if wish.actions:
        sent_as = column_names(room, principal, before.upload)
        slice_.corrected = list(_applied(slice_.found, wish, sent_as))
    return before, slice_


def _collected(room: UploadsRoom, key: str, groups: RejectGroups, wish: FixWish) -> _Slice:
    """As many rejects that fit as one call looks at, and how many there are in all behind `after_row`."""
    chosen = groups.chosen(wish.code, wish.field)
    if wish.code != RecordCode.DISCARDED:
        chosen = frozenset(at for at in chosen if groups.groups[at].code != RecordCode.DISCARDED)
    slice_ = _Slice(0)
    matched = 0
    for reject in map(read_reject, rejects_of(room, key, groups, chosen)):
        if reject.row <= wish.after_row or (wish.rows is not None and reject.row not in wish.rows):
            continue
        matched += 1
        if not slice_.is_full:
            reject.record = reject.record.copy()  # not the whole frame it came from
            slice_.found.append(reject)
            slice_.size_bytes += len(bytes(reject.record))
    slice_.matched = matched
    return slice_


def _applied(
    found: Sequence[StoredReject], wish: FixWish, sent_as: Callable[[str], str]
) -> Iterator[_Changed]:
    changes: dict[tuple[int, str], Change] = {}
    for reject in found:
        is_record = reject.code not in MISREAD and bytes(reject.record).startswith(b"{")
        record = read_record(bytes(reject.record)) if is_record else None
        if not isinstance(record, dict) and reject.code != RecordCode.DISCARDED:
            continue
        values: dict[str, Any] = record if isinstance(record, dict) else {}
        texts = texts_of(values)
        before: dict[str, str | None] = {}
        after: dict[str, str | None] = {}
        for at, action in enumerate(wish.actions):
            code = reject.code if action.field == reject.field else ""
            change = changes.get((at, code))
            if change is None:
                change = changes[at, code] = change_of(action.transform, kind_of(action.field, code))
            name = action.field if action.field in texts else sent_as(action.field)
            was = texts.get(name)
            now = change(was)
            before.setdefault(action.field, shortened(was))
            after[action.field] = shortened(now)
            if now != was:
                texts[name] = values[name] = now
        yield _Changed(Corrected(reject.row, values), before, after)


def _fixed(
    upload: Upload,
    version: int,
    slice_: _Slice,
    accepted: int,
    discarded: int,
    samples: Sequence[FixSample] = (),
    *,
    is_exact: bool = True,
) -> Fixed:
    remaining = slice_.matched - len(slice_.found)
    return Fixed(
        upload=upload,
        version=version,
        matched=slice_.matched,
        accepted=accepted,
        failed=len(slice_.found) - accepted - discarded,
        discarded=discarded,
        remaining=remaining,
        next_after_row=slice_.found[-1].row if remaining else None,
        is_exact=is_exact,
        samples=samples,
    )

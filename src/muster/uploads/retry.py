"""Corrected rejects come back: they are checked again, and those that pass join the table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import random_text
from muster.objects.frames import stream_frames
from muster.objects.keys import table_file
from muster.records.chunks import join_records
from muster.records.issues import RECORD_CODES, RecordCode
from muster.records.rules import Rule, Severity, Unique
from muster.rules.apply import unique_rules
from muster.rules.keep import load_rules
from muster.tables.append import commit_rows, with_rows
from muster.tables.duplicates import duplicate_rows
from muster.tables.manifest import keep, load_manifest
from muster.tables.model import ROW_ID, Manifest, TableId
from muster.tables.publish import newest, point_to
from muster.tables.rejects import reject_json
from muster.uploads.build_duplicates import duplicate_reject
from muster.uploads.decide import stored_decision
from muster.uploads.job_state import working_job
from muster.uploads.mapping import Mapping as ColumnsMapping
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.readers.json_columns import columns_of
from muster.uploads.readers.model import Portion, Reject
from muster.uploads.refine import Refined, refine
from muster.uploads.rejects import head_of, row_of, stored_rejects
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore


@dataclass(frozen=True, slots=True)
class Corrected:
    """A reject as somebody corrected it. row: which record of the upload it was; values: by column name."""

    row: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """What became of one row. code and reason: None when it was accepted."""

    row: int
    code: str | None = None
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Retried:
    """The upload afterwards, the version of its table, and one outcome for each row that was sent."""

    upload: Upload
    version: int
    outcomes: Sequence[RetryOutcome]


NOT_REJECTED = "row_not_rejected"
"""Code of a row that is not among the rejects: it was accepted, or never there."""
Also = Callable[[Connection, Retried], None]


@dataclass(frozen=True, slots=True)
class Situation:
    """What a retry starts from: the upload, the newest version of its table, and how its rows are judged."""

    upload: Upload
    table: Manifest
    mapping: ColumnsMapping
    rules: Sequence[Rule]
    decimal_comma: bool


def retry(
    room: UploadsRoom,
    principal: Principal,
    upload_id: str,
    corrected: Sequence[Corrected],
    also: Also = lambda _connection, _retried: None,
) -> Retried:
    """Check these rows again, by today's rules; those that pass join the table, the others stay rejects.

    corrected: each row once, with the columns as they were sent or as they are named in the table.
    also: what else belongs into the transaction. Raises NotFound, Forbidden, Conflict (`table_not_ready`,
    `upload_busy`, `table_changed`), StorageFull, Unavailable.
    """
    return put_back(room, principal, situation(room, principal, upload_id), corrected, frozenset(), also)


def put_back(
    room: UploadsRoom,
    principal: Principal,
    before: Situation,
    corrected: Sequence[Corrected],
    discarded: AbstractSet[int],
    also: Also,
) -> Retried:
    """As `retry`, for a situation at hand. discarded: rows that stay rejects and lose their values."""
    table, upload_id = before.table, before.upload.id
    sent = {each.row: each for each in corrected}
    open_rows = _rejected_among(room, table, {*sent, *discarded})
    gone = discarded & open_rows
    made_by = f"retry-{random_text(22)}"
    after, accepted, failing = table, set[int](), dict[int, Reject]()
    if open_rows & sent.keys():
        refined = judged(before, [sent[row] for row in sorted(open_rows & sent.keys())])
        refined, after, repeated = _written(room, table, made_by, refined, before.rules, before.decimal_comma)
        failing = {reject.row: reject for reject in (*refined.rejects(), *repeated)}
        accepted = set(refined.rows.to_pylist())
    outcomes = [_outcome(row, row in open_rows, failing.get(row)) for row in sent]
    if not accepted and not failing and not gone:
        retried = Retried(before.upload, table.version, outcomes)
        with room.db.begin() as connection:
            also(connection, retried)
        return retried
    after = replace(
        after,
        version=table.version + 1,
        parent=table.version,
        made_by=made_by,
        rows_rejected=table.rows_rejected - len(accepted),
        rejects_key=None,
    )
    if after.rows_rejected:
        key = table_file(upload_id, made_by, "rejects.json.zst")
        room.objects.put(key, stream_frames(join_records(_remaining(room, table, accepted, failing, gone))))
        after = replace(after, rejects_key=key)
    kept = keep(room.tables, after)
    is_clean = _all_discarded(room, kept)
    now = room.clock()
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        _refuse_while_working(connection, principal, upload_id)
        if accepted:
            commit_rows(room.tables, connection, principal, table, kept)
        else:
            point_to(room.tables, connection, principal.user_id, kept)
        upload = replace(
            store.get(upload_id),
            rows_accepted=kept.visible_rows,
            rows_rejected=kept.rows_rejected,
            rows_received=kept.rows_received,
        )
        if upload.status is UploadStatus.READY_WITH_ERRORS and is_clean:
            upload = replace(upload, status=UploadStatus.READY)
        store.finish(upload)
        if sent:
            audit.record(connection, principal, "upload.retried", upload_id, {"rows": len(accepted)}, now)
        if gone:
            details = {"rows": len(gone)}
            audit.record(connection, principal, "upload.rejects_discarded", upload_id, details, now)
        retried = Retried(upload, kept.version, outcomes)
        also(connection, retried)
    return retried


def judged(before: Situation, corrected: Sequence[Corrected]) -> Refined:
    """The rows as today's rules see them, all but what rules say of several rows; nothing is stored."""
    portion = _portion([_as_sent(before.mapping, each) for each in corrected])
    mapping = _for_retry(before.mapping, portion.table.column_names)
    return refine(portion, mapping, before.rules, is_identified=False)


def situation(room: UploadsRoom, principal: Principal, upload_id: str) -> Situation:
    """Raises NotFound, Forbidden, Conflict (`table_not_ready`, `upload_busy`)."""
    with room.db.read() as connection:
        upload = UploadStore(connection, principal).get(upload_id)
        _refuse_while_working(connection, principal, upload_id)
        pointer = newest(connection, principal.user_id, TableId(upload.id))
        decision = stored_decision(connection, principal.user_id, upload.id)
        rules = load_rules(connection, principal.user_id)
    if pointer is None:
        raise Conflict("The table of this upload is not ready yet.", code="table_not_ready")
    manifest = load_manifest(room.tables, pointer.table_id, pointer.version)
    if decision is None:
        return Situation(upload, manifest, ColumnsMapping(), rules, False)
    return Situation(upload, manifest, decision.mapping, rules, decision.layout.decimal_comma)


def _refuse_while_working(connection: Connection, principal: Principal, upload_id: str) -> None:
    if working_job(connection, principal, upload_id) is not None:
        raise Conflict("A job works on this upload. Wait for it, or cancel it first.", code="upload_busy")


def _rejected_among(room: UploadsRoom, table: Manifest, sent: AbstractSet[int]) -> set[int]:
    if table.rejects_key is None:
        return set()
    return {row for raw in stored_rejects(room, table.rejects_key) if (row := row_of(raw)) in sent}


def _as_sent(mapping: ColumnsMapping, corrected: Corrected) -> Corrected:
    """Under the names of the file, where a value came under its name in the table."""
    values = dict(corrected.values)
    for step in mapping.steps:
        if len(step.sources) == len(step.targets) == 1 and step.sources[0] not in values:
            value = values.pop(step.targets[0], None)
            values |= {} if value is None else {step.sources[0]: value}
    return replace(corrected, values=values)


def _portion(corrected: Sequence[Corrected]) -> Portion:
    columns = {column.name: column.texts for column in columns_of([dict(each.values) for each in corrected])}
    rows = pa.array([each.row for each in corrected], pa.int64())
    table = pa.table(columns)
    return Portion(table, rows, (), len(corrected), 0, None, 0)


def _for_retry(mapping: ColumnsMapping, names: Sequence[str]) -> ColumnsMapping:
    """Steps whose columns are there; others would empty a column that came under its name in the table."""
    return replace(
        mapping, steps=tuple(step for step in mapping.steps if not set(step.sources).isdisjoint(names))
    )


def _written(
    room: UploadsRoom,
    before: Manifest,
    made_by: str,
    refined: Refined,
    rules: Sequence[Rule],
    decimal_comma: bool,
) -> tuple[Refined, Manifest, Sequence[Reject]]:
    """The accepted rows as a new version, without those that say again what another row says."""
    after = _append(room, before, made_by, refined, decimal_comma)
    repeated: dict[int, Reject] = {}
    for rule in unique_rules(rules):
        if isinstance(rule.test, Unique) and rule.unfixed is Severity.REJECT:
            for reject in _repeated(room, before, after, rule.test):
                repeated.setdefault(reject.row, reject)
    if repeated:
        keep_rows = pc.invert(pc.is_in(refined.rows, value_set=pa.array(repeated, pa.int64())))
        refined = refined.only(keep_rows)
        after = _append(room, before, made_by, refined, decimal_comma)
    return refined, after, tuple(repeated.values())


def _append(
    room: UploadsRoom, before: Manifest, made_by: str, refined: Refined, decimal_comma: bool
) -> Manifest:
    return with_rows(
        room.tables,
        before,
        made_by,
        refined.table,
        refined.rows,
        issues=refined.issues(before.rows),
        decimal_comma=decimal_comma,
    )


def _repeated(room: UploadsRoom, before: Manifest, after: Manifest, test: Unique) -> Iterator[Reject]:
    for batch in duplicate_rows(room.tables, after, test.fields, ignore_case=test.ignore_case):
        for row in batch.to_pylist():
            if row[ROW_ID] >= before.rows:
                yield duplicate_reject(test, after, row)


def _remaining(
    room: UploadsRoom,
    table: Manifest,
    accepted: AbstractSet[int],
    failing: Mapping[int, Reject],
    gone: AbstractSet[int],
) -> Iterator[bytes]:
    if table.rejects_key is None:
        return
    for raw in stored_rejects(room, table.rejects_key):
        head = head_of(raw)
        if head.row in failing:
            yield reject_json(replace(failing[head.row], line=head.line_number))
        elif head.row in gone:
            yield reject_json(
                Reject(
                    head.row,
                    head.line_number,
                    head.field,
                    RecordCode.DISCARDED,
                    RECORD_CODES[RecordCode.DISCARDED],
                    values={},
                )
            )
        elif head.row not in accepted:
            yield bytes(raw)


def _all_discarded(room: UploadsRoom, table: Manifest) -> bool:
    """Whether nothing is left among the rejects for somebody to look at."""
    if table.rejects_key is None:
        return True
    return all(head_of(raw).code == RecordCode.DISCARDED for raw in stored_rejects(room, table.rejects_key))


def _outcome(row: int, was_rejected: bool, reject: Reject | None) -> RetryOutcome:
    if not was_rejected:
        return RetryOutcome(
            row, NOT_REJECTED, None, "This row is not among the rejects; send only rows that are."
        )
    if reject is None:
        return RetryOutcome(row)
    return RetryOutcome(row, str(reject.code), reject.field, reject.reason)

"""Rules over the whole upload: rows that say again what an earlier row said are rejected or remarked on.

Nearly every row may be a duplicate, so rejects and remarks are written as they are found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from muster.jobs.model import Job
from muster.objects.frames import stream_frames
from muster.objects.keys import table_file
from muster.objects.store import read_whole
from muster.records.chunks import join_records
from muster.records.issues import RuleCode
from muster.records.rule_words import sentence
from muster.records.rules import Rule, Severity, Unique
from muster.rules.apply import unique_rules
from muster.tables.duplicates import duplicate_rows
from muster.tables.issues import ISSUES_SCHEMA, write_issues, write_row_ids
from muster.tables.model import ROW_ID, ROW_NUMBER, Manifest
from muster.tables.rejects import reject_json
from muster.uploads.readers.model import Reject
from muster.uploads.rejects import row_of, stored_rejects
from muster.uploads.room import UploadsRoom

_REMARKS_AT_ONCE = 10
"""Batches of rows whose remarks go into one file."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """hidden_rows: how many rows were rejected, their ids lie under hidden_key, they in rejects_keys.

    issues: remarks on rows that stay, in issues_keys.
    """

    hidden_key: str | None = None
    hidden_rows: int = 0
    rejects_keys: tuple[str, ...] = ()
    issues: int = 0
    issues_keys: tuple[str, ...] = ()


def find_duplicates(room: UploadsRoom, job: Job, rules: Sequence[Rule], table: Manifest) -> Duplicates:
    """Apply the `unique` rules in their order; each sees what the ones before it left."""
    found = Duplicates()
    for number, rule in enumerate(unique_rules(rules)):
        test = rule.test
        if isinstance(test, Unique):
            table = replace(table, hidden_key=found.hidden_key, hidden_rows=found.hidden_rows)
            apply = _reject if rule.unfixed is Severity.REJECT else _remark
            found = apply(room, job, number, test, table, found)
    return found


def keep_duplicates(room: UploadsRoom, job: Job, found: Duplicates) -> None:
    """Keep what was found for the steps that follow."""
    room.objects.put(_note_key(job), [msgspec.json.encode(found)])


def load_duplicates(room: UploadsRoom, job: Job) -> Duplicates:
    """Raises NotFound before they were looked for."""
    return msgspec.json.decode(read_whole(room.objects, _note_key(job)), type=Duplicates)


def merge_rejects(room: UploadsRoom, keys: Sequence[str], found: Duplicates, target: str) -> None:
    """Join rejects of portions (in order) and of duplicates into one file, by row, without holding them."""
    portions = (raw for key in keys for raw in stored_rejects(room, key))
    duplicates = (stored_rejects(room, key) for key in found.rejects_keys)
    ordered = merge(portions, *duplicates, key=row_of)
    room.objects.put(target, stream_frames(join_records(bytes(raw) for raw in ordered)))


def _reject(
    room: UploadsRoom, job: Job, number: int, test: Unique, table: Manifest, before: Duplicates
) -> Duplicates:
    key = table_file(job.subject, job.id, f"rejects/duplicates-{number:03d}.json.zst")
    ids: list[pa.Array] = []

    def rejects() -> Iterator[bytes]:
        for batch in duplicate_rows(room.tables, table, test.fields, ignore_case=test.ignore_case):
            ids.append(batch.column(ROW_ID))
            for row in batch.to_pylist():
                yield reject_json(duplicate_reject(test, table, row))

    room.objects.put(key, stream_frames(join_records(rejects())))
    if not ids:
        return before
    if before.hidden_key is not None:
        hidden = pq.read_table(room.tables.cache.path(before.hidden_key))
        ids.append(hidden[ROW_ID].combine_chunks())
    hidden_key = table_file(job.subject, job.id, f"hidden-{number:03d}.parquet")
    written = write_row_ids(room.tables, hidden_key, pa.concat_arrays(ids))
    return replace(
        before,
        hidden_key=hidden_key,
        hidden_rows=written.rows,
        rejects_keys=(*before.rejects_keys, key),
    )


def _remark(
    room: UploadsRoom, job: Job, number: int, test: Unique, table: Manifest, before: Duplicates
) -> Duplicates:
    issues, keys = before.issues, [*before.issues_keys]
    remarks: list[pa.Table] = []

    def write() -> None:
        key = table_file(job.subject, job.id, f"issues/duplicates-{number:03d}-{len(keys):05d}.parquet")
        write_issues(room.tables, key, pa.concat_tables(remarks))
        keys.append(key)
        remarks.clear()

    for batch in duplicate_rows(room.tables, table, test.fields, ignore_case=test.ignore_case):
        remarks.append(_remarks_of(test, table, batch))
        issues += batch.num_rows
        if len(remarks) == _REMARKS_AT_ONCE:
            write()
    if remarks:
        write()
    return replace(before, issues=issues, issues_keys=tuple(keys))


def duplicate_reject(test: Unique, table: Manifest, row: dict[str, Any]) -> Reject:
    """The reject of a row, as `duplicate_rows` gives it, that says again what an earlier one said."""
    values = {column.name: row[column.physical] for column in table.columns}
    field = test.fields[0] if len(test.fields) == 1 else None
    return Reject(
        row[ROW_NUMBER], None, field, RuleCode.DUPLICATE, sentence(test, RuleCode.DUPLICATE), values=values
    )


def _remarks_of(test: Unique, table: Manifest, batch: pa.RecordBatch) -> pa.Table:
    column = table.column(test.fields[0])
    values = pa.nulls(batch.num_rows, pa.large_string()) if column is None else batch.column(column.physical)
    words = {
        "field": test.fields[0],
        "code": RuleCode.DUPLICATE.value,
        "severity": Severity.WARN.value,
        "fixed": None,
        "message": sentence(test, RuleCode.DUPLICATE),
    }
    columns = {
        name: pa.repeat(pa.scalar(word, pa.large_string()), batch.num_rows) for name, word in words.items()
    }
    columns |= {ROW_ID: batch.column(ROW_ID), "value": values}
    return pa.table([columns[name] for name in ISSUES_SCHEMA.names], schema=ISSUES_SCHEMA)


def _note_key(job: Job) -> str:
    return table_file(job.subject, job.id, "notes/duplicates.json")

"""Files of exports: every row once, whatever is in it, in every format; the same bytes after a crash anywhere."""

import csv
import io
import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from muster.errors import Conflict, InputError, NotFound, PayloadTooLarge, Unavailable
from muster.exports import write_file
from muster.exports.control import retry_failed
from muster.exports.destinations.object_store import ObjectStorePath
from muster.exports.model import Export, ExportStatus, Outcome, Reason
from muster.tables.formats import xlsx
from tests.exports.exporting import Exports, assert_adds_up, numbered
from tests.support.inline_run import Cut, InlineContext, InlineRun

NASTY = [
    "=1+1", "a,b", '"', '""', "\r", "\n", "\r\n", "line\nbreak", " blank ", "'", "\ufeff", "ünï\u0301", "😀", "<r><t>x</t></r>",
    "_x0041_", "007", "1e5", "NULL", "\\N", "a\tb", "\u2028", "null", "true", "-", "x" * 5000, "]]>", "&amp;", ";",
]  # fmt: skip


def read_back(data: bytes, format: str) -> list[dict[str, str | None]]:
    """The rows of a file by another reader than ours; empty cells are None."""
    if format == "csv":
        rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
        return [{name: cell or None for name, cell in zip(rows[0], row, strict=True)} for row in rows[1:]]
    if format == "ndjson":
        return [json.loads(line) for line in data.splitlines()]
    if format == "parquet":
        found: list[dict[str, str | None]] = pq.read_table(io.BytesIO(data)).to_pylist()
        return found
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    names = [str(name) for name in sheet[0]]
    return [{name: str(cell) or None for name, cell in zip(names, row, strict=True)} for row in sheet[1:]]


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet", "xlsx"])
def test_every_value_comes_back_in_every_format(exports: Exports, format: str) -> None:
    values = [*NASTY, None]
    chance = random.Random(3)  # noqa: S311
    rows = [
        {"id": str(number), "a": chance.choice(values), 'b "quoted", name': chance.choice(values)}
        for number in range(300)
    ]
    portions = [
        {name: [row[name] for row in some] for name in rows[0]}
        for some in (rows[:7], rows[7:100], rows[100:])
    ]
    upload_id = exports.table(*portions)
    export = exports.done(
        upload_id, format=format, options={"formula_safe": False} if format == "csv" else {}
    )
    assert export.status is ExportStatus.DONE
    assert export.counts.written == 300
    assert read_back(exports.file(export), format) == rows


def test_columns_are_chosen_renamed_and_put_in_order(exports: Exports) -> None:
    upload_id = exports.table({"a": ["1"], "b": ["2"], "c": ["3"]})
    export = exports.done(upload_id, columns=["c", {"column": "a", "as": "A first"}])
    assert exports.file(export) == b"c,A first\r\n3,1\r\n"


def test_formulas_are_defused_for_downloads_unless_somebody_says_otherwise(exports: Exports) -> None:
    upload_id = exports.table({"a": ["=1+1", "@x", "-5", "fine"]})
    assert exports.file(exports.done(upload_id)) == b"a\r\n'=1+1\r\n'@x\r\n-5\r\nfine\r\n"
    plain = exports.done(upload_id, options={"formula_safe": False, "bom": True})
    assert exports.file(plain) == b"\xef\xbb\xbfa\r\n=1+1\r\n@x\r\n-5\r\nfine\r\n"


def test_a_filter_chooses_the_rows_of_an_upload(exports: Exports) -> None:
    upload_id = exports.table(numbered(10), numbered(10, 10), hidden=[1])
    chosen = {"field": "consent", "op": "eq", "value": "no"}
    export = exports.done(upload_id, columns=["email"], filter=chosen)
    lines = exports.file(export).decode().split("\r\n")[1:-1]
    assert lines == [f"person{number}@example.com" for number in range(20) if number % 3 == 0]
    assert export.rows == 7


def test_rows_without_consent_are_left_out_counted_and_told(exports: Exports) -> None:
    upload_id = exports.table(
        {"email": ["a@x.de", "b@x.de", "c@x.de", "d@x.de"], "ok": ["Yes ", "no", None, "YES"]}
    )
    export = exports.done(upload_id, columns=["email"], consent={"column": "ok"})
    assert exports.file(export) == b"email\r\na@x.de\r\nd@x.de\r\n"
    assert export.rows == 4
    assert export.counts.left_out == {Reason.NO_CONSENT: 2}
    told = exports.outcomes(export, Outcome.LEFT_OUT)
    assert [(row.position, row.row_id, row.code) for row in told] == [
        (1, 1, "no_consent"),
        (2, 2, "no_consent"),
    ]


def test_the_set_is_frozen_when_the_export_is_made(exports: Exports) -> None:
    upload_id = exports.table({"email": ["a@x.de", "b@x.de"]})
    export = exports.make(upload_id)
    exports.edit(upload_id, {0: {"email": "changed@x.de"}})
    assert exports.file(exports.carry_out(export.id)) == b"email\r\na@x.de\r\nb@x.de\r\n"
    assert exports.file(exports.done(upload_id)) == b"email\r\nchanged@x.de\r\nb@x.de\r\n"


@pytest.mark.parametrize("format", ["csv", "xlsx"])  # one of each way to write a file
def test_a_crash_after_any_step_makes_the_same_file(
    exports: Exports, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_file, "_PORTION_ROWS", 5)
    upload_id = exports.table(numbered(9), numbered(4, 9), numbered(8, 13), hidden=[3])
    members = {"format": format, "consent": {"column": "consent"}}
    expected = exports.file(exports.done(upload_id, **members))
    steps = len(_steps(exports, exports.make(upload_id, **members)))
    for cut_at in range(steps):
        for is_noted in (True, False):
            export = exports.make(upload_id, **members)
            cut = InlineRun(exports.job(export.id), cut_at=cut_at, is_noted=is_noted)
            with pytest.raises(Cut):
                exports.run(cut)
            exports.run(InlineRun(cut.job, noted=cut.noted))
            again = exports.get(export.id)
            assert exports.file(again) == expected
            assert_adds_up(again)
            assert again.counts.written == 14


def _steps(exports: Exports, export: Export) -> list[str]:
    run = InlineRun(exports.job(export.id))
    exports.run(run)
    return run.steps


def test_cancelling_drops_the_file_and_keeps_the_counts(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_file, "_PORTION_ROWS", 5)
    upload_id = exports.table(numbered(10), numbered(10, 10))
    export = exports.carry_out(exports.make(upload_id).id, InlineContext(cancel_after=1))
    assert export.status is ExportStatus.CANCELLED
    assert export.file is None
    assert_adds_up(export)
    assert (export.counts.written, export.pending) == (0, 20)  # there is no file they could be in
    with pytest.raises(NotFound):
        exports.file(export)


@pytest.mark.parametrize("format", ["csv", "xlsx"])  # one of each way to write a file
def test_a_file_that_was_not_finished_is_made_anew_as_a_whole(
    exports: Exports, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_file, "_PORTION_ROWS", 5)
    upload_id = exports.table(numbered(10), numbered(10, 10))
    whole = exports.file(exports.done(upload_id, format=format))
    cancelled = exports.carry_out(exports.make(upload_id, format=format).id, InlineContext(cancel_after=1))
    assert cancelled.status is ExportStatus.CANCELLED
    room, ana = exports.house.exports, exports.owner
    with pytest.raises(InputError) as refused:
        retry_failed(room, ana, cancelled.id, ("some_code",))
    assert refused.value.error_code == "retry_codes_unusable"
    again = exports.carry_out(retry_failed(room, ana, cancelled.id).id)
    assert (again.status, again.rows, again.counts.written) == (ExportStatus.DONE, 20, 20)
    assert exports.file(again) == whole


def test_a_file_nobody_took_is_put_there_whole_by_the_next_try(
    exports: Exports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = exports.table(numbered(4))

    def away(*_: object) -> None:
        raise Unavailable("Nobody is there.", code="unavailable")

    export = exports.make(upload_id, destination="object_store", settings={"path": "lists/{name}"})
    for _ in range(2):  # the second one is itself a try
        with monkeypatch.context() as weather:
            weather.setattr(ObjectStorePath, "store", away)
            failed = exports.carry_out(export.id)
        assert_adds_up(failed)
        assert (failed.status, failed.counts.written, failed.pending) == (ExportStatus.FAILED, 0, 4)
        export = retry_failed(exports.house.exports, exports.owner, failed.id)
    done = exports.carry_out(export.id)
    assert (done.status, done.counts.written) == (ExportStatus.DONE, 4)
    assert (tmp_path / "out" / "lists" / "leads.csv").read_bytes() == exports.file(
        exports.done(upload_id, options={"formula_safe": False})
    )


def test_a_file_that_is_not_there_yet_is_a_conflict(exports: Exports) -> None:
    export = exports.make(exports.table({"a": ["1"]}))
    with pytest.raises(Conflict) as refused:
        exports.file(export)
    assert refused.value.error_code == "export_not_ready"


def test_what_no_sheet_holds_is_refused_before_anything_is_stored(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MAX_CELLS", 10)
    upload_id = exports.table(numbered(4))
    with pytest.raises(PayloadTooLarge) as refused:
        exports.make(upload_id, format="xlsx")
    assert refused.value.error_code == "sheet_too_large"
    assert exports.done(upload_id, format="xlsx", columns=["email"]).counts.written == 4


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"columns": ["nope"]}, "column_unknown", "/columns/0"),
        ({"columns": ["email", "email"]}, "column_repeated", "/columns/1"),
        ({"columns": [{"column": "email", "as": "x"}, {"column": "consent", "as": "x"}]}, "column_repeated", "/columns/1"),
        ({"consent": {"column": "nope"}}, "column_unknown", "/consent/column"),
        ({"destination": "nowhere"}, "destination_unknown", "/destination"),
        ({"format": "xlsx", "options": {"bom": True}}, "format_unusable", "/options"),
        ({"key": ["nope"]}, "column_unknown", "/key/0"),
        ({"columns": ["first_name"], "since": "last"}, "export_key_missing", "/key"),
        ({"hashing": {"platform": "google"}, "columns": ["consent"]}, "field_unknown", "/columns/0/field"),
        ({"destination": "http"}, "connection_missing", "/connection"),
        ({"filter": {"field": "nope", "op": "eq", "value": "x"}}, "filter_invalid", None),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_at_once(
    exports: Exports, members: dict[str, object], code: str, pointer: str | None
) -> None:
    upload_id = exports.table(numbered(2))
    with pytest.raises(InputError) as refused:
        exports.make(upload_id, **members)
    assert refused.value.error_code == code
    if pointer is not None:
        assert refused.value.issues[0].pointer == pointer

"""The map of row codes is complete, and holds nothing that nobody says."""

import re
from pathlib import Path

import muster
from muster.records.issues import RecordCode, RuleCode, said_by
from muster.records.rules import TESTS
from muster.uploads.readers import json_records
from muster.uploads.readers.csv_records import CsvCode

PACKAGE = Path(muster.__file__).parent
ELSEWHERE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in PACKAGE.rglob("*.py")
    if path != PACKAGE / "records" / "issues.py"
)


def test_every_code_a_reader_gives_a_row_is_in_the_map() -> None:
    known = {str(code) for code in RecordCode}
    assert {str(code) for code in CsvCode} <= known
    assert {*json_records.REASONS, json_records.JSON_BROKEN_REST} <= known


def test_every_code_in_the_map_is_said_by_somebody() -> None:
    for code in [*RecordCode, *RuleCode]:
        said = rf"{type(code).__name__}\.{code.name}\b|\"{code.value}\""
        assert re.search(said, ELSEWHERE), code


def test_the_reference_says_of_every_code_who_says_it() -> None:
    for code in RuleCode:
        kinds = re.findall(r"`(\w+)`", said_by(code))
        assert kinds, code
        assert set(kinds) <= set(TESTS), code
    assert {said_by(code) for code in RecordCode} == {
        "the identity rule", "batches, JSON and NDJSON", "JSON and NDJSON", "CSV", "CSV, JSON and NDJSON",
        "discarding rejects",
    }  # fmt: skip

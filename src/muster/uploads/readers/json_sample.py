"""The preview of a file of JSON records."""

from collections.abc import Sequence
from dataclasses import replace

from muster.uploads.readers.json_columns import columns_of
from muster.uploads.readers.json_records import Records
from muster.uploads.readers.model import Detected, Guess, Layout

SAMPLE_ROWS = 50


def sample_of(
    layout: Layout, records: Records | None, *, guess: Guess | None = None, members: Sequence[str] = ()
) -> Detected:
    """What is detected from the first records of a file.

    The columns of the layout are those of these records only: readers of JSON find all others while reading.
    guess: of the member that holds the records, where there is one; members: all that could.
    """
    guesses = {} if guess is None else {"sheet": guess}
    if records is None or not records.received:
        return Detected(
            layout, guesses, (), members, "file_empty", "The file holds no records; send another one."
        )
    columns = list(columns_of(records.good[:SAMPLE_ROWS]))
    rows = tuple(zip(*(column.texts.to_pylist() for column in columns), strict=True))
    names = tuple(column.name for column in columns)
    if not names:
        reason = records.bad[0].reason
        problem = f"None of the first {records.received} records can be used. {reason}"
        return Detected(layout, guesses, (), members, records.bad[0].code, problem)
    seen = Guess(names, 1.0, f"Found in the first {len(rows)} records; others are added while reading.")
    return Detected(replace(layout, columns=names), {**guesses, "columns": seen}, rows, members)

"""What the first rows of a CSV file show: dialect, header, columns, sample."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from muster.uploads.readers.csv_head import Head, column_names, excel_instruction, read_head
from muster.uploads.readers.csv_records import read_record
from muster.uploads.readers.csv_scan import line_end_of, scan
from muster.uploads.readers.dialect import Dialect, dialect_of, grammar_of
from muster.uploads.readers.dialect_guess import guess_dialect
from muster.uploads.readers.header_guess import guess_decimal_comma, guess_header
from muster.uploads.readers.model import Detected, Guess, Layout, RawFile
from muster.uploads.readers.text import TextSource

SAMPLE_ROWS = 50
_HEAD_BYTES = 512 * 1024
_MAX_ROWS = 200


def describe(file: RawFile, layout: Layout, favoured: str | None = None) -> Detected:
    """How a CSV file is laid out. layout: format, compression and encoding are decided.

    favoured: a delimiter that the file's name or media type stands for. Raises InputError as the reader does.
    """
    source = TextSource(file, layout)
    data = source.read(_HEAD_BYTES)
    is_whole = source.at_end
    if not data.strip():
        return Detected(layout, {}, (), (), "file_empty", "The file is empty; there is nothing to read.")
    guessed = guess_dialect(data, is_whole=is_whole, favoured=favoured)
    layout = replace(
        layout,
        delimiter=guessed.delimiter.value,
        quote=guessed.quote.value,
        escape=guessed.escape.value,
    )
    rows = _rows(data, dialect_of(layout, 2), is_whole=is_whole)
    header = guess_header(rows)
    cells = () if header.value is None else rows[header.value]
    below = rows if header.value is None else rows[header.value + 1 :]
    columns = _columns(cells, below)
    layout = replace(layout, header_row=header.value, columns=columns.value)
    decimals = guess_decimal_comma(below)
    layout = replace(layout, decimal_comma=decimals.value)
    guesses = {
        "delimiter": guessed.delimiter,
        "quote": guessed.quote,
        "escape": guessed.escape,
        "header_row": header,
        "columns": columns,
        "decimal_comma": decimals,
    }
    return Detected(layout, guesses, sample_of(data, layout, is_whole=is_whole))


def sample_of(data: bytes, layout: Layout, *, is_whole: bool) -> tuple[tuple[str | None, ...], ...]:
    """The first good rows of some text as the reader gives them. layout: with columns."""
    dialect = dialect_of(layout, len(layout.columns))
    head: Head | None = None
    if is_whole and not data.endswith((b"\n", b"\r")):
        data += line_end_of(data)
    if not is_whole:
        data = data.removesuffix(b"\r")
    head = read_head(data, dialect, layout.header_row, is_last=is_whole)
    if head is None:
        return ()
    grammar = grammar_of(dialect)
    rows: list[tuple[str | None, ...]] = []
    # A few faults at a time: a sample needs no more than its first rows.
    found = scan(data, head.end, dialect, is_last=is_whole, max_faults=1_000)
    for run in found.good:
        at = run.start
        while at < run.end and len(rows) < SAMPLE_ROWS:
            record = read_record(data, at, grammar, dialect, is_last=True)
            rows.append(tuple(value.decode() or None for value in record.values[: dialect.columns]))
            at = record.end or run.end
    return tuple(rows)


def _rows(data: bytes, dialect: Dialect, *, is_whole: bool) -> list[tuple[str, ...]]:
    """The first rows with however many columns they have."""
    at, _ = excel_instruction(data)
    if is_whole and not data.endswith((b"\n", b"\r")):
        data += line_end_of(data)
    if not is_whole:
        data = data.removesuffix(b"\r")
    grammar = grammar_of(dialect)
    rows: list[tuple[str, ...]] = []
    tries = 0
    while at < len(data) and tries < _MAX_ROWS:
        tries += 1
        if skipped := grammar.blank.match(data, at):
            at = skipped.end()
            continue
        record = read_record(data, at, grammar, dialect, is_last=is_whole)
        if record.end is None:
            break
        if record.code is None or not rows:
            rows.append(tuple(value.decode("utf-8", "replace") for value in record.values))
        at = record.end
    return rows


def _columns(cells: Sequence[str], below: Sequence[Sequence[str]]) -> Guess:
    """Names from the header, as many as the rows have columns."""
    named = len(cells)
    while named > 1 and not cells[named - 1].strip():
        named -= 1
    filled = [max((number for number, cell in enumerate(row, 1) if cell), default=1) for row in below]
    widths = Counter(len(row) for row in below)
    usual = widths.most_common(1)[0][0] if widths else named
    widest = Counter(filled).most_common(1)[0][0] if filled else named
    if not cells:
        return Guess(
            column_names((), usual), 0.9, f"Most of the first rows have {usual} columns; none has a name."
        )
    if not widths or usual == named or (usual > named and widest <= named):
        return Guess(column_names(cells, named), 0.98, "The names in the header.")
    if usual > named:
        reason = f"The header names {named} columns, most rows have {usual}; the others get names by number."
        return Guess(column_names(cells, usual), 0.7, reason)
    if widths[usual] >= 0.95 * len(below):
        reason = (
            f"The header names {named} columns, the rows have {usual}; names without values are left out."
        )
        return Guess(column_names(cells, usual), 0.5, reason)
    return Guess(column_names(cells, named), 0.6, f"The header names {named} columns, many rows have fewer.")

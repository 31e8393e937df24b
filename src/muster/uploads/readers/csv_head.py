"""The rows above the data of a CSV file: an instruction for Excel, titles, the header; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from muster.uploads.readers.csv_records import count_lines, read_record
from muster.uploads.readers.dialect import Dialect, grammar_of

_EXCEL_INSTRUCTION = re.compile(rb'\A"?sep=([^\r\n]{1,4}?)"?(?:\r\n|\n|\r)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the data begin: bytes and physical lines above them; the cells of the header, None without one."""

    end: int
    lines: int
    cells: tuple[str, ...] | None


def excel_instruction(data: bytes) -> tuple[int, bytes | None]:
    """Length of a first line `sep=;`, which Excel reads as an instruction, and the delimiter it names."""
    found = _EXCEL_INSTRUCTION.match(data)
    return (found.end(), found.group(1)) if found else (0, None)


def read_head(data: bytes, dialect: Dialect, header_row: int | None, *, is_last: bool) -> Head | None:
    """Read over the header. data: ends with a line end if is_last. None: more bytes are needed.

    header_row: index among the rows that are not blank; rows above it are titles and dropped.
    """
    at, _ = excel_instruction(data)
    grammar = grammar_of(dialect)
    cells: tuple[str, ...] | None = None
    for _ in range(0 if header_row is None else header_row + 1):
        if skipped := grammar.blank.match(data, at):
            at = skipped.end()
        if at >= len(data) and is_last:
            break
        record = read_record(data, at, grammar, dialect, is_last=is_last)
        if record.end is None:
            return None
        at = record.end
        cells = tuple(value.decode("utf-8", "replace") for value in record.values)
    return Head(at, count_lines(data, 0, at), cells)


def column_names(cells: Sequence[str], count: int | None = None) -> tuple[str, ...]:
    """Display names: unique, none empty. `name`, `name`, `` become `name`, `name (2)`, `column 3`.

    count: how many columns the rows have; missing names are made up, further ones dropped.
    """
    count = len(cells) if count is None else count
    wanted = [" ".join(cell.replace("\0", "").split()) for cell in cells[:count]]
    wanted += [""] * (count - len(wanted))
    taken = {name for name in wanted if name}
    given: set[str] = set()
    names: list[str] = []
    for number, wish in enumerate(wanted, 1):
        base = wish or f"column {number}"
        name, copy = base, 1
        while name in given or (name != wish and name in taken):
            copy += 1
            name = f"{base} ({copy})"
        given.add(name)
        names.append(name)
    return tuple(names)

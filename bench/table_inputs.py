"""The files of the table benchmark: made by the table engine from a counter, the same bytes in every run.

Twelve columns as an audience list has them: names with a comma (so in quotes), cities with accents, numbers, dates,
free text with quotes, line breaks and gaps. People and firms are put together from lists; domains end in
`.example` (RFC 2606). Broken rows are planted at fixed places when asked for, in turn of each kind.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb
import xlsxwriter

IDENTITY_MISSING = "identity"
KINDS = ("few", "many", "quote", "utf8", IDENTITY_MISSING)
"""Too few columns, too many, text after a closing quote, a byte that is not UTF-8, neither e-mail nor domain."""
MARK = "PLANTED-"
"""How the name of each planted row begins, so that it can be found again, wherever it went."""

COLUMNS = (
    "email",
    "name",
    "company",
    "domain",
    "country",
    "city",
    "employees",
    "score",
    "phone",
    "founded",
    "url",
    "note",
)

_BLOCK_BYTES = 8 * 1024 * 1024
_COMPANY, _CITY = 2, 5

# Lists are within windows-1252, so that the same file can be had in that encoding.
_LISTS = {
    "first": (
        "Žofie",
        "Émile",
        "Søren",
        "José",
        "Zoë",
        "Jürgen",
        "Šimon",
        "Anna",
        "Ian",
        "Inés",
        "Åsa",
        "Tom",
    ),
    "last": ("Dvorák", "Núñez", "Åberg", "Müller", "Østby", "Nowak", "Smith", "Lee", "O'Brien", "Garção"),
    "plain": ("anna", "emile", "soren", "jose", "zoe", "jurgen", "simon", "ian", "ines", "asa", "tom"),
    "trade": ("Logistics", "Foods", "Analytics", "Steel", "Media", "Energy", "Textiles", "Optics", "Care"),
    "form": ("GmbH", "Ltd", "S.A.", "AB", "Inc", "B.V."),
    "country": (
        "DE",
        "FR",
        "GB",
        "US",
        "SE",
        "NL",
        "ES",
        "PT",
        "IT",
        "CH",
        "AT",
        "DK",
        "NO",
        "CZ",
        "PL",
        "IE",
    ),
    "city": ("Köln", "Malmö", "Cádiz", "Genève", "São Paulo", "Oslo", "Gent", "Besançon", "Århus", "Zürich"),
    "note": (
        "Met at the trade fair, call back in spring.",
        'Asked for the "premium" plan.',
        "Prefers e-mail.",
        "Wants a demo; budget known.",
        "Two offices, one contact.",
        "Renewal in autumn" + "\n" + "Ask for Zoë.",
        "No calls on Fridays, please.",
    ),
}


@dataclass(frozen=True, slots=True)
class Input:
    """One file. planted: broken rows among `rows`, by kind in turn."""

    name: str
    path: Path
    rows: int
    planted: tuple[str, ...]
    media_type: str = "text/csv"
    columns: int = 12

    @property
    def size_bytes(self) -> int:
        return self.path.stat().st_size

    @property
    def identity_missing(self) -> int:
        """Planted rows that every CSV reader takes."""
        return self.planted.count(IDENTITY_MISSING)


def csv_file(
    folder: Path, name: str, rows: int, *, planted_every: int = 0, columns: int = 12, is_gzipped: bool = False
) -> Input:
    """CSV with a header. planted_every: one broken row in so many, 0 for none. columns: 12 or 14."""
    path = folder / (f"{name}.csv.gz" if is_gzipped else f"{name}.csv")
    target = path if not planted_every else path.with_suffix(".marked")
    compression = "gzip" if is_gzipped else "none"
    _copy(
        _select(rows, planted_every, columns), target, f"FORMAT csv, HEADER true, COMPRESSION {compression}"
    )
    planted: tuple[str, ...] = ()
    if planted_every:
        with target.open("rb") as marked, path.open("wb") as file:
            planted = tuple(_break_marked(marked, file))
        target.unlink()
    return Input(name, path, rows, planted, "application/gzip" if is_gzipped else "text/csv", columns)


def windows_1252_file(folder: Path, name: str, rows: int) -> Input:
    """The same as `csv_file` without broken rows, in an encoding that has to be guessed."""
    plain = csv_file(folder, f"{name}-utf8", rows)
    path = folder / f"{name}.csv"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with plain.path.open("rb") as source, path.open("wb") as file:
        while block := source.read(_BLOCK_BYTES):
            file.write(decoder.decode(block).encode("cp1252"))
    plain.path.unlink()
    return Input(name, path, rows, ())


def json_file(folder: Path, name: str, rows: int, *, is_array: bool) -> Input:
    """NDJSON, or one JSON array; numbers are numbers."""
    path = folder / (f"{name}.json" if is_array else f"{name}.ndjson")
    _copy(_select(rows, 0, 12), path, f"FORMAT json, ARRAY {str(is_array).lower()}")
    media_type = "application/json" if is_array else "application/x-ndjson"
    return Input(name, path, rows, (), media_type)


def xlsx_file(folder: Path, name: str, rows: int) -> Input:
    """A workbook of one sheet; numbers are numbers, dates are text."""
    path = folder / f"{name}.xlsx"
    options = {"constant_memory": True, "strings_to_urls": False}  # no sheet may have 100,000 links
    with duckdb.connect() as engine, xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet()
        query = f"SELECT * REPLACE (founded::VARCHAR AS founded) FROM ({_select(rows, 0, 12)})"  # noqa: S608
        found = engine.execute(query)
        sheet.write_row(0, 0, [column[0] for column in found.description])
        for number, row in enumerate(iter(found.fetchone, None), 1):
            sheet.write_row(number, 0, row)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Input(name, path, rows, (), media_type)


def _copy(select: str, path: Path, options: str) -> None:
    with duckdb.connect() as engine:
        engine.execute(f"COPY ({select}) TO '{path}' ({options})")  # order is kept by default


def _select(rows: int, planted_every: int, columns: int) -> str:
    """The rows in order, each from its number alone."""

    def some(salt: int, size: int) -> str:
        # Two rounds of a multiplicative generator, well inside 64 bits: the same in every version of the engine.
        mixed = f"((i * {48_271 + 15_838 * salt} + {salt * 1_299_709}) % 2147483647)"
        return f"((xor({mixed}, {mixed} >> 11) * 69621) % 2147483647 % {size})"

    def one_of(name: str, salt: int) -> str:
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in _LISTS[name])
        return f"[{values}][1 + {some(salt, len(_LISTS[name]))}]"

    firm = some(1, 200_000)
    domain = f"'firm' || {firm} || '.example'"
    is_planted = f"i % {planted_every} = {planted_every // 2}" if planted_every else "false"
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    kind = f"[{kinds}][1 + (i // {planted_every}) % {len(KINDS)}]" if planted_every else "''"
    lacks_identity = f"({is_planted} AND {kind} = '{IDENTITY_MISSING}')"
    more = (
        ""
        if columns == 12
        else f""",
        ['new', 'warm', 'cold', 'won', 'lost'][1 + {some(12, 5)}] AS stage,
        TIMESTAMP '2024-01-01' + to_seconds({some(13, 60_000_000)}) AS seen_at"""
    )
    return f"""SELECT
        CASE WHEN {lacks_identity} THEN NULL
            ELSE {one_of("plain", 2)} || i || '@' || {domain} END AS email,
        CASE WHEN {is_planted} THEN '{MARK}' || {kind} || '-' || i
            ELSE {one_of("last", 3)} || ', ' || {one_of("first", 4)} END AS name,
        {one_of("last", 1)} || ' ' || {one_of("trade", 1)} || ' ' || {firm} || ' ' || {one_of("form", 1)} AS company,
        CASE WHEN {lacks_identity} THEN NULL ELSE {domain} END AS domain,
        {one_of("country", 5)} AS country,
        {one_of("city", 6)} AS city,
        1 + {some(7, 20_000)} AS employees,
        ({some(8, 10_000)} / 100)::DECIMAL(5, 2) AS score,
        '+49 30 ' || lpad({some(9, 10_000_000)}::VARCHAR, 7, '0') AS phone,
        DATE '1950-01-01' + {some(10, 27_000)}::INTEGER AS founded,
        'https://www.' || {domain} || '/people?id=' || i AS url,
        CASE WHEN {is_planted} OR {some(11, 10)} < 3 THEN NULL ELSE {one_of("note", 12)} END AS note{more}
        FROM range({rows}) AS numbers(i)"""  # noqa: S608  (numbers and lists of our own)


def _break_marked(marked: BinaryIO, file: BinaryIO) -> Iterator[str]:
    """Copy, making each marked line what its mark says; gives the kinds in order."""
    mark, rest = MARK.encode(), b""
    while block := marked.read(_BLOCK_BYTES):
        text = rest + block
        end = text.rfind(b"\n") + 1
        done = 0
        while (at := text.find(mark, done, end)) >= 0:
            start, stop = text.rfind(b"\n", 0, at) + 1, text.index(b"\n", at)
            kind = text[at + len(mark) : text.index(b"-", at + len(mark))].decode()
            file.write(text[done:start] + _broken(text[start:stop], kind))
            done = stop
            yield kind
        file.write(text[done:end])
        rest = text[end:]
    file.write(rest)


def _broken(line: bytes, kind: str) -> bytes:
    """A marked line has no quotes and no note, so its commas are its delimiters."""
    fields = line.split(b",")
    match kind:
        case "few":
            del fields[-1]
        case "many":
            fields.append(b"surplus")
        case "quote":
            fields[_COMPANY] = b'"%b" Holding' % fields[_COMPANY]
        case "utf8":
            fields[_CITY] = "Köln".encode("latin-1")
    return b",".join(fields)

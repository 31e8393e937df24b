"""The three bodies every server receives, byte for byte the same in every run.

small: 50,000 records of four short fields with non-ASCII names, just under the 5 MiB limit of one request;
wide:  10,000 records of 30 fields, sent gzipped;
tiny:  10 records, about 1 kB.
People and firms in them are made by a seeded generator; the domains end in `.example` (RFC 2606).
"""

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIRE_LIMIT_BYTES = 5 * 1024 * 1024
SMALL_ROWS = 50_000
WIDE_ROWS = 10_000
TINY_ROWS = 10
WIDE_FIELDS = 30

_SEED = 20_250_115
_FIRST_NAMES = ("Žofie", "Émile", "Søren", "José", "Zoë", "Łukasz", "Ayşe", "Jürgen", "Anna", "Ian")
_LAST_NAMES = ("Dvořák", "Núñez", "Åberg", "Müller", "Çelik", "Østby", "Nowak", "Gümüş", "Smith", "Lee")
_CITIES = ("Brno", "Łódź", "Köln", "Malmö", "Cádiz", "Bern", "Oslo", "Gent")
_TITLES = ("Head of Sales", "Geschäftsführerin", "Data Engineer", "Ředitel prodeje", "CMO", "VP Growth")


@dataclass(frozen=True, slots=True)
class Body:
    """One request body and what is true of it.

    content: as sent on the wire, gzipped if `is_gzipped`; records: the exact bytes of the `records` array,
    to compare with what comes back; decoded_bytes: length of the JSON text.
    """

    name: str
    rows: int
    content: bytes
    records: bytes
    decoded_bytes: int
    is_gzipped: bool


def small(rows: int = SMALL_ROWS) -> Body:
    """Four fields a record, at 50,000 rows 0.5 % under the limit."""
    chance = random.Random(_SEED)
    records = [
        {
            "business_email": f"{_letters(chance, 6)}{row:05d}@{_letters(chance, 5)}.example",
            "first_name": chance.choice(_FIRST_NAMES),
            "last_name": chance.choice(_LAST_NAMES),
            "city": chance.choice(_CITIES),
        }
        for row in range(rows)
    ]
    return _body("small", records, is_gzipped=False)


def wide(rows: int = WIDE_ROWS) -> Body:
    """30 fields a record: text, whole and decimal numbers, booleans and nulls; gzip, level 6."""
    chance = random.Random(_SEED + 1)
    return _body("wide", [_wide_record(chance, row) for row in range(rows)], is_gzipped=True)


def tiny(rows: int = TINY_ROWS) -> Body:
    """A form's worth: what a source sends when one batch is one event."""
    chance = random.Random(_SEED + 2)
    records = [
        {
            "email": f"{_letters(chance, 6)}{row}@{_letters(chance, 5)}.example",
            "first_name": chance.choice(_FIRST_NAMES),
            "last_name": chance.choice(_LAST_NAMES),
            "title": chance.choice(_TITLES),
        }
        for row in range(rows)
    ]
    return _body("tiny", records, is_gzipped=False)


def _wide_record(chance: random.Random, row: int) -> dict[str, object]:
    record: dict[str, object] = {
        "business_email": f"{_letters(chance, 6)}{row:05d}@{_letters(chance, 6)}.example",
        "first_name": chance.choice(_FIRST_NAMES),
        "last_name": chance.choice(_LAST_NAMES),
        "title": chance.choice(_TITLES),
        "city": chance.choice(_CITIES),
        "company_domain": f"{_letters(chance, 8)}.example",
    }
    for number in range(len(record), WIDE_FIELDS):
        kind = number % 6
        record[f"attribute_{number:02d}"] = (
            _letters(chance, 12)
            if kind < 3
            else chance.randrange(1_000_000)
            if kind == 3
            else round(chance.random() * 1000, 2)
            if kind == 4
            else chance.choice((True, False, None))
        )
    return record


def _letters(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=count))


def _body(name: str, records: Sequence[Mapping[str, object]], *, is_gzipped: bool) -> Body:
    records_json = json.dumps(records, ensure_ascii=False, separators=(",", ":")).encode()
    text = b'{"upload_name":"Benchmark %s","records":%s}' % (name.encode(), records_json)
    # mtime=0: without it every run would send other bytes.
    content = gzip.compress(text, 6, mtime=0) if is_gzipped else text
    if len(content) > WIRE_LIMIT_BYTES:
        raise ValueError(f"{name} is {len(content)} bytes; one request may carry {WIRE_LIMIT_BYTES}.")
    return Body(name, len(records), content, records_json, len(text), is_gzipped)

"""Guesses which row names the columns, and how decimals are written, from the first rows; pure."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from muster.uploads.readers.model import Guess

_NUMBER = re.compile(r"[-+]?[\d.,\u00a0 ]*\d\s?%?")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}.*)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d()\s./-]{7,}")
_FLAG = re.compile(r"true|false|yes|no|ja|nein|oui|non|si|y|n", re.IGNORECASE)
_KINDS: Final = {
    "e-mail": _EMAIL,
    "date": _DATE,
    "number": _NUMBER,
    "phone": _PHONE,
    "url": _URL,
    "flag": _FLAG,
}
_COMMA_DECIMAL = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+),\d+")
_POINT_DECIMAL = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)\.\d+")
_KNOWN: Final = frozenset(
    [
        "id",
        "email",
        "e-mail",
        "mail",
        "name",
        "firstname",
        "first_name",
        "lastname",
        "last_name",
        "surname",
        "company",
        "phone",
        "tel",
        "mobile",
        "address",
        "city",
        "country",
        "state",
        "zip",
        "postcode",
        "date",
        "created",
        "created_at",
        "updated_at",
        "age",
        "gender",
        "title",
        "url",
        "website",
        "domain",
        "vorname",
        "nachname",
        "firma",
        "telefon",
        "ort",
        "plz",
        "strasse",
        "land",
        "datum",
        "prenom",
        "nom",
        "societe",
        "telephone",
        "ville",
        "pays",
        "nombre",
        "apellido",
        "apellidos",
        "empresa",
        "telefono",
        "ciudad",
        "pais",
        "correo",
        "nome",
        "cognome",
        "azienda",
        "citta",
        "naam",
        "bedrijf",
        "user",
        "user_id",
        "username",
        "customer",
        "customer_id",
        "price",
        "amount",
        "quantity",
        "qty",
        "currency",
        "status",
        "type",
        "value",
        "description",
        "имя",
        "фамилия",
        "город",
        "страна",
        "телефон",
        "姓名",
        "名前",
        "氏名",
        "邮箱",
        "电话",
        "電話",
        "城市",
        "이름",
        "전화",
    ]
)
_MAX_TITLE_ROWS: Final = 20


def guess_header(rows: Sequence[Sequence[str]]) -> Guess:
    """The index of the header among the first rows, none of them blank; value None: no header.

    Titles above it are rows with fewer columns than the rows below them have.
    """
    if not rows:
        return Guess(None, 0.5, "There are no rows.")
    width = _usual_width(rows)
    at = next(
        (number for number, row in enumerate(rows[:_MAX_TITLE_ROWS]) if _filled(row) >= max(0.6 * width, 1)),
        0,
    )
    if width > 1 and _filled(rows[at]) < 2:
        at = 0
    cells, below = [cell.strip() for cell in rows[at]], rows[at + 1 : at + 101]
    points, reasons = _evidence(cells, below)
    if at and points > -1:
        titles = "1 row above it holds" if at == 1 else f"{at} rows above it hold"
        reasons.append(f"{titles} fewer columns, like a title")
        points += 0.5
    confidence = round(min(0.98, 0.6 + abs(points) * 0.12), 2)
    why = "; ".join(reasons) or "its values differ from those below"
    if points < 0:
        return Guess(None, confidence, f"The first row looks like data: {why}.")
    return Guess(at, confidence, f"Row {at + 1} looks like names of columns: {why}.")


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(row) for row in rows)
    return max(widths, key=lambda width: (widths[width], width))


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def kind_of(value: str) -> str:
    """What a value looks like: one of a few kinds, `text` for the rest."""
    return next((name for name, pattern in _KINDS.items() if pattern.fullmatch(value)), "text")


def _evidence(cells: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[float, list[str]]:
    points, reasons = 0.2, []
    kinds = [kind_of(cell) if cell else "" for cell in cells]
    typed = [kind for kind in kinds if kind in {"e-mail", "date", "number", "url", "phone"}]
    known = sum(
        1 for cell in cells if "_".join(cell.casefold().split()) in _KNOWN or cell.casefold() in _KNOWN
    )
    if known:
        points += min(known, 3)
        reasons.append("known names")
    if typed:
        points -= 1.5 * len(typed) / max(len(cells), 1) + 0.7
        reasons.append(f"it holds a {typed[0]}")
    names = [cell.casefold() for cell in cells if cell]
    if len(set(names)) < len(names):
        points -= 0.4
    differing = repeated = 0
    for column, cell in enumerate(cells):
        values = [row[column].strip() for row in below if column < len(row) and row[column].strip()]
        if not values or not cell:
            continue
        repeated += cell in values
        common, count = Counter(map(kind_of, values)).most_common(1)[0]
        if common != "text" and count >= 0.8 * len(values) and kinds[column] != common:
            differing += 1
    if differing:
        points += min(differing, 3)
        reasons.append("the values below are of other kinds")
    if repeated and not known:
        points -= min(repeated, 2)
        reasons.append("its values come again below")
    return points, reasons


def guess_decimal_comma(rows: Sequence[Sequence[str]]) -> Guess:
    """Whether numbers are written 1.234,5 rather than 1,234.5."""
    commas = points = 0
    for row in rows:
        for cell in row:
            value = cell.strip()
            if _COMMA_DECIMAL.fullmatch(value) and ("." in value or len(value.rpartition(",")[2]) != 3):
                commas += 1
            elif _POINT_DECIMAL.fullmatch(value) and ("," in value or len(value.rpartition(".")[2]) != 3):
                points += 1
    if not commas and not points:
        return Guess(False, 0.5, "No number with decimals in the first rows.")
    is_comma = commas > points
    share = max(commas, points) / (commas + points)
    sign = "comma" if is_comma else "point"
    return Guess(
        is_comma,
        round(0.6 + 0.39 * share * min(1, (commas + points) / 5), 2),
        f"Decimals stand behind a {sign}.",
    )

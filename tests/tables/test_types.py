"""What counts as a type, asked of every odd spelling, and against Python's own readings."""

# ruff: noqa: DTZ001 - twins are UTC without saying so
import re
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.predicates.readings import read_boolean, read_number
from muster.tables import grammar
from muster.tables.columns import CANDIDATES
from muster.tables.model import ColumnType
from muster.tables.types import typed_twin

INTEGER, NUMBER, BOOLEAN, DATE, TIMESTAMP = CANDIDATES


def column(*values: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, pa.large_string())])


def types_of(*values: str | None, decimal_comma: bool = False) -> tuple[ColumnType, ...]:
    return typed_twin(column(*values), CANDIDATES, decimal_comma=decimal_comma)[0]


def twin_of(*values: str | None, decimal_comma: bool = False) -> list[object] | None:
    twin = typed_twin(column(*values), CANDIDATES, decimal_comma=decimal_comma)[1]
    return None if twin is None else twin.to_pylist()


@pytest.mark.parametrize(
    "value",
    [
        "007", "00", "-01", "+5", "+49301234567", " 5", "5 ", "5\n", "1e5", "1E5", "0x1F", "5_0", "1,000", ".5", "5.",
        "--5", "-", "NaN", "nan", "inf", "Infinity", "\u0665", "\uff15", "²", "1234567890123456", "-9999999999999999",
        "1234567890123456.5", "9" * 400, "yes", "no", "t", "tRUE", "1/2/2024", "01.02.2024", "2024-1-2", "2024/01/02",
        "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "0999-12-31", "10000-01-01",
        "2024-01-01 ", "2024-01-01T", "2024-01-01T24:00", "2024-01-01T10:60", "2024-01-01T10:00:60",
        "2024-01-01T10:00:00.1234567", "2024-01-01T10:00:00z", "2024-01-01T10:00+0200", "2024-01-01T10:00+15:00",
        "2024-02-30T10:00", "10:00", "x", "5\x00", "true\n", "2024-01-01\n",
    ],
)  # fmt: skip
def test_text_that_only_looks_like_a_value_stays_text(value: str) -> None:
    assert types_of(value) == ()
    assert twin_of(value) is None


@pytest.mark.parametrize(
    ("value", "types", "typed"),
    [
        ("0", (INTEGER, NUMBER), 0.0),
        ("-0", (INTEGER, NUMBER), -0.0),
        ("-12", (INTEGER, NUMBER), -12.0),
        ("999999999999999", (INTEGER, NUMBER), 999999999999999.0),
        ("1.50", (NUMBER,), 1.5),
        ("-0.1", (NUMBER,), -0.1),
        ("0.30000000000000004", (NUMBER,), 0.30000000000000004),
        ("true", (BOOLEAN,), True),
        ("FALSE", (BOOLEAN,), False),
        ("2024-02-29", (DATE,), date(2024, 2, 29)),
        ("9999-12-31", (DATE,), date(9999, 12, 31)),
        ("2024-01-15T10:30", (TIMESTAMP,), datetime(2024, 1, 15, 10, 30)),
        ("2024-01-15 10:30:01.5", (TIMESTAMP,), datetime(2024, 1, 15, 10, 30, 1, 500000)),
        ("2024-01-15T10:30:00Z", (TIMESTAMP,), datetime(2024, 1, 15, 10, 30)),
        ("2024-01-15T10:30:00-05:30", (TIMESTAMP,), datetime(2024, 1, 15, 16, 0)),
    ],
)
def test_a_value_has_exactly_these_types(value: str, types: tuple[ColumnType, ...], typed: object) -> None:
    assert types_of(value, None, value) == types
    assert twin_of(value, None, value) == [typed, None, typed]


@pytest.mark.parametrize("place", [0, 63, 64, 500, 999])
def test_one_value_of_another_kind_anywhere_makes_the_column_text(place: int) -> None:
    values = ["5"] * 1000
    values[place] = "12a"
    assert types_of(*values) == ()


def test_an_integer_column_with_one_fraction_beyond_the_sample_is_a_number_column() -> None:
    values = ["5"] * 1000
    values[500] = "5.5"
    assert types_of(*values) == (NUMBER,)


def test_a_column_without_values_says_nothing() -> None:
    assert typed_twin(column(None, None), (DATE,)) == ((DATE,), None)
    assert typed_twin(column(), CANDIDATES) == (CANDIDATES, None)


def test_only_candidates_that_are_left_come_back() -> None:
    assert typed_twin(column("5"), (NUMBER, DATE))[0] == (NUMBER,)
    assert typed_twin(column("5"), (DATE,))[0] == ()


def test_moments_with_and_without_a_zone_are_compared_in_utc() -> None:
    assert twin_of("2024-01-15T10:30", "2024-01-15T10:30:00+02:00", None) == [
        datetime(2024, 1, 15, 10, 30),
        datetime(2024, 1, 15, 8, 30),
        None,
    ]


@pytest.mark.parametrize(
    ("value", "typed"),
    [("1.234,56", 1234.56), ("-1.234.567", -1234567.0), ("0,5", 0.5), ("12", 12.0), ("1234,5", 1234.5)],
)
def test_with_a_decimal_comma_numbers_are_read_as_the_file_means_them(value: str, typed: float) -> None:
    assert NUMBER in types_of(value, decimal_comma=True)
    assert twin_of(value, decimal_comma=True) == [typed]


@pytest.mark.parametrize("value", ["1.23", "1,234.5", "12.34,5", "1..234", "1,2,3", "0.123", "01,5", ",5"])
def test_with_a_decimal_comma_a_point_only_groups_thousands(value: str) -> None:
    assert types_of(value, decimal_comma=True) == ()


_ODD = st.text(alphabet="0123456789.-+eE,: TZtrufalsTRUEFALS\n\x00٣", max_size=24)


@given(
    st.lists(
        st.one_of(st.none(), _ODD, st.integers().map(str), st.floats(allow_nan=False).map(repr)), max_size=8
    )
)
def test_a_twin_holds_what_filters_read_in_the_text(values: list[str | None]) -> None:
    present = [value for value in values if value is not None]
    types, twin = typed_twin(column(*values), CANDIDATES)
    if not present:
        assert (types, twin) == (CANDIDATES, None)
    elif NUMBER in types:
        assert twin is not None
        assert twin.to_pylist() == [None if value is None else read_number(value) for value in values]
    elif BOOLEAN in types:
        assert twin is not None
        assert twin.to_pylist() == [None if value is None else read_boolean(value) for value in values]
    elif all(read_number(value) is not None for value in present):
        assert any(abs(read_number(value) or 0) >= 1e15 for value in present)


@given(st.lists(st.dates(min_value=date(1000, 1, 1)), min_size=1, max_size=5))
def test_every_day_is_a_date(days: list[date]) -> None:
    assert twin_of(*(day.isoformat() for day in days)) == days


@given(
    st.datetimes(min_value=datetime(1001, 1, 1), max_value=datetime(9998, 12, 31)),
    st.integers(-14 * 60, 14 * 60),
)
def test_every_moment_is_a_timestamp_whatever_its_zone(moment: datetime, offset: int) -> None:
    sign, minutes = ("-" if offset < 0 else "+"), abs(offset)
    zone = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    text = moment.isoformat(timespec="microseconds") + zone
    if re.fullmatch(grammar.TIMESTAMP, text) is None:
        assert minutes > 14 * 60
        return
    assert twin_of(text) == [datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)]

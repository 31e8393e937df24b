"""Cursors: they say exactly where a page ended, and nothing a client makes up breaks a query."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from muster.db import schema
from muster.db.cursors import Cursor
from muster.db.database import Database
from muster.errors import InputError
from tests.support.clock import SettableClock

MOMENTS = st.datetimes(timezones=st.just(UTC))
IDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=80)


def spelled(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(MOMENTS, IDS)
def test_a_cursor_that_was_issued_is_read_back_exactly(moment: datetime, row_id: str) -> None:
    cursor = Cursor(moment, row_id)
    assert Cursor.decode(cursor.encode()) == cursor
    assert cursor.encode().replace("-", "").replace("_", "").isalnum()  # nothing a URL would have to escape


@given(
    st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()) | st.text().map(spelled)
)
@example(spelled("2025-01-15|no zone"))
@example(spelled("2025-01-15T10:30:00+00:00|"))
@example(spelled("2025-01-15T10:30:00+00:00"))
@example(spelled("2025-01-15T10:30:00+00:00|NUL \x00"))
@example(spelled("0001-01-01T00:00:00+14:00|before the first year"))
@example(spelled("9999-12-31T23:59:59-14:00|after the last year"))
@example("A")
@example("AAAA AAAA")
@example("ﾁ")
def test_anything_else_is_refused_or_is_a_place_a_query_can_use(text: str) -> None:
    try:
        cursor = Cursor.decode(text)
    except InputError as error:
        refused = error
    else:
        assert cursor.created_at.utcoffset() == timedelta(0)
        assert cursor.id
        assert "\x00" not in cursor.id
        return
    assert refused.error_code == "cursor_invalid"
    assert refused.issues[0].field == "cursor"


@pytest.mark.parametrize("page_size", [1, 2, 3, 7])
def test_pages_give_every_row_once_in_order_also_when_times_are_equal(
    database: Database, clock: SettableClock, page_size: int
) -> None:
    with database.begin() as connection:
        for number in range(7):
            connection.execute(
                schema.users.insert().values(
                    id=f"usr_{number}",
                    email=f"{number}@example.org",
                    email_key=f"{number}@example.org",
                    role="member",
                    created_at=clock() + timedelta(microseconds=number // 3),
                )
            )
    table = schema.users.c
    newest_first = sa.select(table.created_at, table.id).order_by(table.created_at.desc(), table.id.desc())
    seen: list[str] = []
    query = newest_first
    with database.read() as connection:
        while rows := connection.execute(query.limit(page_size)).all():
            seen += [row.id for row in rows]
            last = Cursor.decode(Cursor(rows[-1].created_at, rows[-1].id).encode())
            query = newest_first.where(last.after(table.created_at, table.id))
    assert seen == ["usr_6", "usr_5", "usr_4", "usr_3", "usr_2", "usr_1", "usr_0"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOMENTS, IDS)
def test_any_cursor_that_can_be_read_can_be_asked_for(
    database: Database, moment: datetime, row_id: str
) -> None:
    table = schema.users.c
    with database.read() as connection:
        query = sa.select(table.id).where(Cursor(moment, row_id).after(table.created_at, table.id))
        assert connection.execute(query).all() == []

"""Rows into a real PostgreSQL: tables that fit badly, names that hurt, values it cannot hold."""

import pytest
from psycopg import sql

from muster.exports.model import ExportStatus
from tests.exports.destinations.postgresql_target import Target
from tests.exports.exporting import numbered

# Where our own rows lie makes no difference to where they go.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_table_that_is_not_there_is_made_with_the_key_as_its_primary_key(target: Target) -> None:
    export = target.send({"email": ["a@x.de", "b@x.de"], "name": ["Ann", None]})
    assert export.status is ExportStatus.DONE
    assert target.run("SELECT email, name FROM people ORDER BY email") == [
        ("a@x.de", "Ann"),
        ("b@x.de", None),
    ]
    told = target.run(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_name = 'people' ORDER BY ordinal_position"
    )
    assert told == [("email", "text", "NO"), ("name", "text", "YES")]


def test_a_table_that_is_not_there_and_is_not_to_be_made_ends_the_export_before_a_row_is_sent(
    target: Target,
) -> None:
    export = target.send(numbered(3), settings={"create_table": False})
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_table_missing")
    assert (export.counts.written, export.pending) == (0, 3)
    assert target.run("SELECT to_regclass('people')") == [(None,)]


def test_a_schema_or_column_that_is_not_there_is_said_by_name(target: Target) -> None:
    target.schema = "nowhere"
    missing = target.send(numbered(3))
    assert (missing.status, missing.reason_code) == (ExportStatus.FAILED, "destination_refused")
    assert "nowhere" in (missing.reason or "")
    target.schema = "public"
    target.run("CREATE TABLE people (email text PRIMARY KEY)")
    export = target.send(numbered(3), columns=["email", "first_name"])
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_column_missing")
    assert "`first_name`" in (export.reason or "")
    assert target.run("SELECT count(*) FROM people") == [(0,)]


def test_values_a_column_cannot_hold_fail_alone_each_with_its_reason(target: Target) -> None:
    target.run(
        "CREATE TABLE people (email varchar(12) PRIMARY KEY, age integer CHECK (age < 150), born date, active boolean NOT NULL)"
    )
    export = target.send(
        {
            "email": ["a@x.de", "b@x.de", "much.too.long@x.de", "d@x.de", "e@x.de", "f@x.de", "g@x.de"],
            "age": ["31", "thirty", "32", "200", None, "33", "34"],
            "born": ["1994-02-28", None, None, None, "1994-02-30", None, "28 Feb 1994"],
            "active": ["true", "yes", "no", "f", "1", None, "on"],
        }
    )
    assert export.status is ExportStatus.DONE_WITH_FAILURES
    assert target.failed(export) == [
        (1, "sql_22p02"),  # no integer
        (2, "sql_22001"),  # too long
        (3, "sql_23514"),  # against the check
        (4, "sql_22008"),  # no such day
        (5, "sql_23502"),  # null where there must be a value
    ]
    rows = target.run("SELECT email, age, born::text, active FROM people ORDER BY email")
    assert rows == [("a@x.de", 31, "1994-02-28", True), ("g@x.de", 34, "1994-02-28", True)]


def test_of_rows_with_one_key_the_last_one_stands_and_other_columns_stay(target: Target) -> None:
    target.run(
        "CREATE TABLE people (list text, email text, name text, note text DEFAULT 'kept', UNIQUE (list, email));"
        "INSERT INTO people VALUES ('news', 'a@x.de', 'old', 'written by hand'), ('shop', 'a@x.de', 'other', 'x')"
    )
    cells = {
        "list": ["news", "news", "news", "news", "news"],
        "email": ["a@x.de", "b@x.de", "a@x.de", "c@x.de", "b@x.de"],
        "name": ["Ann", "Bob", "Anna", None, "Rob"],
    }
    export = target.send(cells, key=["list", "email"])
    assert (export.status, export.counts.written) == (ExportStatus.DONE, 5)
    assert target.run("SELECT * FROM people ORDER BY list, email") == [
        ("news", "a@x.de", "Anna", "written by hand"),
        ("news", "b@x.de", "Rob", "kept"),
        ("news", "c@x.de", None, "kept"),
        ("shop", "a@x.de", "other", "x"),
    ]


def test_keys_that_are_spelled_differently_and_mean_the_same_are_one_row(target: Target) -> None:
    target.run("CREATE TABLE people (id integer PRIMARY KEY, born date, name text)")
    cells = {"id": ["1", "01", "2", " 2"], "born": ["2001-02-03"] * 4, "name": ["Ann", "Anna", "Bob", "Rob"]}
    export = target.send(cells, key=["id"])
    assert (export.status, export.reason, export.counts.written) == (ExportStatus.DONE, None, 4)
    assert target.run("SELECT id, name FROM people ORDER BY id") == [(1, "Anna"), (2, "Rob")]


@pytest.mark.parametrize("kind", ["varchar(5)", "char(5)", "short", "bit(3)", "numeric(3, 1)"])
def test_no_value_is_cut_to_fit(target: Target, kind: str) -> None:
    target.run(
        f"CREATE DOMAIN short AS varchar(5); CREATE TABLE people (email text PRIMARY KEY, value {kind})"
    )
    fits, too_long = {"bit(3)": ("101", "1011"), "numeric(3, 1)": ("12.5", "1234.5")}.get(
        kind, ("abcde", "abcdef")
    )
    export = target.send({"email": ["a@x.de", "b@x.de"], "value": [fits, too_long]})
    assert [place for place, _ in target.failed(export)] == [1]
    assert target.run("SELECT email, value::text FROM people") == [("a@x.de", fits)]


def test_a_key_the_table_has_no_unique_index_on_is_said_with_what_to_do(target: Target) -> None:
    target.run("CREATE TABLE people (email text, first_name text, consent text)")
    export = target.send(numbered(3))
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_refused")
    assert "unique index on the key" in (export.reason or "")


def test_a_row_without_its_key_fails_alone(target: Target) -> None:
    export = target.send({"email": ["a@x.de", None, "c@x.de"], "name": ["Ann", "Nobody", "Cid"]})
    assert target.failed(export) == [(1, "sql_23502")]
    assert target.run("SELECT email FROM people ORDER BY email") == [("a@x.de",), ("c@x.de",)]


NAMES = (
    'we"ird',
    "a.b",
    "select",
    "drop table people; --",
    "Ünï名",
    "%s",
    "{}",
    "a'b",
    "\\",
    "muster_stage",
    "$1",
)
VALUES = ("\\N", "\\.", '"', "'", "a\tb", "a\nb", "a\r\nb", ",", "", " ", "NULL", "\ufeffx", "😀", "e\u0301", "\\x00", "{1,2}", "%(x)s")  # fmt: skip


def test_names_and_values_arrive_as_they_are_whatever_stands_in_them(target: Target) -> None:
    target.schema = 'sch"ema.x'
    target.run('DROP SCHEMA IF EXISTS "sch""ema.x" CASCADE; CREATE SCHEMA "sch""ema.x"')
    cells = {"key": [str(at) for at in range(len(VALUES))], **{name: list(VALUES) for name in NAMES}}
    export = target.send(cells, table='ta"ble; --', key=["key"])
    assert (export.status, export.reason) == (ExportStatus.DONE, None)
    columns = sql.SQL(", ").join(map(sql.Identifier, NAMES))
    found = target.watcher.execute(
        sql.SQL("SELECT {} FROM {} ORDER BY key::integer").format(
            columns, sql.Identifier('sch"ema.x', 'ta"ble; --')
        )
    ).fetchall()
    # An empty cell and an empty text are one thing in our tables.
    assert found == [tuple([value or None] * len(NAMES)) for value in VALUES]


def test_a_character_postgresql_cannot_hold_fails_its_row_alone(target: Target) -> None:
    export = target.send({"email": ["a@x.de", "b@x.de", "c@x.de"], "name": ["Ann", "B\x00b", "Cid"]})
    assert target.failed(export) == [(1, "sql_22021")]
    assert target.run("SELECT email FROM people ORDER BY email") == [("a@x.de",), ("c@x.de",)]


def test_what_no_column_can_be_called_is_refused_before_anything_is_sent(target: Target) -> None:
    for name, code in (("x" * 64, "column_name_too_long"), ("muster_row", "column_repeated")):
        with pytest.raises(Exception, match=r".") as refused:
            target.make(
                target.exports.table({"email": ["a@x.de"]}),
                columns=["email", {"column": "email", "as": name}],
            )
        assert getattr(refused.value, "error_code", None) == code


def test_who_left_goes_by_the_whole_key(target: Target) -> None:
    target.run(
        "CREATE TABLE people (list text, email text, name text, PRIMARY KEY (list, email));"
        "INSERT INTO people VALUES ('shop', 'a@x.de', 'stays')"
    )
    cells = {"list": ["news"] * 3, "email": ["a@x.de", "b@x.de", "c@x.de"], "name": ["Ann", "Bob", "Cid"]}
    upload_id = target.exports.table(cells)
    members = {"key": ["list", "email"], "since": "last"}
    target.exports.carry_out(target.make(upload_id, **members).id)
    target.exports.edit(upload_id, {0: {"email": "z@x.de"}, 1: {"name": "Rob"}})
    export = target.exports.carry_out(target.make(upload_id, **members).id)
    counts = export.counts
    assert (counts.joined, counts.changed, counts.left, counts.failed) == (1, 1, 1, 0)
    assert target.run("SELECT list, email, name FROM people ORDER BY list, email") == [
        ("news", "b@x.de", "Rob"), ("news", "c@x.de", "Cid"), ("news", "z@x.de", "Ann"), ("shop", "a@x.de", "stays"),
    ]  # fmt: skip

"""The write-ahead log keeps nothing that was deleted once it is folded in."""

import threading
from pathlib import Path

from sqlalchemy import text

from muster.db.database import Database

MARK = b"quokka"


def bytes_of(database: Database) -> bytes:
    if not database.is_sqlite:
        return b""
    file = Path(database.url.database or "")
    return b"".join(path.read_bytes() for path in sorted(file.parent.glob(file.name + "*")))


def write(database: Database, statement: str) -> None:
    with database.begin() as connection:
        connection.execute(text(statement))


def test_a_deleted_row_is_in_no_file_afterwards(database: Database) -> None:
    write(database, "INSERT INTO instance (id) VALUES ('quokka')")
    assert not database.is_sqlite or MARK in bytes_of(database)
    write(database, "DELETE FROM instance WHERE id = 'quokka'")
    assert database.fold_log(5)
    assert MARK not in bytes_of(database)


def test_a_reader_is_not_disturbed_and_the_log_stays_for_now(database: Database) -> None:
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with database.read() as connection:
            connection.execute(text("SELECT count(*) FROM instance")).scalar_one()
            reading.set()
            done.wait(20)

    reader = threading.Thread(target=read)
    reader.start()
    assert reading.wait(20)
    write(database, "INSERT INTO instance (id) VALUES ('while reading')")
    assert database.fold_log(0.05) is not database.is_sqlite
    done.set()
    reader.join()
    assert database.fold_log(5)

"""The id of this installation's database, made by its first migration and never changed."""

from sqlalchemy import select

from muster.db.database import Database
from muster.db.schema import instance


def instance_id(db: Database) -> str:
    """32 hexadecimal digits; the database must be migrated."""
    with db.read() as connection:
        found: str = connection.execute(select(instance.c.id)).scalar_one()
    return found

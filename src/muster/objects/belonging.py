"""Objects belong to one database, and say so: the sweep deletes what its database does not know.

Without this, a server started on an empty database beside a full store, after a mistyped setting or a move
to PostgreSQL, would take every object for an orphan.
"""

from muster.errors import Conflict, NotFound
from muster.objects.keys import INSTANCE
from muster.objects.store import ObjectStore


def claim(store: ObjectStore, instance_id: str) -> None:
    """Mark an unmarked store as belonging to the database with this id.

    Raises Conflict (`objects_of_another_database`) when it belongs to another one.
    """
    try:
        owner = store.get_tail(INSTANCE, 200)
    except NotFound:
        try:
            store.put(INSTANCE, [instance_id.encode()], create_only=True)
        except Conflict:  # another server of the same start was quicker
            owner = store.get_tail(INSTANCE, 200)
        else:
            return
    if owner.decode(errors="replace").strip() != instance_id:
        raise Conflict(
            "The object store belongs to another database. Correct MUSTER_DATABASE_URL or MUSTER_OBJECTS_URL; "
            f"to join the two on purpose, delete the object `{INSTANCE}` first (docs/operations.md).",
            code="objects_of_another_database",
        )

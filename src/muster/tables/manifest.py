"""Manifests as stored: one JSON object for each version of a table, created once and never changed."""

from dataclasses import replace

import msgspec

from muster.errors import Conflict, Unavailable
from muster.objects.keys import manifest as manifest_key
from muster.objects.store import read_whole
from muster.tables.model import Manifest, TableId
from muster.tables.room import TablesRoom

_MAX_PROBES = 1000

_decoder = msgspec.json.Decoder(Manifest)


def encode(manifest: Manifest) -> bytes:
    """The stored form; the same manifest always gives the same bytes."""
    return msgspec.json.encode(manifest)


def decode(stored: bytes) -> Manifest:
    """Raises Unavailable (`object_damaged`) for bytes that are no manifest."""
    try:
        return _decoder.decode(stored)
    except msgspec.DecodeError as error:
        raise Unavailable(
            "A version of this table cannot be read; the object is damaged. Restore it from a backup.",
            code="object_damaged",
        ) from error


def load_manifest(room: TablesRoom, table_id: TableId, version: int) -> Manifest:
    """One version of a table. Raises NotFound, Unavailable."""
    return room.manifests.get((table_id, version), lambda: _load(room, table_id, version))


def _load(room: TablesRoom, table_id: TableId, version: int) -> Manifest:
    return decode(_stored(room, table_id, version))


def _stored(room: TablesRoom, table_id: TableId, version: int) -> bytes:
    return read_whole(room.objects, manifest_key(table_id, version))


def keep(room: TablesRoom, manifest: Manifest) -> Manifest:
    """Store a new version, durably and create-only; returns it as stored.

    It gets the first free version from `manifest.version` on: a writer that died between its manifest and
    its pointer leaves a version nobody points to, and two that race must not overwrite each other; the
    pointer decides between them. A job that runs again finds the very version it stored before.
    """
    for version in range(manifest.version, manifest.version + _MAX_PROBES):
        candidate = replace(manifest, version=version)
        try:
            room.objects.put(manifest_key(manifest.table_id, version), [encode(candidate)], create_only=True)
        except Conflict:
            if _stored(room, manifest.table_id, version) != encode(candidate):
                continue
        return candidate
    raise Conflict("Too many changes of this table at once. Try again in a moment.", code="table_changed")

"""The records of a batch upload, accepted and rejected ones back in the order they were sent."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from muster.errors import Unavailable
from muster.objects.frames import FrameIndex, frame_chunks, read_index
from muster.objects.store import ObjectStore
from muster.uploads.readers.json_columns import texts_of
from muster.uploads.readers.json_portions import Cuts, Piece, fill_portions
from muster.uploads.readers.json_records import Bad, Records, read_array, read_record
from muster.uploads.readers.model import Portion


class _StoredReject(msgspec.Struct):
    """A rejected record as `uploads/receive.py` stores it."""

    row: int
    code: str
    reason: str
    record: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    line: str | msgspec.UnsetType = msgspec.UNSET


_stored_rejects = msgspec.json.Decoder(list[_StoredReject])


def batch_portions(
    objects: ObjectStore,
    records_key: str,
    rejects_key: str | None,
    position: Mapping[str, Any] | None = None,
    cuts: Cuts | None = None,
) -> Iterator[Portion]:
    """Portions of a batch from `position` on (None: the start), as a `Reader` gives them.

    records_key, rejects_key: objects of `frame_records`; no rejects_key: nothing was rejected. Rows count from
    0 in what was sent; the rejects are those of the upload and those no column can be made of.
    Raises NotFound, and Unavailable when an object is damaged.
    """
    position = position or {"at": {"frame": 0, "sent": 0}, "skip": 0, "row": 0}
    cuts = cuts or Cuts()
    rejects = [] if rejects_key is None else _rejects(objects, rejects_key)
    index = read_index(objects, records_key)
    return fill_portions(
        _pieces(objects, records_key, index, rejects, position["at"], cuts.piece_bytes),
        skip=position["skip"],
        first_row=position["row"],
        cuts=cuts,
        last_done_bytes=index.data_bytes,
    )


def _rejects(objects: ObjectStore, key: str) -> list[Bad]:
    """Every stored reject, by row; `index` is the row."""
    found = []
    for chunk in frame_chunks(objects, key, read_index(objects, key)):
        for stored in _stored_rejects.decode(b"".join((b"[", chunk, b"]"))):
            if stored.record is msgspec.UNSET:
                text, values = str(stored.line).encode(), None
            else:
                text = bytes(stored.record)
                record = read_record(text)
                values = texts_of(record) if isinstance(record, dict) else None
            found.append(Bad(stored.row, stored.code, stored.reason, text, values))
    return found


def _pieces(
    objects: ObjectStore,
    key: str,
    index: FrameIndex,
    rejects: Sequence[Bad],
    at: Mapping[str, int],
    piece_bytes: int,
) -> Iterator[Piece]:
    """Whole frames, together at least `piece_bytes`; behind the last one whatever was rejected after it."""
    frame, sent = at["frame"], at["sent"]
    used = bisect_left(rejects, sent, key=lambda bad: bad.index)
    group: list[bytes] = []
    for number, chunk in enumerate(frame_chunks(objects, key, index)):
        if number < frame:
            continue
        group.append(chunk)
        is_last = number + 2 == len(index.offsets)
        if sum(map(len, group)) < piece_bytes and not is_last:
            continue
        text = b",".join(group)
        records = read_array(text)
        if records is None:
            raise Unavailable(
                "The stored records of this upload cannot be read; the object is damaged. "
                "Restore it from a backup.",
                code="object_damaged",
            )
        records, used = _with_rejects(records, rejects, sent, used)
        yield Piece({"frame": frame, "sent": sent}, records, len(text), index.offsets[number + 1])
        frame, sent, group = number + 1, sent + records.received, []
    if rest := [replace(bad, index=bad.index - sent) for bad in rejects[used:]]:
        records = Records((), (), rest, len(rest), may_be_empty=False)
        size = sum(len(bad.original) for bad in rest)
        yield Piece({"frame": frame, "sent": sent}, records, size, index.data_bytes)


def _with_rejects(records: Records, rejects: Sequence[Bad], sent: int, used: int) -> tuple[Records, int]:
    """The records in their places among what was sent, from index `sent` on; and the rejects now used."""
    places: list[int] = []
    first = used
    place = 0
    for _ in range(records.received if used < len(rejects) else 0):
        while used < len(rejects) and rejects[used].index == sent + place:
            used, place = used + 1, place + 1
        places.append(place)
        place += 1
    if first == used:
        return records, used
    bad = [replace(each, index=places[each.index]) for each in records.bad]
    bad += [replace(each, index=each.index - sent) for each in rejects[first:used]]
    return Records(
        records.good,
        [places[index] for index in records.indexes],
        sorted(bad, key=lambda each: each.index),
        records.received + used - first,
        records.may_be_empty,
    ), used

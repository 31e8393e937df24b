"""What stands around the records of a JSON file: an array, an object with an array, or nothing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from muster.errors import InputError
from muster.uploads.readers.json_scan import Member, members_of, skip_space
from muster.uploads.readers.model import Guess

HEAD_BYTES: Final = 1024 * 1024
"""How much of a file is looked at to find its records."""


class Form(StrEnum):
    """How records follow each other."""

    ARRAY = "array"  # `[record, record]` and nothing else
    MEMBER = "member"  # `{"total": 2, "data": [record, record], "next": null}`
    OBJECTS = "objects"  # `record record`


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the first record can start, and why there. members: every array of objects in the outer object."""

    form: Form
    start: int
    guess: Guess
    members: tuple[str, ...] = ()


def shape_of(head: bytes, *, is_whole: bool, member: str | None) -> Shape:
    """Find the records from the first HEAD_BYTES of a file.

    is_whole: the file has no more. member: which array to read, None: the one that most likely holds records.
    Raises InputError: `file_not_json`, `json_member_not_found`.
    """
    start = skip_space(head, 3 if head.startswith(b"\xef\xbb\xbf") else 0)
    first = head[start : start + 1]
    if first == b"[":
        return Shape(Form.ARRAY, start + 1, Guess(None, 1.0, "The file is one array."))
    if first not in (b"{", b""):
        raise InputError(
            "The file is not JSON: it starts with neither an array nor an object. Say which format it has.",
            code="file_not_json",
        )
    inside = members_of(head, start)
    names = tuple(array.name for array in inside.arrays)
    if member is not None:
        for array in inside.arrays:
            if array.name == member:
                return Shape(Form.MEMBER, array.start, Guess(member, 1.0, "Chosen."), names)
        raise InputError(
            f"The file has no array of objects under that name in its first {HEAD_BYTES // 2**20} MiB. "
            "Leave the name out, or correct it.",
            code="json_member_not_found",
        )
    objects = Shape(Form.OBJECTS, start, Guess(None, 1.0, "The file is a sequence of objects."))
    if not inside.arrays or (inside.end is not None and skip_space(head, inside.end) < len(head)):
        return objects
    if inside.end is not None and not is_whole:
        return objects
    best = _largest(inside.arrays)
    sure = 0.95 if len(names) == 1 else 0.7
    guess = Guess(
        best.name, sure, f"The file is one object, and `{best.name}` is its largest array of objects."
    )
    return Shape(Form.MEMBER, best.start, guess, names)


def _largest(arrays: tuple[Member, ...]) -> Member:
    return max(arrays, key=lambda array: float("inf") if array.size_bytes is None else array.size_bytes)

"""What an uploaded file is: its parts, its name, who may append to it; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from muster.ids import UploadId

FILES_PATH: Final = "/api/audience/files"
"""Where files are sent; bodies there have no deadline, only a longest silence."""

AWAITING_MAPPING: Final = "awaiting_mapping"
"""status_reason of a file that is complete and waits for someone to decide how to read it."""

MAX_FILE_NAME_CHARACTERS: Final = 255
_MAX_MEDIA_TYPE_CHARACTERS = 200
# Control characters, and those that turn the reading direction around to make .exe look like .csv.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


@dataclass(frozen=True, slots=True)
class FilePart:
    """One object of a file: its key and how many bytes of the file it holds."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class UploadFile:
    """How an upload came as a file.

    length_bytes: announced size, None while unknown. received_bytes: durable so far, the sum of `parts`.
    sha256: of the whole file in hex, None for a resumed one. expires_at: when an unfinished one is given up.
    metadata: what a resumable upload was made with, to be echoed. writer: the request that may append until
    writer_until.
    """

    upload_id: UploadId
    file_name: str | None
    media_type: str | None
    length_bytes: int | None
    received_bytes: int
    parts: tuple[FilePart, ...]
    sha256: str | None
    expires_at: datetime | None
    is_auto: bool
    metadata: Mapping[str, str | None] | None = None
    writer: str | None = None
    writer_until: datetime | None = None

    @property
    def is_complete(self) -> bool:
        return self.received_bytes == self.length_bytes


@dataclass(frozen=True, slots=True)
class FileWish:
    """What the sender says about a file. upload_name: already checked; None: the file's own name."""

    upload_name: str | None = None
    file_name: str | None = None
    media_type: str | None = None
    is_auto: bool = True

    def name_of_upload(self, most_characters: int) -> str:
        """What the upload is called."""
        return self.upload_name or (self.file_name or "Unnamed file")[:most_characters]


def clean_file_name(name: str | None) -> str | None:
    """A file name as it can be kept and shown: no directories, no control characters, at most 255 characters.

    It is never used as a path. None when nothing is left of it.
    """
    if name is None:
        return None
    shown = _UNSHOWABLE.sub("", re.split(r"[/\\]", name)[-1]).strip()
    if len(shown) > MAX_FILE_NAME_CHARACTERS:
        # The end of a name tells the format.
        stem, dot, ending = shown.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 10 else ""
        shown = shown[: MAX_FILE_NAME_CHARACTERS - len(ending)] + ending
    return shown if shown.strip(".") else None


def clean_media_type(media_type: str | None) -> str | None:
    """A media type as it can be kept: in lower case without parameters, None when it is not one."""
    plain = (media_type or "").partition(";")[0].strip().lower()
    fits = len(plain) <= _MAX_MEDIA_TYPE_CHARACTERS
    return plain if fits and re.fullmatch(r"[\w.+-]+/[\w.+-]+", plain, re.ASCII) else None

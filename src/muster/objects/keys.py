"""MAP: every key in the object store, and what a key may look like.

    uploads/<last 2 characters of the id>/<upload id>/records.json.zst    the accepted records
    uploads/<last 2 characters of the id>/<upload id>/rejects.json.zst    the rejected ones, with reasons
    uploads/<last 2 characters of the id>/<upload id>/file.<n>            the parts of an uploaded file, as received
    tables/<last 2 characters of the id>/<upload id>/manifest-<v>.json    one version of its table
    tables/<last 2 characters of the id>/<upload id>/<job or change>/...  the files that versions name
    segments/<last 2 characters of the id>/<segment or match id>/<job or change>/...  who its members are; pairs
    exports/<last 2 characters of the id>/<export id>/...                 its file, what became of its rows, its work
    export-states/<first 2 characters>/<series>/<export id>.parquet       what a destination has, for the next export
    instance.txt                                                          which database these objects belong to
    ping/<random>                                                         lives for the length of one health check

Two characters of a random id spread the uploads over 3,844 directories, so none grows huge.
"""

import re

from muster.errors import InputError
from muster.ids import UploadId, is_match_id, is_segment_id, is_upload_id

UPLOADS = "uploads/"
TABLES = "tables/"
SEGMENTS = "segments/"
EXPORTS = "exports/"
EXPORT_STATES = "export-states/"
INSTANCE = "instance.txt"
PINGS = "ping/"

# No segment starts with a dot: `..` cannot leave the root, and the local store keeps `.tmp` for itself.
# Shorter than the 255 bytes of a file name and the 1,024 bytes of an S3 key.
_SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_KEY = re.compile(f"{_SEGMENT}(?:/{_SEGMENT})*")
_ONE_SEGMENT = re.compile(_SEGMENT)
_PREFIX = re.compile(f"(?:{_SEGMENT}/)*")
_MAX_KEY_LENGTH = 800


def upload_prefix(upload_id: UploadId) -> str:
    """Everything of one upload lies under this prefix."""
    return f"{UPLOADS}{upload_id[-2:]}/{upload_id}/"


def records(upload_id: UploadId) -> str:
    """The accepted records of an upload, in the framed zstd of `objects/frames.py`."""
    return upload_prefix(upload_id) + "records.json.zst"


def rejects(upload_id: UploadId) -> str:
    """The rejected records of an upload with their reasons, framed likewise."""
    return upload_prefix(upload_id) + "rejects.json.zst"


def file_part(upload_id: UploadId, number: int, attempt: str = "") -> str:
    """One part of an uploaded file, counted from 0; which parts belong to it stands in its row.

    attempt: tells requests apart that write the same part at once, so that neither replaces the other's.
    """
    return upload_prefix(upload_id) + f"file.{number:06d}" + (f"-{attempt}" if attempt else "")


def table_prefix(table_id: str) -> str:
    """Everything of one table lies under this prefix; a table has the id of its upload."""
    return f"{TABLES}{table_id[-2:]}/{table_id}/"


def manifest(table_id: str, version: int) -> str:
    """One version of a table, as JSON; created once, never changed."""
    return table_prefix(table_id) + f"manifest-{version}.json"


def table_file(table_id: str, made_by: str, name: str) -> str:
    """A file of a table. made_by: the job or change that wrote it; name: one segment or more."""
    return f"{table_prefix(table_id)}{made_by}/{name}"


def segment_prefix(segment_id: str) -> str:
    """Everything of one segment, or of one probable match, lies under this prefix."""
    return f"{SEGMENTS}{segment_id[-2:]}/{segment_id}/"


def segment_file(segment_id: str, made_by: str, name: str) -> str:
    """A file of a segment or match. made_by: the job or change that wrote it; name: one segment of a key."""
    return f"{segment_prefix(segment_id)}{made_by}/{name}"


def segment_of(key: str) -> str | None:
    """The segment or match whose bytes these are; None when the key belongs to neither."""
    parts = key.split("/")
    if len(parts) < 4 or not (is_segment_id(parts[2]) or is_match_id(parts[2])):
        return None
    return parts[2] if key.startswith(segment_prefix(parts[2])) else None


def export_prefix(export_id: str) -> str:
    """Everything of one export lies under this prefix."""
    return f"{EXPORTS}{export_id[-2:]}/{export_id}/"


def export_file(export_id: str, name: str) -> str:
    """An object of an export. name: one segment of a key or more."""
    return export_prefix(export_id) + name


def export_state(series: str, export_id: str) -> str:
    """What a destination has after this export of its series."""
    return f"{EXPORT_STATES}{series[:2]}/{series}/{export_id}.parquet"


def table_note(table_id: str, made_by: str, number: int) -> str:
    """What is known of the columns of a table after part `number` of a job or change."""
    return table_file(table_id, made_by, f"notes/part-{number:05d}.json")


def upload_of(key: str) -> UploadId | None:
    """Whose bytes these are; None when the key belongs to no upload."""
    parts = key.split("/")
    if len(parts) < 4 or not is_upload_id(parts[2]):
        return None
    upload_id = UploadId(parts[2])
    prefixes = (upload_prefix(upload_id), table_prefix(upload_id))
    return upload_id if key.startswith(prefixes) else None


def checked(key: str) -> str:
    """The key itself; raises InputError (`key_invalid`) for one that could mean another place in some store."""
    if len(key) > _MAX_KEY_LENGTH or _KEY.fullmatch(key) is None:
        raise InputError("This is not a key of the object store.", code="key_invalid")
    return key


def checked_prefix(prefix: str) -> str:
    """The prefix itself: empty, or whole segments that end with `/`; raises InputError (`key_invalid`)."""
    if len(prefix) > _MAX_KEY_LENGTH or _PREFIX.fullmatch(prefix) is None:
        raise InputError("This is not a prefix of keys of the object store.", code="key_invalid")
    return prefix


def is_segment(name: str) -> bool:
    """Whether `name` can be one segment of a key."""
    return _ONE_SEGMENT.fullmatch(name) is not None

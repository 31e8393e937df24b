"""Identifiers and secrets: how they look, how they are made, how they are hashed.

Random parts are base62, so an id survives a double click, a URL and a shell. Ids carry 128 random bits
(a guessed id tells nobody anything), secrets 256. Times in ids are whole Unix seconds, only for reading.
"""

import hashlib
import re
import secrets
from datetime import datetime
from typing import NewType

UserId = NewType("UserId", str)
UploadId = NewType("UploadId", str)
KeyId = NewType("KeyId", str)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE62 = bytes(ord(_ALPHABET[byte % 62]) for byte in range(256))
_BIASED = bytes(range(248, 256))
_UPLOAD_ID = re.compile(r"upl_[0-9]{1,12}_[0-9A-Za-z]{22}")
_SEGMENT_ID = re.compile(r"seg_[0-9A-Za-z]{22}")
_MATCH_ID = re.compile(r"mat_[0-9A-Za-z]{22}")
_EXPORT_ID = re.compile(r"exp_[0-9A-Za-z]{22}")
_CONNECTION_ID = re.compile(r"con_[0-9A-Za-z]{22}")
_SESSION_ID = re.compile(r"ssn_[0-9A-Za-z]{22}")
_API_KEY = re.compile(r"muster_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})")
_UPLOAD_TOKEN = re.compile(r"sess_[0-9]{1,12}_[0-9A-Za-z]{43}")


def random_text(length: int) -> str:
    """`length` base62 characters from the system's CSPRNG (5.95 bits each).

    Bytes over 247 are thrown away: 248 is the last multiple of 62, so no character is likelier than another.
    """
    text = ""
    while len(text) < length:
        text += secrets.token_bytes(length + 8).translate(_BASE62, _BIASED).decode("ascii")
    return text[:length]


def new_user_id() -> UserId:
    return UserId(f"usr_{random_text(22)}")


def new_upload_id(now: datetime) -> UploadId:
    """`upl_<unix seconds>_<22 base62 characters>` (API.md, section 3)."""
    return UploadId(f"upl_{int(now.timestamp())}_{random_text(22)}")


def is_upload_id(text: str) -> bool:
    """Whether `text` could ever have been issued by `new_upload_id`."""
    return _UPLOAD_ID.fullmatch(text) is not None


def new_job_id() -> str:
    return f"job_{random_text(22)}"


def new_rule_id() -> str:
    return f"rul_{random_text(22)}"


def new_mapping_id() -> str:
    return f"map_{random_text(22)}"


def new_connection_id() -> str:
    """Names settings of a provider of enrichment that are kept."""
    return f"con_{random_text(22)}"


def is_connection_id(text: str) -> bool:
    """Whether `text` could ever have been issued by `new_connection_id`."""
    return _CONNECTION_ID.fullmatch(text) is not None


def new_enrichment_id() -> str:
    """Names one run of enrichment."""
    return f"enr_{random_text(22)}"


def new_segment_id() -> str:
    return f"seg_{random_text(22)}"


def is_segment_id(text: str) -> bool:
    """Whether `text` could ever have been issued by `new_segment_id`."""
    return _SEGMENT_ID.fullmatch(text) is not None


def new_match_id() -> str:
    """Names one probable match of rows."""
    return f"mat_{random_text(22)}"


def is_match_id(text: str) -> bool:
    """Whether `text` could ever have been issued by `new_match_id`."""
    return _MATCH_ID.fullmatch(text) is not None


def new_export_id() -> str:
    return f"exp_{random_text(22)}"


def is_export_id(text: str) -> bool:
    """Whether `text` could ever have been issued by `new_export_id`."""
    return _EXPORT_ID.fullmatch(text) is not None


def new_export_connection_id() -> str:
    return f"xcn_{random_text(22)}"


def new_export_schedule_id() -> str:
    return f"xsc_{random_text(22)}"


def new_suppression_id() -> str:
    return f"sup_{random_text(22)}"


def new_key_id() -> KeyId:
    return KeyId(random_text(8))


def new_session_id() -> str:
    """Names a browser session in lists; opens nothing."""
    return f"ssn_{random_text(22)}"


def is_session_id(text: str) -> bool:
    """Whether `text` could ever have been issued by `new_session_id`."""
    return _SESSION_ID.fullmatch(text) is not None


def new_secret() -> str:
    """43 base62 characters: 256 random bits."""
    return random_text(43)


def api_key_text(key_id: KeyId, secret: str) -> str:
    """The whole API key as it is shown once: `muster_<8 characters>_<43 characters>`."""
    return f"muster_{key_id}_{secret}"


def split_api_key(text: str) -> tuple[KeyId, str] | None:
    """The public id and the secret of an API key, None when `text` is not shaped like one."""
    match = _API_KEY.fullmatch(text)
    return (KeyId(match[1]), match[2]) if match else None


def new_upload_token(now: datetime) -> str:
    """`sess_<unix seconds>_<43 base62 characters>`: opens one upload read-only."""
    return f"sess_{int(now.timestamp())}_{new_secret()}"


def is_upload_token(text: str) -> bool:
    return _UPLOAD_TOKEN.fullmatch(text) is not None


def secret_hash(secret: str) -> str:
    """SHA-256 in hex of a 256-bit random secret.

    A fast hash is right here: the secret cannot be guessed, so there is nothing to slow down
    (OWASP password storage cheat sheet; passwords use Argon2id instead).
    """
    return hashlib.sha256(secret.encode()).hexdigest()

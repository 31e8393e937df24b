"""Seals small secrets and kept answers with one key of the server, so that the database alone gives nothing away.

The key is `MUSTER_SECRET_KEY`, or 32 random bytes in `secret.key` in the data directory, made at the first start.
It is never used itself: HKDF makes one key for sealing and one for hashing from it. What was sealed for one purpose
opens for no other: the context is authenticated with it. Whoever loses the key loses what was sealed, and no more.
Sources: NIST SP 800-38D (AES-GCM; at most 2^32 seals by one key with random nonces), RFC 5869 (HKDF).
"""

import errno
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from muster.errors import InputError, StorageFull, Unavailable

KEY_BYTES: Final = 32
_FORMAT: Final = b"\x01"  # AES-256-GCM, the nonce in front
_NONCE_BYTES: Final = 12
_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


class Seal:
    """Seals, opens, and hashes; thread-safe. key: at least 32 bytes that nobody can guess."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key of the seal has at least {KEY_BYTES} bytes")
        self._cipher = AESGCM(_derived(key, b"muster seal"))
        self._hash_key = _derived(key, b"muster digest")

    def seal(self, data: bytes, context: str) -> bytes:
        """Sealed for this context, 29 bytes longer; the same data is sealed differently each time."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, data, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes | None:
        """What was sealed for this context; None when it cannot be read: another key, another context, changed."""
        if len(sealed) < len(_FORMAT) + _NONCE_BYTES or not sealed.startswith(_FORMAT):
            return None
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, rest, context.encode())
        except InvalidTag:
            return None

    def digest(self, text: str, context: str) -> str:
        """64 hexadecimal digits that tell two texts of one context apart, and nothing to who lacks the key."""
        bound = context.encode()
        message = len(bound).to_bytes(4, "big") + bound + text.encode()
        return hmac.new(self._hash_key, message, hashlib.sha256).hexdigest()


def open_seal(secret: str | None, path: Path) -> Seal:
    """The seal of this installation. secret: `MUSTER_SECRET_KEY`; None or empty: the key in the file at `path`.

    The file is made when it is missing, with mode 0600; of several processes that start at once the first one
    makes it and all read the same. Raises InputError (`secret_key_invalid`) for a key that is too short or a file
    that holds none, Unavailable and StorageFull when the file can be neither read nor made.
    """
    if secret:
        if len(secret.encode()) < KEY_BYTES:
            raise InputError(
                f"MUSTER_SECRET_KEY needs at least {KEY_BYTES} characters; `openssl rand -hex 32` makes one.",
                code="secret_key_invalid",
            )
        return Seal(secret.encode())
    try:
        if not path.exists():
            _make(path)
        text = path.read_text(encoding="ascii").strip()
        return Seal(bytes.fromhex(text))
    except OSError as error:
        kind = StorageFull if error.errno in _FULL else Unavailable
        raise kind(f"The file of the secret key cannot be used: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(
            f"The file {path.name} in the data directory holds no key. Put it back from a backup; without it, kept "
            "secrets of connections and cached answers cannot be read.",
            code="secret_key_invalid",
        ) from error


def _make(path: Path) -> None:
    """Create the file with its whole content at once, unless somebody else was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # a rename would replace the key of whoever was faster
            os.link(temporary, path)
    finally:
        temporary.unlink()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)  # something may be sealed with it the next moment
    finally:
        os.close(directory)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)

"""Files that are read by a library with no limits of its own are read in a process that has some.

The process gets a JSON request as its one argument and answers with length-prefixed MessagePack on standard
output. A file that needs more than it may, or crashes the library, ends that process and nothing else.
"""

import resource
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

import msgspec

from muster.errors import InputError

MIB: Final = 1024 * 1024
_LENGTH: Final = struct.Struct("<I")
_M = TypeVar("_M")


class Limits(msgspec.Struct, frozen=True):
    """What the process may take."""

    max_memory_bytes: int = 1024 * MIB
    max_cpu_seconds: int = 600


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The file cannot be read: code and message of the InputError to raise."""

    code: str
    message: str


class Child(Generic[_M]):
    """A module to run and the messages it sends."""

    def __init__(self, module: str, messages: type[_M], too_large: Failed) -> None:
        self._module = module
        self._decode: Callable[[bytes], _M | Failed] = msgspec.msgpack.Decoder(messages | Failed).decode
        self._too_large = too_large

    @contextmanager
    def run(self, request: msgspec.Struct) -> Iterator[Iterator[_M]]:
        """The messages as they come.

        Raises InputError, while reading on: what the process says, or `too_large` when it died.
        """
        command = [sys.executable, "-m", self._module, msgspec.json.encode(request).decode()]
        with subprocess.Popen(  # noqa: S603 - our own module
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield self._messages(process)
            finally:
                process.kill()

    def _messages(self, process: subprocess.Popen[bytes]) -> Iterator[_M]:
        output = process.stdout
        while output is not None and (length := output.read(_LENGTH.size)):
            size = _LENGTH.unpack(length)[0] if len(length) == _LENGTH.size else 0
            data = output.read(size)
            if not size or len(data) < size:
                break
            message = self._decode(data)
            if isinstance(message, Failed):
                raise InputError(message.message, code=message.code)
            yield message
        if process.wait() != 0:
            raise InputError(self._too_large.message, code=self._too_large.code)


def answer(limits: Limits, messages: Iterable[msgspec.Struct]) -> None:
    """In the process: take the limits, then send the messages."""
    for kind, most in (
        (resource.RLIMIT_DATA, limits.max_memory_bytes),
        (resource.RLIMIT_CPU, limits.max_cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    output = sys.stdout.buffer
    encode = msgspec.msgpack.Encoder().encode
    for message in messages:
        data = encode(message)
        output.write(_LENGTH.pack(len(data)))
        output.write(data)
    output.flush()

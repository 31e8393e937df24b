"""The first file of a multipart/form-data body, while it is still coming (RFC 7578)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from muster.errors import InputError

FORM_BYTES: Final = 128 * 1024
"""What a form may be longer than its file."""
_MAX_FIELDS = 16
_MAX_FIELD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class FormFile:
    """The file part. fields: the text parts that came before it. data: its bytes, to be read to the end."""

    file_name: str | None
    media_type: str | None
    fields: dict[str, str]
    data: Iterator[bytes]


def is_form(content_type: str) -> bool:
    """Whether a body of this Content-Type is a form."""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def file_of_form(pieces: Iterator[bytes], content_type: str) -> FormFile:
    """Read up to the first part with a file name; the rest is read by whoever takes its data.

    Parts behind the file are read and ignored. Raises InputError (`form_malformed`, `form_without_file`).
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    form = _Form(boundary)
    for piece in pieces:
        form.write(piece)
        if form.is_file_open:
            break
    if not form.is_file_open:
        raise InputError(
            "The form holds no file. Send one part with a `filename`, such as curl's `-F file=@leads.csv`.",
            code="form_without_file",
        )
    return FormFile(form.file_name, form.media_type, form.fields, form.data(pieces))


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: bytes = b""
    value: bytes = b""
    text: bytes = b""
    field_name: str | None = None


class _Form:
    """What the parser said so far."""

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self.media_type: str | None = None
        self.is_file_open = False
        self._is_file_over = False
        self._is_in_file = False
        self._file_pieces: list[bytes] = []
        self._part = _Part()
        if not boundary:
            raise _malformed("The Content-Type names no boundary.")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._on_name,
                    "on_header_value": self._on_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._on_data,
                    "on_part_end": self._end_part,
                },
            )
        except FormParserError as error:
            raise _malformed("Its boundary is too long.") from error

    def write(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _malformed(
                "It is not multipart/form-data with the boundary its Content-Type names."
            ) from error

    def data(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The bytes of the file; raises InputError when the form ends before the file does."""
        yield from self._taken()
        for piece in pieces:
            self.write(piece)
            yield from self._taken()
        if not self._is_file_over:
            raise _malformed("It ends inside the file; the closing boundary is missing.")

    def _taken(self) -> list[bytes]:
        taken, self._file_pieces = self._file_pieces, []
        return taken

    def _begin_part(self) -> None:
        self._part = _Part()

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._part.name += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def _end_header(self) -> None:
        self._part.headers[self._part.name.lower()] = self._part.value
        self._part.name = self._part.value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition"))
        if b"filename" in options and not self.is_file_open:
            self.is_file_open = self._is_in_file = True
            self.file_name = options[b"filename"].decode(errors="replace")
            self.media_type = self._part.headers.get(b"content-type", b"").decode("latin-1") or None
        elif b"filename" not in options and b"name" in options and not self.is_file_open:
            self._part.field_name = options[b"name"].decode(errors="replace")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_in_file:
            self._file_pieces.append(data[start:end])
        elif self._part.field_name is not None:
            self._part.text += data[start:end]
            if len(self._part.text) > _MAX_FIELD_BYTES or len(self.fields) >= _MAX_FIELDS:
                raise _malformed(
                    f"At most {_MAX_FIELDS} fields of {_MAX_FIELD_BYTES} bytes may come before the file."
                )

    def _end_part(self) -> None:
        if self._is_in_file:
            self._is_in_file = False
            self._is_file_over = True
        elif self._part.field_name is not None:
            self.fields[self._part.field_name] = self._part.text.decode(errors="replace")


def _malformed(how: str) -> InputError:
    return InputError(f"The form cannot be read. {how}", code="form_malformed")

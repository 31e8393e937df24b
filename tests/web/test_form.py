"""Forms as browsers, curl and people who want to break something send them."""

from collections.abc import Iterator

import pytest

from muster.errors import InputError
from muster.web.form import FormFile, file_of_form, is_form

TYPE = "multipart/form-data; boundary=XyZ"
FILE = b"email\r\na@example.org\r\n--Xy\r\n--XyZ is not a boundary here\r\n"


def form(*parts: bytes, end: bytes = b"--XyZ--\r\n") -> bytes:
    return b"".join(b"--XyZ\r\n" + part + b"\r\n" for part in parts) + end


def part(name: str, content: bytes, extra: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{extra}\r\n'.encode() + b"\r\n" + content


def file(content: bytes = FILE, file_name: str = "leads.csv") -> bytes:
    head = (
        f'Content-Disposition: form-data; name="file"; filename="{file_name}"\r\nContent-Type: text/csv\r\n'
    )
    return head.encode() + b"\r\n" + content


def cut(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def read(body: bytes, size: int = 1 << 20) -> tuple[FormFile, bytes]:
    found = file_of_form(cut(body, size), TYPE)
    return found, b"".join(found.data)


def refusal(body: bytes, content_type: str = TYPE, size: int = 1 << 20) -> str:
    with pytest.raises(InputError) as refused:
        b"".join(file_of_form(cut(body, size), content_type).data)
    return refused.value.error_code


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1 << 20])
def test_the_file_comes_out_whole_however_the_form_is_cut(size: int) -> None:
    content = FILE.replace(b"\r\n--XyZ is", b"\r\n--XyA is")
    found, data = read(form(part("upload_name", b"Spring"), file(content), part("later", b"x")), size)
    assert data == content
    assert (found.file_name, found.media_type, found.fields) == (
        "leads.csv",
        "text/csv",
        {"upload_name": "Spring"},
    )


def test_a_form_that_is_cut_short_is_refused_wherever_it_is_cut() -> None:
    whole = form(part("upload_name", b"Spring"), file(b"email\r\na@example.org\r\n"))
    end_of_file = whole.rindex(b"--XyZ--")
    for length in range(end_of_file):
        assert refusal(whole[:length]) in {"form_malformed", "form_without_file"}, length


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"", TYPE, "form_without_file"),
        (form(part("upload_name", b"no file")), TYPE, "form_without_file"),
        (b"email\r\na@example.org\r\n", TYPE, "form_malformed"),
        (form(file()), "multipart/form-data", "form_malformed"),
        (form(file()), "multipart/form-data; boundary=", "form_malformed"),
        (form(file()), "multipart/form-data; boundary=" + "x" * 3000, "form_malformed"),
        (form(file()), "multipart/form-data; boundary=other", "form_malformed"),
        (form(part("big", b"x" * 5000), file()), TYPE, "form_malformed"),
        (form(*(part(f"n{n}", b"x") for n in range(17)), file()), TYPE, "form_malformed"),
        (b"--XyZ\r\n" + b"X-Long: " + b"y" * 100_000, TYPE, "form_malformed"),
        (b"--XyZ\r\n" + b"A: b\r\n" * 1000, TYPE, "form_malformed"),
    ],
    ids=["empty", "no file", "no form", "no boundary", "empty boundary", "long boundary", "other boundary",
         "long field", "many fields", "long header", "many headers"],
)  # fmt: skip
def test_what_is_no_form_with_a_file_is_refused(body: bytes, content_type: str, code: str) -> None:
    assert refusal(body, content_type) == code
    assert refusal(body, content_type, 5) == code


def test_only_the_first_file_counts() -> None:
    found, data = read(form(file(b"first", "a.csv"), file(b"second", "b.csv")))
    assert (found.file_name, data) == ("a.csv", b"first")


def test_an_empty_file_is_a_file() -> None:
    assert read(form(file(b"")))[1] == b""


def test_a_name_in_any_script_is_kept() -> None:
    assert read(form(file(b"x", "kontakte-ä-名簿.csv")))[0].file_name == "kontakte-ä-名簿.csv"


def test_only_one_media_type_is_a_form() -> None:
    assert is_form("Multipart/Form-Data; boundary=x")
    assert not is_form("multipart/form-dataset")
    assert not is_form("")

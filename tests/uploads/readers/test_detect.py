"""What is guessed about a file, and that it can be overruled."""

# ruff: noqa: RUF001 - words of other scripts are what is tested

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from muster.errors import InputError
from muster.uploads.readers.detect import detect, layout_overruled
from muster.uploads.readers.encoding import guess_encoding
from muster.uploads.readers.model import Compression, Detected, FileFormat
from tests.uploads.readers.whole import raw


def look(tmp_path: Path, content: bytes, name: str | None = None) -> Detected:
    return detect(raw(tmp_path, content), name, None)


@pytest.mark.parametrize(
    ("content", "delimiter", "quote", "header_row", "columns"),
    [
        (b"id,email\n1,a@example.com\n2,b@example.com\n", ",", '"', 0, ("id", "email")),
        (b"a;1,5\nb;2,7\nc;3,25\n", ";", '"', None, ("column 1", "column 2")),
        (b"sep=|\nname|x\n1|2\n", "|", '"', 0, ("name", "x")),
        (b"'a','b'\n'x, y','z'\n'u','v'\n", ",", "'", 0, ("a", "b")),
        (b"id\temail\n1\ta@example.com\n", "\t", '"', 0, ("id", "email")),
        (b"a^b^c\n1^2^3\n", "^", '"', 0, ("a", "b", "c")),
        (b"a||b||c\n1||2||3\n", "||", '"', 0, ("a", "b", "c")),
        (b'a|b\n"x|1\ny|2\nz|3\n', "|", "", 0, ("a", "b")),
        (b"Report\n\nname,email\nAnn,a@example.com\nBob,b@example.com\n", ",", '"', 1, ("name", "email")),
        (b"a,b,c\n1,2,3,\n4,5,6,\n", ",", '"', 0, ("a", "b", "c")),
        (b"Ann Lee\nBob Ray\n", ",", '"', 0, ("Ann Lee",)),
        (b"a@example.com\nb@example.com\n", ",", '"', None, ("column 1",)),
    ],
)
def test_dialect_header_and_columns(
    tmp_path: Path,
    content: bytes,
    delimiter: str,
    quote: str,
    header_row: int | None,
    columns: tuple[str, ...],
) -> None:
    detected = look(tmp_path, content)

    layout = detected.layout
    assert (layout.delimiter, layout.quote, layout.header_row) == (delimiter, quote, header_row)
    assert layout.columns == columns
    assert all(guess.reason and 0 < guess.confidence <= 1 for guess in detected.guesses.values())


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "name,city\nJosé García,Málaga\nFrançois Müller,Zürich\n"),
        ("cp1250", "jméno,město\nŽaneta Dvořáková,Plzeň\nŁukasz Żółć,Łódź\n"),
        ("iso8859-2", "jméno,město\nŽaneta Dvořáková,Plzeň\nŁukasz Żółć,Łódź\n"),
        ("cp1251", "имя,город\nИван Петров,Москва\n"),
        ("koi8-r", "имя,город\nИван Петров,Москва\n"),
        ("cp1253", "όνομα,πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\n"),
        ("cp1254", "ad,şehir\nAyşe Yılmaz,İstanbul\nÇağlar Öztürk,İzmir\n"),
        ("cp932", "名前,都市\n山田太郎,東京都\nスズキ,大阪\n"),
        ("gb18030", "姓名,城市\n王小明,北京市\n李华,上海\n"),
        ("cp950", "姓名,城市\n王小明,臺北市\n陳美麗,高雄\n"),
        ("cp949", "이름,도시\n김철수,서울\n이영희,부산\n"),
        ("utf-16-le", "name,x\nZoë,1\n"),
        ("utf-16-be", "name,x\nZoë,1\n"),
        ("utf-8", "name,x\nZoë,1\n"),
    ],
)
def test_encodings(encoding: str, text: str) -> None:
    assert guess_encoding([text.encode(encoding)]).value == encoding


def test_a_letter_late_in_a_large_file_is_seen(tmp_path: Path) -> None:
    content = b"name,x\n" + b"a,b\n" * 500_000 + b"caf\xe9,1\n" * 200_000

    assert look(tmp_path, content).layout.encoding == "cp1252"


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else(tmp_path: Path) -> None:
    content = b"name\n" + "Zoë,x\n".encode() * 50 + b"caf\xe9,y\n"

    detected = look(tmp_path, content)

    assert detected.layout.encoding == "utf-8"
    assert detected.guesses["encoding"].confidence < 0.99


@pytest.mark.parametrize(
    ("content", "name", "file_format"),
    [
        (b'{"a":1}\n{"a":2}\n', None, FileFormat.NDJSON),
        (b'[{"a":1}]', None, FileFormat.JSON),
        (b'{\n "a": 1\n}', None, FileFormat.JSON),
        (b"[x],y\n1,2\n", "a.csv", FileFormat.CSV),
    ],
)
def test_formats(tmp_path: Path, content: bytes, name: str | None, file_format: FileFormat) -> None:
    assert look(tmp_path, content, name).layout.format is file_format


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n \n", "file_empty"),
        (b"%PDF-1.7 ...", "format_unknown"),
        (b"\0\1\2\3" * 100, "format_unknown"),
        (gzip.compress(gzip.compress(b"a,b\n", mtime=0), mtime=0), "format_unsupported"),
        (gzip.compress(b"a,b\n" * 9_999, mtime=0)[:50], "file_truncated"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, code: str) -> None:
    detected = look(tmp_path, content)

    assert detected.problem_code == code
    assert detected.problem


def test_a_zip_of_one_file_is_opened(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("people.csv", "name,age\nAnn,3\n")

    detected = look(tmp_path, archive.getvalue())

    assert detected.layout.compression is Compression.ZIP
    assert detected.sample == (("Ann", "3"),)


def test_what_the_user_says_wins_and_moves_the_columns(tmp_path: Path) -> None:
    detected = look(tmp_path, b"a;b\n1;2\n")

    layout = layout_overruled(detected, {"delimiter": ",", "encoding": "latin-1"})

    assert (layout.delimiter, layout.encoding, layout.columns) == (",", "iso8859-1", ())


@pytest.mark.parametrize(
    "said",
    [{"colour": 1}, {"delimiter": 5}, {"columns": ["a", "a"]}, {"header_row": -1}, {"encoding": "klingon"}],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, said: dict[str, object]) -> None:
    with pytest.raises(InputError):
        layout_overruled(look(tmp_path, b"a,b\n1,2\n"), said)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Name;Ort\nMüller;Köln\nJäger;Fürth\n", "cp1252"),
        ("Vorname;Straße\nJörg;Hauptstraße\n", "cp1252"),
        ("nom;ville\nHélène;Orléans\nFrançois;Besançon\n", "cp1252"),
        ("姓名,公司\n王小明,台北公司\n", "cp950"),
        ("이름,회사\n홍길동,서울\n", "cp949"),
        ("имя;город\nИван;Москва\nОльга;Тверь\n", "cp1251"),
    ],
)
def test_a_few_words_are_enough_to_tell_west_from_east(text: str, encoding: str) -> None:
    assert guess_encoding([text.encode(encoding)]).value == encoding

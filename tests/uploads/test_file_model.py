import pytest

from muster.uploads.file_model import FileWish, clean_file_name, clean_media_type


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("leads.csv", "leads.csv"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\ana\\leads.csv", "leads.csv"),
        ("..\\..\\leads.csv", "leads.csv"),
        ("..", None),
        ("...", None),
        ("", None),
        (None, None),
        ("/", None),
        ("  ", None),
        ("leads\x00.csv", "leads.csv"),
        ("a\r\nSet-Cookie: b.csv", "aSet-Cookie: b.csv"),
        ("leads\u202evsc.exe", "leadsvsc.exe"),
        ("kontakte-ä-名簿.csv", "kontakte-ä-名簿.csv"),
        ("\ud800.csv", ".csv"),
        (".csv", ".csv"),
    ],
)
def test_a_file_name_is_shown_but_never_a_path(sent: str | None, kept: str | None) -> None:
    assert clean_file_name(sent) == kept


def test_a_name_of_ten_thousand_characters_keeps_its_ending() -> None:
    kept = clean_file_name("x" * 10_000 + ".csv.gz")
    assert kept is not None
    assert (len(kept), kept[-5:]) == (255, "xx.gz")
    endless = clean_file_name("." + "x" * 10_000)
    assert endless is not None
    assert len(endless) == 255


def test_an_upload_is_called_after_its_file_unless_told() -> None:
    assert FileWish("Spring", "leads.csv").name_of_upload(100) == "Spring"
    assert FileWish(None, "l" * 255).name_of_upload(100) == "l" * 100
    assert FileWish().name_of_upload(100) == "Unnamed file"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Text/CSV; charset=utf-8", "text/csv"),
        ("nonsense", None),
        ("a/b\r\nX: y", None),
        ("a/" + "b" * 300, None),
        (None, None),
    ],
)
def test_a_media_type_is_one_or_none(sent: str | None, kept: str | None) -> None:
    assert clean_media_type(sent) == kept

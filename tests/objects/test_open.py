"""From a URL to a store, and clear words for every other URL."""

import subprocess
import sys
from pathlib import Path

import pytest

from muster.errors import InputError, Unavailable
from muster.objects.open import open_store


def test_a_file_url_makes_the_directory_and_its_parents(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/a%20b/objects")
    store.put("x/y", [b"1"])
    assert (tmp_path / "a b" / "objects" / "x" / "y").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("", "must start"),
        ("objects", "must start"),
        ("/var/objects", "must start"),
        ("ftp://host/x", "must start"),
        ("http://bucket.example.org/x", "must start"),
        ("file://relative/path", "three slashes"),
        ("file:relative", "three slashes"),
        ("file:///", "three slashes"),
        ("file:///a%00b", "three slashes"),
        ("s3://", "bucket"),
        ("s3:///prefix", "bucket"),
        ("s3://key:secret@bucket/x", "environment"),
        ("s3://bucket/x?secret=1", "environment"),
    ],
)
def test_other_urls_are_refused_with_what_to_write_instead(url: str, word: str) -> None:
    with pytest.raises(InputError, match=word) as refused:
        open_store(url)
    assert refused.value.error_code == "objects_url_invalid"
    assert "secret" not in refused.value.message


def test_azure_without_an_account_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="Account must be specified"):
        open_store("az://container/prefix")


def test_a_directory_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        open_store(f"file://{tmp_path}/file/objects")


def test_without_obstore_local_stores_work_and_remote_ones_say_what_to_install(tmp_path: Path) -> None:
    child = (
        "import sys; sys.modules['obstore'] = None\n"
        "from muster.errors import InputError\n"
        "from muster.objects.open import open_store\n"
        f"open_store('file://{tmp_path}/objects').ping()\n"
        "try:\n    open_store('s3://bucket')\n"
        "except InputError as error:\n    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", child], capture_output=True, timeout=60, check=True, text=True
    )
    assert "pip install 'muster[server]'" in done.stdout

"""The seal: what it refuses to open, what two servers that start at once agree on, and what it gives away."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.db.seal import Seal, open_seal
from muster.errors import InputError, Unavailable

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.text(max_size=50))
def test_what_was_sealed_is_opened_for_the_same_context(data: bytes, context: str) -> None:
    assert Seal(KEY).open(Seal(KEY).seal(data, context), context) == data


def test_another_key_or_another_context_opens_nothing() -> None:
    sealed = Seal(KEY).seal(b"sk-live-1", "connection:con_1")
    assert Seal(OTHER).open(sealed, "connection:con_1") is None
    assert Seal(KEY).open(sealed, "connection:con_2") is None
    assert Seal(KEY).open(sealed, "") is None


def test_a_changed_byte_anywhere_opens_nothing() -> None:
    seal = Seal(KEY)
    sealed = seal.seal(b"sk-live-1", "c")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        assert seal.open(bytes(changed), "c") is None, at
    for length in range(len(sealed)):
        assert seal.open(sealed[:length], "c") is None, length
    assert seal.open(sealed + b"\x00", "c") is None


def test_the_same_secret_looks_different_each_time_and_shows_nothing_of_itself() -> None:
    seal = Seal(KEY)
    sealed = {seal.seal(b"sk-live-1", "c") for _ in range(100)}
    assert len(sealed) == 100
    assert all(b"sk-live" not in each for each in sealed)


def test_a_digest_is_stable_keyed_and_bound_to_its_context() -> None:
    digest = Seal(KEY).digest("ada@example.com", "question")
    assert digest == Seal(KEY).digest("ada@example.com", "question")
    assert len(digest) == 64
    assert (
        len(
            {
                digest,
                Seal(OTHER).digest("ada@example.com", "question"),
                Seal(KEY).digest("ada@example.com", "value"),
                Seal(KEY).digest("nada@example.com", "questio"),
                Seal(KEY).digest("Ada@example.com", "question"),
            }
        )
        == 5
    )


def test_a_short_key_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(b"short")
    with pytest.raises(InputError, match="openssl rand") as refused:
        open_seal("x" * 31, Path("never-made"))
    assert refused.value.error_code == "secret_key_invalid"
    assert not Path("never-made").exists()


def test_a_key_from_the_settings_needs_no_file(tmp_path: Path) -> None:
    seal = open_seal("correct horse battery staple, and more", tmp_path / "secret.key")
    again = open_seal("correct horse battery staple, and more", tmp_path / "secret.key")
    assert again.open(seal.seal(b"x", "c"), "c") == b"x"
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret.key"
    first = open_seal(None, path)
    text = path.read_text()
    second = open_seal("", path)
    assert second.open(first.seal(b"x", "c"), "c") == b"x"
    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]
    assert open_seal(None, tmp_path / "other.key").open(first.seal(b"x", "c"), "c") is None


def _seal_something(path: Path, gate: Path) -> bytes:
    gate.with_name(f"ready-{os.getpid()}").touch()
    while not gate.exists():
        pass
    return open_seal(None, path).seal(b"made by whoever was first", "race")


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path, gate = tmp_path / "data" / "secret.key", tmp_path / "gate"
    with multiprocessing.get_context("spawn").Pool(5) as pool:
        waiting = [pool.apply_async(_seal_something, (path, gate)) for _ in range(5)]
        while len(list(tmp_path.glob("ready-*"))) < 5:
            assert not any(each.ready() for each in waiting)
        gate.touch()
        sealed = [each.get(timeout=60) for each in waiting]
    seal = open_seal(None, path)
    assert [seal.open(each, "race") for each in sealed] == [b"made by whoever was first"] * 5
    assert [each.name for each in path.parent.iterdir()] == ["secret.key"]


@pytest.mark.parametrize(
    "content", ["", "not hex", "00ff", "é" * 64], ids=["empty", "words", "short", "latin"]
)
def test_a_file_that_holds_no_key_is_named_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(InputError, match="backup") as refused:
        open_seal(None, path)
    assert refused.value.error_code == "secret_key_invalid"
    assert path.read_text(encoding="latin-1") == content


def test_a_directory_that_cannot_be_written_is_an_outage_not_a_bug(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="secret key"):
        open_seal(None, tmp_path / "file" / "secret.key")

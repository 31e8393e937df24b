"""Settings with secrets: what is seen of them, and how they come together again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr

from muster.db.seal import Seal
from muster.db.sealed_settings import apart, open_secrets, seal_secrets, together


class Inner(BaseModel):
    name: str
    token: SecretStr | None = None


class Outer(BaseModel):
    url: str
    days: float = 7
    key: SecretStr | None = None
    secrets: dict[str, SecretStr] = Field(default_factory=dict)
    inner: Inner | None = None
    all: list[Inner] = Field(default_factory=list)
    pair: tuple[SecretStr, str] | None = None


WHOLE: dict[str, Any] = {
    "url": "https://api.example.com",
    "key": "hush-1",
    "secrets": {"a/b": "hush-2", "c~d": "hush-3", "0": "hush-4"},
    "inner": {"name": "x", "token": "hush-5"},
    "all": [{"name": "y"}, {"name": "z", "token": "hush-6"}],
    "pair": ["hush-7", "w"],
}


def test_secrets_of_every_kind_are_taken_out_and_put_back() -> None:
    shown, secrets = apart(Outer.model_validate(WHOLE))
    assert "hush" not in str(shown)
    assert secrets == {
        "/key": "hush-1",
        "/secrets/a~1b": "hush-2",
        "/secrets/c~0d": "hush-3",
        "/secrets/0": "hush-4",
        "/inner/token": "hush-5",
        "/all/1/token": "hush-6",
        "/pair/0": "hush-7",
    }
    assert shown["secrets"] == {"a/b": None, "c~d": None, "0": None}
    assert shown["all"] == [{"name": "y"}, {"name": "z", "token": None}]
    assert together(shown, secrets) == (WHOLE, set(secrets))


def test_what_was_not_set_is_not_shown() -> None:
    assert apart(Outer(url="x")) == ({"url": "x"}, {})
    assert apart(Outer.model_validate({"url": "x", "key": None})) == ({"url": "x", "key": None}, {})


@pytest.mark.parametrize(
    ("sent", "filled"),
    [
        ({"key": None}, {"/key"}),
        ({"key": "new"}, set()),
        ({}, set()),
        ({"secrets": {"a/b": None, "new": None}}, {"/secrets/a~1b"}),
        ({"secrets": None}, set()),
        ({"secrets": "x"}, set()),
        ({"secrets": [None]}, {"/secrets/0"}),
        ({"all": [{"token": None}]}, set()),
        ({"all": {"1": {"token": None}}}, {"/all/1/token"}),
        ({"inner": {"token": {"x": None}}}, set()),
        ({"pair": [None]}, {"/pair/0"}),
    ],
)
def test_a_kept_secret_fills_only_a_null_in_its_own_place(sent: dict[str, Any], filled: set[str]) -> None:
    _, secrets = apart(Outer.model_validate(WHOLE))
    assert together(sent, secrets)[1] == filled


def test_what_is_put_together_leaves_the_visible_part_alone() -> None:
    shown, secrets = apart(Outer.model_validate(WHOLE))
    before = str(shown)
    together(shown, secrets)
    assert str(shown) == before


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=5))
def test_any_names_come_back(secrets: dict[str, str]) -> None:
    shown, taken = apart(Outer.model_validate({"url": "x", "secrets": secrets}))
    assert len(taken) == len(secrets)
    assert together(shown, taken)[0]["secrets"] == secrets


def test_sealed_secrets_open_with_their_key_and_context_alone() -> None:
    seal = Seal(bytes(32))
    sealed = seal_secrets(seal, {"/key": "hush"}, "connection 1")
    assert sealed is not None
    assert b"hush" not in sealed
    assert open_secrets(seal, sealed, "connection 1") == {"/key": "hush"}
    assert open_secrets(seal, sealed, "connection 2") is None
    assert open_secrets(Seal(bytes(range(32))), sealed, "connection 1") is None
    assert seal_secrets(seal, {}, "c") is None
    assert open_secrets(seal, None, "c") == {}

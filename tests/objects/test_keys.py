"""Keys: where an upload's bytes lie, and whose a key is."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.errors import InputError
from muster.ids import UploadId, new_match_id, new_segment_id, new_upload_id
from muster.objects import keys
from muster.objects.local import LocalStore
from muster.objects.open import open_store
from muster.objects.store import ObjectStore

UPLOAD = UploadId("upl_1737000000_0123456789ABCDEFGHIJkl")


def test_the_keys_of_an_upload_are_as_documented() -> None:
    prefix = "uploads/kl/upl_1737000000_0123456789ABCDEFGHIJkl/"
    assert keys.upload_prefix(UPLOAD) == prefix
    assert keys.records(UPLOAD) == prefix + "records.json.zst"
    assert keys.rejects(UPLOAD) == prefix + "rejects.json.zst"


def test_every_key_of_an_upload_names_its_upload_and_is_a_key() -> None:
    upload_id = new_upload_id(datetime.now(UTC))
    for key in (
        keys.records(upload_id),
        keys.rejects(upload_id),
        keys.upload_prefix(upload_id) + "later/more",
    ):
        assert keys.upload_of(key) == upload_id
        assert keys.checked(key) == key
    assert keys.checked_prefix(keys.upload_prefix(upload_id)) == keys.upload_prefix(upload_id)


def test_the_files_of_a_segment_and_of_a_match_say_whose_they_are() -> None:
    for owner in (new_segment_id(), new_match_id()):
        key = keys.segment_file(owner, "job_1", "members.parquet")
        assert key == f"segments/{owner[-2:]}/{owner}/job_1/members.parquet"
        assert (keys.segment_of(key), keys.upload_of(key)) == (owner, None)
        assert keys.checked(key) == key
    for key in (
        "",
        "segments/kl/seg_short/x/y",
        f"segments/xx/{owner}/job_1/y",
        f"tables/{owner[-2:]}/{owner}/x/y",
    ):
        assert keys.segment_of(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "",
        "uploads",
        f"uploads/kl/{UPLOAD}",
        f"uploads/xx/{UPLOAD}/records.json.zst",
        f"downloads/kl/{UPLOAD}/records.json.zst",
        f"x/uploads/kl/{UPLOAD}/records.json.zst",
        "uploads/kl/upl_1737000000_short/records.json.zst",
        "uploads/kl/upl_x_0123456789ABCDEFGHIJkl/records.json.zst",
        "ping/0123",
    ],
)
def test_other_keys_belong_to_no_upload_so_a_sweep_leaves_them_alone(key: str) -> None:
    assert keys.upload_of(key) is None


@given(st.text(alphabet="ab./\\-_% \x00é\n", max_size=12))
def test_a_key_that_passes_stays_below_its_root(key: str) -> None:
    try:
        keys.checked(key)
    except InputError:
        return
    assert not key.startswith("/")
    assert all(part and not part.startswith(".") for part in key.split("/"))
    assert set(key) <= set("ab./-_")


HOSTILE = {
    "empty": "",
    "absolute": "/etc/passwd",
    "parent": "../outside",
    "parent in the middle": "uploads/../../outside",
    "dot": "./here",
    "hidden": ".tmp/x",
    "hidden in the middle": "uploads/.tmp/x",
    "no name": "uploads/",
    "empty segment": "uploads//x",
    "NUL": "uploads/a\x00b",
    "line feed at the end": "uploads/a\n",
    "backslash": "uploads\\..\\x",
    "space": "uploads/a b",
    "percent": "uploads/%2e%2e/x",
    "non-ASCII": "uploads/Zoë",
    "digit that is not ASCII": "uploads/\u0661",
    "surrogate": "uploads/\ud800",
    "segment too long": "a" * 201,
    "key too long": "/".join(["a" * 100] * 9),
}

EVERY_USE: dict[str, Callable[[ObjectStore, str], object]] = {
    "put": lambda store, key: store.put(key, [b"x"]),
    "get_range": lambda store, key: store.get_range(key, 0, 1),
    "get_tail": lambda store, key: store.get_tail(key, 1),
    "stream": lambda store, key: store.stream(key),
    "size": lambda store, key: store.size(key),
    "delete": lambda store, key: store.delete(key),
}


@pytest.mark.parametrize("use", EVERY_USE.values(), ids=EVERY_USE.keys())
@pytest.mark.parametrize("key", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_key_that_could_mean_another_place_is_refused_by_every_method(
    key: str, use: Callable[[ObjectStore, str], object], tmp_path: Path
) -> None:
    for store in (LocalStore(tmp_path / "objects"), open_store("memory://")):
        with pytest.raises(InputError) as refused:
            use(store, key)
        assert refused.value.error_code == "key_invalid"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["objects"]

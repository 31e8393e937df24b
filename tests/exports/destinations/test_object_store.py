"""Files go only where the operator allows it, whatever path a user writes."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from muster.errors import InputError
from muster.exports.destination import Call
from muster.exports.destinations.object_store import ObjectStorePath, PathSettings
from muster.settings import Settings

DESTINATION = ObjectStorePath()
BUCKETS = ("s3://crm-drop", "gs://lists/in/muster")


def call(path: str, directory: Path | None = None, buckets: tuple[str, ...] = BUCKETS) -> Call:
    return Call(PathSettings(path=path), None, "exp_A", "A", export_dir=directory, export_buckets=buckets)


@pytest.mark.parametrize(
    "path", ["s3://crm-drop/a.csv", "s3://crm-drop/x/{name}", "gs://lists/in/muster/{id}/a.csv"]
)
def test_a_path_in_a_bucket_the_operator_named_is_taken(path: str) -> None:
    DESTINATION.check(call(path))


@pytest.mark.parametrize(
    "path",
    [
        "s3://crm-drops/a.csv",
        "s3://crm/a.csv",
        "gs://crm-drop/a.csv",
        "s3://user@crm-drop/a.csv",
        "gs://lists/in/muster",
        "gs://lists/in/musterx/a.csv",
        "gs://lists/in/a.csv",
    ],
)
def test_every_other_bucket_is_refused_before_anything_is_sent(path: str) -> None:
    with pytest.raises(InputError) as refused:
        DESTINATION.check(call(path))
    assert refused.value.error_code == "export_place_refused"


def test_without_a_word_of_the_operator_there_is_no_place_at_all(tmp_path: Path) -> None:
    for path in ("s3://crm-drop/a.csv", "a.csv"):
        with pytest.raises(InputError):
            DESTINATION.check(call(path, buckets=()))
    DESTINATION.check(call("a.csv", tmp_path))


@pytest.mark.parametrize(
    "path",
    [
        "../a.csv",
        "/etc/passwd",
        "a/../../b.csv",
        "s3://crm-drop/../other/a.csv",
        "s3://crm-drop",
        "s3://crm-drop/",
        "file:///etc/passwd",
        "https://example.com/a.csv",
        ".hidden",
        "a/.ssh/keys",
        "a\x00.csv",
        "a\\..\\b.csv",
        "",
    ],
)
def test_what_is_no_path_downwards_is_no_setting(path: str) -> None:
    with pytest.raises(ValidationError):
        PathSettings(path=path)


def test_buckets_are_named_between_commas(tmp_path: Path) -> None:
    named = Settings(data_dir=tmp_path, export_buckets=" s3://a/ , gs://b/in/,")  # type: ignore[arg-type]
    assert named.export_buckets == ["s3://a", "gs://b/in"]
    for wrong in ("a", "s3://", "file:///srv", "https://a/b"):
        with pytest.raises(ValidationError):
            Settings(data_dir=tmp_path, export_buckets=wrong)  # type: ignore[arg-type]

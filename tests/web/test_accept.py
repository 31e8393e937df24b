"""Which of the answers we can give does the client want."""

import pytest

from muster.errors import NotAcceptable
from muster.web.accept import CSV, JSON, NDJSON, PROBLEM, accepts_encoding, negotiate, wants_problem

OFFERED = (JSON, NDJSON, CSV)


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        (None, JSON),
        ("", JSON),
        ("  ", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/*", CSV),
        ("TEXT/CSV", CSV),
        (NDJSON, NDJSON),
        ("text/csv, application/x-ndjson", NDJSON),  # a tie: ours first
        ("text/csv;q=0.9, application/x-ndjson;q=0.8", CSV),
        ("text/csv; q=0.9 , application/json ;Q=0.1", CSV),
        ("*/*;q=0.1, text/csv", CSV),
        ("*/*, application/json;q=0", NDJSON),
        ("application/*;q=0, */*", CSV),
        ("text/*;q=0, text/csv", CSV),
        ("text/*, text/csv;q=0.2, application/json;q=0.3", JSON),
        ("text/csv;q=7", CSV),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("text/csv;header=present", CSV),
        (",, text/csv ,", CSV),
        (PROBLEM, JSON),
        (f"{PROBLEM}, text/csv;q=0.5", JSON),
        (f"{PROBLEM};q=0, */*", JSON),
    ],
)
def test_the_clients_favourite_is_chosen(accept: str | None, answer: str) -> None:
    assert negotiate(accept, OFFERED) == answer


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "*/*;q=0",
        "text/csv;q=0",
        "text/csv;q=",
        "text/csv;q=abc",
        "text/csv;q=nan",
        "text/csv;q=-1",
        "json",
        ";",
        "application/json;q=0, image/*",
        f"{PROBLEM};q=0",
    ],
)
def test_when_nothing_offered_is_acceptable_the_offer_is_named(accept: str) -> None:
    with pytest.raises(NotAcceptable, match=f"{JSON} or {NDJSON} or {CSV}"):
        negotiate(accept, OFFERED)


def test_an_excluded_type_stays_excluded_whatever_the_wildcard_says() -> None:
    with pytest.raises(NotAcceptable):
        negotiate("application/json;q=0, */*", (JSON,))


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, False),
        ("*/*", False),
        (JSON, False),
        (PROBLEM, True),
        ("Application/Problem+JSON", True),
        (f"{JSON}, {PROBLEM}", True),
        (f"{JSON}, {PROBLEM};q=0.5", False),
        (f"{JSON};q=0.5, {PROBLEM}", True),
        (f"{PROBLEM};q=0", False),
        (f"x-{PROBLEM}", False),
    ],
)
def test_problem_details_are_for_those_who_name_them(accept: str | None, wanted: bool) -> None:
    assert wants_problem(accept) is wanted


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (None, False),
        ("", False),
        ("zstd", True),
        ("gzip, ZSTD;q=0.1", True),
        ("zstd;q=0", False),
        ("zstd;q=0.0, gzip", False),
        ("zstandard", False),
        ("*", False),
    ],
)
def test_an_encoding_must_be_named(header: str | None, accepted: bool) -> None:
    assert accepts_encoding(header, "zstd") is accepted

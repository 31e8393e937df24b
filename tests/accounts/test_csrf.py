"""Which requests that ride on a cookie may be another site's."""

import pytest

from muster.accounts.csrf import rides_along

OWN = {"https://muster.example.org"}


@pytest.mark.parametrize(
    ("method", "site", "origin", "refused"),
    [
        ("POST", "cross-site", None, True),
        ("POST", "same-site", None, True),
        ("POST", "cross-site", "https://muster.example.org", True),
        ("POST", "", None, True),
        ("POST", "same-origin, cross-site", None, True),
        ("POST", None, None, True),
        ("POST", None, "null", True),
        ("POST", None, "", True),
        ("POST", None, "https://evil.example.org", True),
        ("POST", None, "http://muster.example.org", True),
        ("POST", None, "https://muster.example.org:444", True),
        ("POST", None, "https://muster.example.org.evil.example", True),
        ("DELETE", "cross-site", None, True),
        ("PATCH", "cross-site", None, True),
        ("PUT", None, None, True),
        ("PROPFIND", None, None, True),
        ("get", None, None, True),
        ("POST", "same-origin", None, False),
        ("POST", "none", None, False),
        ("POST", " Same-Origin ", None, False),
        ("POST", None, "https://MUSTER.example.org", False),
        ("GET", "cross-site", None, False),
        ("HEAD", None, None, False),
        ("OPTIONS", None, None, False),
    ],
)
def test_a_table_of_requests(method: str, site: str | None, origin: str | None, refused: bool) -> None:
    assert rides_along(method, site, origin, OWN) is refused

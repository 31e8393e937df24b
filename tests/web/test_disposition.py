"""The name of a download: never a header of its own, never a path, and true where the client can read it."""

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from muster.web.disposition import attachment

_SHAPE = re.compile(
    r"""attachment; filename="([^"\\%]*)"(?:; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+))?"""
)


@given(st.text(max_size=300))
def test_any_name_makes_one_plain_header(name: str) -> None:
    value = attachment(name, "accepted.csv")
    value.encode("latin-1")
    assert value.isprintable()
    found = _SHAPE.fullmatch(value)
    assert found is not None, value
    for shown in (found[1], unquote(found[2] or found[1])):
        assert shown.endswith(".accepted.csv")
        assert not shown.startswith((".", " "))
        assert not set(shown) & set('/\\:*?"<>|\r\n\x00')
        assert len(shown) <= 140


def test_a_plain_name_stays_as_it_is() -> None:
    assert attachment("Spring leads 2026", "csv") == 'attachment; filename="Spring leads 2026.csv"'

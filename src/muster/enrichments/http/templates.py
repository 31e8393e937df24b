"""Templates of requests: where inputs and secrets go, encoded for the place they stand in.

`{domain}` is an input, `{secret:key}` a secret; any other brace is text. In an address everything but letters, digits
and `-._~` is percent-encoded, so that an input can add no path, no parameter and no other host; in a header a value
with a control character makes the input unusable; a body is a JSON value whose texts are filled in before it is
written as JSON, so that there is nothing to escape.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from muster.web.outgoing.addresses import Address, parse_url
from muster.web.outgoing.caller import OWN_HEADERS

ITEMS: Final = "items"
"""In a body: the list of what is asked about in one call."""
INDEX: Final = "index"
"""In an item of such a list: its place, from 0."""
MAX_TARGET_CHARACTERS: Final = 16_000

_PLACE: Final = re.compile(r"\{(?:(secret):)?([a-z][a-z0-9_]*)\}")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_DOTS: Final = {".", ".."}

Values = Mapping[str, str | None]


class TemplateRefused(ValueError):
    """A template that cannot be filled safely; the message says why."""


class InputUnusable(Exception):
    """An input that cannot stand where the template wants it, such as `..` in a path."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is filled in."""

    name: str
    is_secret: bool = False


Part = str | Place


@dataclass(frozen=True, slots=True)
class Text:
    """A text with places in it."""

    parts: tuple[Part, ...]

    def filled(self, values: Values, encode: Callable[[str], str] = str) -> str | None:
        """With every place filled in; None where an input is missing that one of them needs."""
        filled = []
        for part in self.parts:
            if isinstance(part, Place):
                value = values[_key(part)]
                if value is None:
                    return None
                filled.append(encode(value))
            else:
                filled.append(part)
        return "".join(filled)


def parse_text(text: str) -> Text:
    parts: list[Part] = []
    end = 0
    for match in _PLACE.finditer(text):
        parts += [text[end : match.start()], Place(match[2], match[1] is not None)]
        end = match.end()
    parts.append(text[end:])
    return Text(tuple(part for part in parts if part != ""))


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """An address whose path and query have places. queries: the parameters between `&`, each by itself."""

    address: Address
    path: Text
    queries: tuple[Text, ...]

    def target(self, values: Values) -> str:
        """Path and query as they are sent; a parameter whose input is missing is left out.

        Raises InputUnusable for a path that would leave its directory, lack a part, or be too long.
        """
        path = self.path.filled(values, _encoded)
        if path is None or any(unquote(segment) in _DOTS for segment in path.split("/")):
            raise InputUnusable
        filled = [query.filled(values, _encoded) for query in self.queries]
        queries = [query for query in filled if query is not None]
        target = f"{path}?{'&'.join(queries)}" if queries else path
        if len(target) > MAX_TARGET_CHARACTERS:
            raise InputUnusable
        return target


def parse_url_template(url: str, *, allow_private: bool) -> UrlTemplate:
    """Raises TemplateRefused, AddressRefused."""
    # Braces are no part of a host, a port or a scheme, so a place there is refused with the rest of the address.
    address, target = parse_url(url, allow_private=allow_private)
    path, _, query = target.partition("?")
    if any(unquote(segment) in _DOTS for segment in path.split("/")):
        raise TemplateRefused("Write the path without `.` and `..`.")
    return UrlTemplate(address, parse_text(path), tuple(map(parse_text, query.split("&"))) if query else ())


@dataclass(frozen=True, slots=True)
class HeaderTemplate:
    """A header; left out where an input it needs is missing."""

    name: str
    value: Text

    def filled(self, values: Values) -> bytes | None:
        """Raises InputUnusable for a value that is no header."""
        value = self.value.filled(values)
        if value is None:
            return None
        if _HEADER_CONTROL.search(value):
            raise InputUnusable
        return value.strip().encode()


def parse_header(name: str, value: str) -> HeaderTemplate:
    """Raises TemplateRefused."""
    if not _HEADER_NAME.fullmatch(name):
        raise TemplateRefused("The name of a header has letters, digits and hyphens.")
    if name.lower() in OWN_HEADERS:
        raise TemplateRefused("This header is set by Muster itself.")
    if _HEADER_CONTROL.search(value):
        raise TemplateRefused("A header has no line ends and no control characters.")
    return HeaderTemplate(name, parse_text(value))


def fill_json(template: Any, values: Values, items: Sequence[Any] | None = None) -> Any:
    """A JSON value with its texts filled in. A text that is nothing but `{name}` becomes null where it is missing.

    items: what `{items}` stands for, in the body of a call about several inputs.
    """
    match template:
        case str():
            if items is not None and template == f"{{{ITEMS}}}":
                return list(items)
            text = parse_text(template)
            if len(text.parts) == 1 and isinstance(text.parts[0], Place):
                return values[_key(text.parts[0])]
            return "".join(part if isinstance(part, str) else values[_key(part)] or "" for part in text.parts)
        case dict():
            return {name: fill_json(value, values, items) for name, value in template.items()}
        case list():
            return [fill_json(value, values, items) for value in template]
        case _:
            return template


def places_in(template: Any) -> Iterator[Place]:
    """Every place in a text or in the texts of a JSON value."""
    match template:
        case str():
            yield from (part for part in parse_text(template).parts if isinstance(part, Place))
        case dict():
            for value in template.values():
                yield from places_in(value)
        case list():
            for value in template:
                yield from places_in(value)


def known_values(inputs: Values, secrets: Mapping[str, str]) -> dict[str, str | None]:
    """Inputs and secrets as templates look them up; no input can pass for a secret."""
    return {**inputs, **{f"secret:{name}": value for name, value in secrets.items()}}


def _key(place: Place) -> str:
    return f"secret:{place.name}" if place.is_secret else place.name


def _encoded(value: str) -> str:
    return quote(value, safe="")

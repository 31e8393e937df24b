"""JSONPath into answers of strangers: the part of RFC 9535 whose work grows no faster than the answer.

python-jsonpath reads the path; walking is done here. A path is a chain of names, indexes, slices and wildcards, one in
each step, and at most one descent (`..`): then no step meets a value twice. Filters, functions, patterns and several
selectors in one bracket are refused, and nothing is built for what is only passed by.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from jsonpath import JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from jsonpath.segments import JSONPathRecursiveDescentSegment, JSONPathSegment
from jsonpath.selectors import IndexSelector, NameSelector, SliceSelector, WildcardSelector

MAX_PATH_CHARACTERS: Final = 500
MAX_STEPS: Final = 30

_ENVIRONMENT: Final = JSONPathEnvironment(strict=True)

Step = Callable[[Any], Iterator[Any]]


class PathRefused(ValueError):
    """A path that is none, or does more than is walked here; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path that was read; `text` as written."""

    text: str
    steps: tuple[Step, ...]

    def first(self, document: Any) -> Any | None:
        """The first value found that is not null; None when there is none."""
        return next((value for value in self.all(document) if value is not None), None)

    def all(self, document: Any) -> Iterator[Any]:
        """Every value found, in the order of the document."""
        found: Iterator[Any] = iter((document,))
        for step in self.steps:
            found = _each(step, found)
        return found


def parse_path(text: str) -> Path:
    """Raises PathRefused."""
    if len(text) > MAX_PATH_CHARACTERS:
        raise PathRefused(f"A path has at most {MAX_PATH_CHARACTERS} characters.")
    try:
        parsed = _ENVIRONMENT.compile(text)
    except (JSONPathError, RecursionError, ValueError) as error:
        raise PathRefused("This is no JSONPath; write one like `$.data.items[0].name`.") from error
    if not isinstance(parsed, JSONPath) or parsed.pseudo_root:
        raise PathRefused("Give one path that begins with `$`.")
    if len(parsed.segments) > MAX_STEPS:
        raise PathRefused(f"A path has at most {MAX_STEPS} steps.")
    if sum(isinstance(segment, JSONPathRecursiveDescentSegment) for segment in parsed.segments) > 1:
        raise PathRefused("A path descends (`..`) at most once.")
    return Path(text, tuple(map(_step, parsed.segments)))


def _step(segment: JSONPathSegment) -> Step:
    if len(segment.selectors) != 1:
        raise PathRefused("Each step of a path chooses one thing: a name, an index, a slice or `*`.")
    [selector] = segment.selectors
    choose: Step
    # Exactly these classes: others of the library do more than choose.
    if type(selector) is NameSelector:
        choose = _named(selector.name)
    elif type(selector) is IndexSelector:
        choose = _at(selector.index)
    elif type(selector) is SliceSelector:
        choose = _sliced(selector.slice)
    elif type(selector) is WildcardSelector:
        choose = _children
    else:
        raise PathRefused("Filters and functions cannot be used in a path here.")
    if isinstance(segment, JSONPathRecursiveDescentSegment):
        return lambda value: _each(choose, _descendants(value))
    return choose


def _each(step: Step, values: Iterator[Any]) -> Iterator[Any]:
    for value in values:
        yield from step(value)


def _named(name: str) -> Step:
    def choose(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return choose


def _at(index: int) -> Step:
    def choose(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return choose


def _sliced(chosen: slice) -> Step:
    def choose(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and chosen.step != 0:
            yield from value[chosen]

    return choose


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _descendants(value: Any) -> Iterator[Any]:
    """The value and everything inside it, parents first; depth is bounded where the answer is read."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed([child for child in _children(current) if isinstance(child, dict | list)]))

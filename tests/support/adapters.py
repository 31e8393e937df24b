"""One pydantic adapter for each type in a process.

FastAPI makes one for every parameter and every answer of every route of every application: half of what it costs to
start one, and hundreds of tests do. An adapter keeps nothing of what goes through it.
"""

from typing import Annotated, Any, get_args, get_origin

from fastapi._compat import v2
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

_made: dict[tuple[Any, str], TypeAdapter[Any]] = {}


def share_adapters() -> None:
    """From now on applications share what they have in common."""
    v2.TypeAdapter = _adapter  # type: ignore[assignment, attr-defined]


def _adapter(kind: Any, *, config: Any = None) -> TypeAdapter[Any]:
    annotation, *about = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    # Texts tell them apart: what has none of its own, such as a function, is named by where it lies in memory.
    key = annotation, repr((about, config))
    if key not in _made:
        made = TypeAdapter(kind, config=config)
        if any(isinstance(one, FieldInfo) and one.default_factory for one in about):
            return made  # only the name of the factory is in the text
        _made[key] = made
    return _made[key]

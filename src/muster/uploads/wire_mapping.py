"""The public JSON names of previews and mappings (API.md, section 5)."""

from typing import Any, Final, Literal

import msgspec
from typing_extensions import TypedDict

from muster.clock import rfc3339
from muster.uploads.decide import Decision
from muster.uploads.mapping import mapping_json
from muster.uploads.mapping_model import KeptMapping
from muster.uploads.preview import Preview
from muster.uploads.readers.model import FileFormat, Guess, Layout
from muster.uploads.templates import MappingPage

MAX_CELL_CHARACTERS: Final = 1_000
"""Of a value in a preview; an ellipsis stands for the rest."""

_ALWAYS: Final = ("format", "compression")
_MEMBERS: Final = {
    FileFormat.CSV: ("encoding", "delimiter", "quote", "escape", "header_row", "decimal_comma"),
    FileFormat.NDJSON: ("encoding", "decimal_comma"),
    FileFormat.JSON: ("encoding", "sheet", "decimal_comma"),
    FileFormat.XLSX: ("sheet", "header_row", "decimal_comma"),
    FileFormat.PARQUET: ("decimal_comma",),
    FileFormat.BATCH: (),
}


class GuessJson(TypedDict):
    value: str | int | bool | None
    confidence: float
    reason: str


class ColumnGuessJson(TypedDict):
    name: str
    field: str | None
    confidence: float
    reason: str


class ProblemJson(TypedDict):
    code: str
    message: str


class MappingJson(TypedDict):
    columns: list[dict[str, Any]]
    keep_others: bool


class DecisionJson(TypedDict):
    by: Literal["user", "auto", "remembered"]
    layout: dict[str, Any]
    mapping: MappingJson


class PreviewJson(TypedDict):
    status: Literal["success"]
    upload_id: str
    upload_status: str
    file_name: str | None
    size_bytes: int
    problem: ProblemJson | None
    layout: dict[str, GuessJson]
    sheets: list[str]
    columns: list[ColumnGuessJson]
    rows: list[list[str | None]]
    mapping: MappingJson
    mapping_by: Literal["auto", "remembered"]
    decision: DecisionJson | None


class KeptMappingJson(TypedDict):
    id: str
    name: str | None
    mapping: MappingJson
    created_at: str
    used_at: str


class KeptMappingAnswer(KeptMappingJson):
    status: Literal["success"]


class MappingsAnswer(TypedDict):
    status: Literal["success"]
    mappings: list[KeptMappingJson]
    next_cursor: str | None
    total: int


def preview_json(preview: Preview) -> bytes:
    """How a file would be read, with every confidence; the first rows with long values cut."""
    detected = preview.detected
    problem: ProblemJson | None = None
    if detected.problem is not None:
        problem = {"code": detected.problem_code or "file_unreadable", "message": detected.problem}
    return msgspec.json.encode(
        {
            "status": "success",
            "upload_id": preview.upload.id,
            "upload_status": preview.upload.status.value,
            "file_name": preview.file.file_name,
            "size_bytes": preview.file.received_bytes,
            "problem": problem,
            "layout": {
                name: _guess_json(detected.guesses.get(name), getattr(detected.layout, name))
                for name in (*_ALWAYS, *_MEMBERS[detected.layout.format])
            },
            "sheets": detected.sheets,
            "columns": [
                {
                    "name": guess.column,
                    "field": guess.field,
                    "confidence": round(guess.confidence, 2),
                    "reason": guess.reason,
                }
                for guess in preview.suggestion.guesses
            ],
            "rows": [[_shown(value) for value in row] for row in detected.sample],
            "mapping": mapping_json(preview.suggestion.mapping),
            "mapping_by": preview.suggestion.by,
            "decision": None if preview.decision is None else _decision_json(preview.decision),
        }
    )


def _guess_json(guess: Guess | None, value: Any) -> dict[str, Any]:
    if guess is None:
        return {
            "value": value,
            "confidence": 0.5,
            "reason": "Nothing in the file tells; this is the default.",
        }
    return {"value": value, "confidence": round(guess.confidence, 2), "reason": guess.reason}


def _shown(value: str | None) -> str | None:
    if value is None or len(value) <= MAX_CELL_CHARACTERS:
        return value
    return value[: MAX_CELL_CHARACTERS - 1] + "\u2026"


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "by": decision.by,
        "layout": _layout_json(decision.layout),
        "mapping": mapping_json(decision.mapping),
    }


def _layout_json(layout: Layout) -> dict[str, Any]:
    members = (*_ALWAYS, *_MEMBERS[layout.format], "columns")
    return {name: getattr(layout, name) for name in members}


def kept_json(kept: KeptMapping) -> dict[str, Any]:
    return {
        "id": kept.id,
        "name": kept.name,
        "mapping": mapping_json(kept.mapping),
        "created_at": rfc3339(kept.created_at),
        "used_at": rfc3339(kept.used_at),
    }


def kept_answer(kept: KeptMapping) -> bytes:
    return msgspec.json.encode({"status": "success", **kept_json(kept)})


def mappings_json(page: MappingPage) -> bytes:
    return msgspec.json.encode(
        {
            "status": "success",
            "mappings": [kept_json(kept) for kept in page.mappings],
            "next_cursor": page.next_cursor.encode() if page.next_cursor else None,
            "total": page.total,
        }
    )

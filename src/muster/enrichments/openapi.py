"""What the OpenAPI page says about each route of enrichment: words, bodies and examples."""

from typing import Any, Final

import msgspec

from muster.records.rules import TESTS
from muster.web.openapi import IDEMPOTENCY_KEY, error_responses, json_body

_BODY: Final = (400, 413, 415)
_ALWAYS: Final = (401, 403, 429, 503)

_STEP: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["provider"],
    "properties": {
        "provider": {"type": "string", "description": "The id of a provider."},
        "connection": {"type": ["string", "null"], "description": "The id of a connection of this provider."},
        "settings": {"type": "object", "description": "What the provider's `settings` schema allows."},
        "inputs": {
            "type": "object",
            "additionalProperties": {"type": ["string", "null"]},
            "description": "Column of the table for each thing it needs; guessed where not said, null leaves it out.",
        },
        "outputs": {
            "type": "object",
            "additionalProperties": {"type": ["string", "null"]},
            "description": "Column each value goes to; null leaves it out.",
        },
    },
    "additionalProperties": False,
}
_TARGET: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["column"],
    "properties": {
        "column": {"type": "string"},
        "policy": {"type": "string", "enum": ["fill_empty", "overwrite"], "default": "fill_empty"},
        "min_confidence": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
        "accept": {
            "oneOf": [*msgspec.json.schema_components(TESTS.values())[1].values(), {"type": "null"}],
            "description": "A test of one value, as rules have; what fails it goes on to the next provider.",
        },
    },
    "additionalProperties": False,
}
_RUN: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["upload_id"],
    "properties": {
        "upload_id": {"type": "string"},
        "name": {"type": ["string", "null"], "minLength": 1, "maxLength": 200},
        "with": {"type": ["array", "null"], "items": {"type": "string"}, "minItems": 1, "maxItems": 20},
        "providers": {"type": ["array", "null"], "items": _STEP, "minItems": 1, "maxItems": 20},
        "targets": {"type": "array", "items": _TARGET, "maxItems": 100},
        "filter": {"type": ["object", "null"], "description": "A filter tree; see docs/api/filters.md."},
        "budget": {"type": ["number", "null"], "minimum": 0, "description": "The most it may cost."},
        "dry_run": {"type": "boolean", "default": False, "description": "Only estimate it."},
        "sample": {"type": "integer", "minimum": 0, "maximum": 200, "default": 50},
        "ask_paid": {"type": "boolean", "default": False},
    },
    "additionalProperties": False,
}
_RUN_EXAMPLE: Final[dict[str, Any]] = {
    "upload_id": "upl_1737000000_0123456789ABCDEFabcdef",
    "with": ["email_hygiene", "phone"],
}

PROVIDERS: Final[dict[str, Any]] = {
    "summary": "List providers",
    "description": "What each needs, gives and costs, and a JSON Schema of its settings.",
    "operation_id": "listProviders",
    "responses": error_responses(*_ALWAYS),
}
TERMS: Final[dict[str, Any]] = {
    "summary": "Say what a provider needs, gives and costs under some settings",
    "description": "For those whose settings decide it, such as `lookup`. Nothing is asked and nothing is kept.",
    "operation_id": "getProviderTerms",
    "responses": error_responses(*_BODY, *_ALWAYS),
    "openapi_extra": json_body(
        {
            "type": "object",
            "required": ["provider"],
            "properties": {
                "provider": {"type": "string"},
                "settings": {"type": "object", "additionalProperties": True},
            },
            "additionalProperties": False,
        },
        {"provider": "pretend", "settings": {"price_micros": 2000}},
    ),
}
ESTIMATE: Final[dict[str, Any]] = {
    "summary": "Say what a run would do and cost",
    "description": "Counts rows and different inputs, tries a sample, starts nothing.",
    "operation_id": "estimateEnrichment",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS),
    "openapi_extra": json_body(_RUN, _RUN_EXAMPLE),
}
CREATE: Final[dict[str, Any]] = {
    "summary": "Start a run",
    "description": "The answer comes before the work; follow the run under `/events`. With `dry_run` the answer is an "
    "estimate, with status 200.",
    "operation_id": "startEnrichment",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {**json_body(_RUN, _RUN_EXAMPLE), "parameters": [IDEMPOTENCY_KEY]},
}
LIST: Final[dict[str, Any]] = {
    "summary": "List runs",
    "description": "Newest first.",
    "operation_id": "listEnrichments",
    "responses": error_responses(400, *_ALWAYS),
}
GET: Final[dict[str, Any]] = {
    "summary": "Get a run",
    "operation_id": "getEnrichment",
    "responses": error_responses(404, *_ALWAYS),
}
EVENTS: Final[dict[str, Any]] = {
    "summary": "Follow a run",
    "description": "Server-sent events `progress`, `state` and `done`; `Last-Event-ID` replays what was missed.",
    "operation_id": "followEnrichment",
    "responses": {
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **error_responses(404, *_ALWAYS),
    },
}
CANCEL: Final[dict[str, Any]] = {
    "summary": "Cancel a run",
    "description": "It stops within two seconds and adds nothing; what was answered stays in the cache.",
    "operation_id": "cancelEnrichment",
    "responses": error_responses(404, 409, *_ALWAYS),
}
PAUSE: Final[dict[str, Any]] = {
    "summary": "Pause a run",
    "operation_id": "pauseEnrichment",
    "responses": error_responses(404, 409, *_ALWAYS),
}
RESUME: Final[dict[str, Any]] = {
    "summary": "Go on with a paused run",
    "operation_id": "resumeEnrichment",
    "responses": error_responses(404, 409, *_ALWAYS),
}
RETRY: Final[dict[str, Any]] = {
    "summary": "Ask again about what failed",
    "description": "A new run of the same plan over the rows that failed, or were left for want of budget.",
    "operation_id": "retryEnrichment",
    "responses": error_responses(*_BODY, 404, 409, *_ALWAYS, 507),
    "openapi_extra": {
        **json_body(
            {
                "type": "object",
                "properties": {
                    "codes": {
                        "type": ["array", "null"],
                        "items": {"type": "string"},
                        "minItems": 1,
                        "maxItems": 50,
                    },
                    "step": {"type": ["integer", "null"], "minimum": 0, "maximum": 19},
                    "budget": {"type": ["number", "null"], "minimum": 0},
                },
                "additionalProperties": False,
            },
            {"codes": ["timeout"]},
        ),
        "parameters": [IDEMPOTENCY_KEY],
    },
}
CACHE: Final[dict[str, Any]] = {
    "summary": "Count the answers in the cache",
    "operation_id": "countEnrichmentAnswers",
    "responses": error_responses(*_ALWAYS),
}
ERASE: Final[dict[str, Any]] = {
    "summary": "Erase answers from the cache",
    "description": "Every answer asked with, or containing, one of `values`; with `all` every answer.",
    "operation_id": "eraseEnrichmentAnswers",
    "responses": error_responses(*_BODY, *_ALWAYS, 507),
    "openapi_extra": json_body(
        {
            "type": "object",
            "properties": {
                "values": {"type": "array", "items": {"type": "string", "maxLength": 1000}, "maxItems": 1000},
                "all": {"type": "boolean", "default": False},
            },
            "additionalProperties": False,
        },
        {"values": ["ada@example.com"]},
    ),
}

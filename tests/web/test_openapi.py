"""The OpenAPI document says what the application does."""

import json
from typing import Any

import pytest

from muster.accounts.model import Scope
from muster.app import PUBLIC_PATHS
from tests.support.app import RunningApp

METHODS = {"get", "put", "post", "delete", "patch", "options"}


@pytest.fixture(scope="module")
def document(app: RunningApp) -> dict[str, Any]:
    made: dict[str, Any] = app.client.get("/api/openapi.json").json()
    return made


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, of_path in document["paths"].items()
        for method, operation in of_path.items()
    ]


def test_it_is_openapi_and_anyone_may_read_it(app: RunningApp, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    page = app.client.get("/docs")
    assert page.status_code == 200
    assert "script" not in page.headers["content-security-policy"]
    assert "<script" not in page.text
    for path, _, _ in operations(document):
        assert path in page.text


def test_it_describes_every_route_that_is_not_a_page(app: RunningApp, document: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, method, _ in operations(document)}
    served = {
        (route.path, method)
        for route in app.routes
        if route.include_in_schema
        for method in route.methods or ()
    }
    assert described == served
    assert not {route.path for route in app.routes if not route.include_in_schema} - PUBLIC_PATHS


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for path, method, operation in operations(document):
        assert method in METHODS
        assert operation.get("summary") or operation.get("description"), (method, path)


def test_guarded_routes_name_their_scope_and_public_ones_ask_for_nothing(document: dict[str, Any]) -> None:
    known = {scope.value for scope in Scope}
    for path, method, operation in operations(document):
        if path in PUBLIC_PATHS:
            assert "security" not in operation, (method, path)
        else:
            [wanted] = operation["security"]
            assert set(wanted["bearer"]) <= known, (method, path)
    assert document["paths"]["/api/audience/batch-upload"]["post"]["security"] == [
        {"bearer": ["uploads:write"]}
    ]


def test_validation_failures_are_400_here(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in json.dumps(document)
    assert not [1 for _, _, operation in operations(document) if "422" in operation["responses"]]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for part in value.values() for found in references(part)]
        return [found for part in value for found in references(part)] if isinstance(value, list) else []

    found = references(document)
    assert found
    for reference in found:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_an_inner_argument_never_becomes_a_parameter(document: dict[str, Any]) -> None:
    # A default in a dependency's signature is a query parameter to FastAPI: a limit was raised that way.
    allowed = {
        "limit", "cursor", "offset", "include", "formula_safe", "upload_name", "fields", "on_invalid",
        "name", "status", "source", "created_after", "created_before", "has_errors", "Idempotency-Key",
        "upload_id", "key_id", "rule_id", "mapping_id",
        # files
        "auto", "file_name", "Tus-Resumable", "Upload-Checksum", "Upload-Defer-Length", "Upload-Length",
        "Upload-Metadata", "Upload-Offset",
        # how a file is read, and what is downloaded
        "compression", "decimal_comma", "delimiter", "encoding", "escape", "format", "header_row", "part",
        "quote", "sheet",
        # windows of tables
        "columns", "exact_total", "filter", "sort", "view",
        # rejects of one cause
        "code", "field",
        # signing in, sessions, the log of one's own requests
        "error", "iss", "method", "next", "path", "request_id", "session_id", "state", "via",
        # what is deleted with it, where a cell comes from, runs of enrichment
        "cascade", "row_id", "run_id", "connection_id",
        # segments and probable matches
        "Prefer", "by", "from", "kind", "match_id", "other_id", "other_version", "row", "segment_id", "since", "tag",
        "to", "version",
        # exports and suppressions
        "If-Range", "Range", "destination", "export_connection_id", "export_id", "outcome", "schedule_id",
        "suppression_id",
    }  # fmt: skip
    for path, method, operation in operations(document):
        named = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert named <= allowed, (method, path)


def test_posts_that_remember_their_answer_say_so(document: dict[str, Any]) -> None:
    remembering = {
        path
        for path, _, operation in operations(document)
        if "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", ())}
    }
    assert remembering == {
        "/api/audience/batch-upload",
        "/api/audience/batch-upload/bulk",
        "/api/audience/batch-upload/{upload_id}/mapping",
        "/api/audience/batch-upload/{upload_id}/rejects/fix",
        "/api/audience/batch-upload/{upload_id}/retry",
        "/api/audience/batch-upload/{upload_id}/rows",
        "/api/audience/batch-upload/{upload_id}/session-token",
        "/api/audience/batch-upload/{upload_id}/undo",
        "/api/audience/enrichments",
        "/api/audience/enrichments/connections",
        "/api/audience/enrichments/{run_id}/retry-failed",
        "/api/audience/exports",
        "/api/audience/exports/connections",
        "/api/audience/exports/connections/{export_connection_id}/try",
        "/api/audience/exports/preview",
        "/api/audience/exports/schedules",
        "/api/audience/exports/schedules/{schedule_id}/run",
        "/api/audience/exports/{export_id}/retry-failed",
        "/api/audience/files",
        "/api/audience/identity/matches",
        "/api/audience/rules",
        "/api/audience/segments",
        "/api/audience/suppressions",
        "/api/audience/suppressions/check",
        "/api/keys",
        "/api/keys/{key_id}/roll",
    }

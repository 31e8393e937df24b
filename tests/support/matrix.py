"""What the matrix of two users needs to know of each route: a body, and who may ask it at all."""

from typing import Any

from tests.support.app import BATCH, UNKNOWN_UPLOAD

FILES = "/api/audience/files"
RULES = "/api/audience/rules"
MAPPINGS = "/api/audience/mappings"
SEGMENTS = "/api/audience/segments"
MATCHES = "/api/audience/identity/matches"
COMPARED = [{"column": "email", "kind": "email"}, {"column": "note", "kind": "text"}]
PAIR = {
    "a": {"upload_id": UNKNOWN_UPLOAD, "row": 0},
    "b": {"upload_id": UNKNOWN_UPLOAD, "row": 1},
    "same": True,
}
ENRICHMENTS = "/api/audience/enrichments"
CONNECTIONS = f"{ENRICHMENTS}/connections"
EXPORTS = "/api/audience/exports"
SUPPRESSIONS = "/api/audience/suppressions"
ONE = f"{BATCH}/{{upload_id}}"
MARK = "belongs-to-ana"
PARTS = ("preview", "results", "results?part=rejected", "rejects", "rows", "profile")
RULE = {"name": "b", "field": "email", "test": {"kind": "required"}}
SERVICE = {
    "url": "https://api.example.com/{email}",
    "needs": [{"name": "email", "title": "E-mail"}],
    "outputs": [{"name": "name", "path": "$.name"}],
}

HOOK = {"destination": "http", "name": "x", "settings": {"url": "https://hooks.example.com/in"}}

# What a request needs beside its path to reach the question whose thing it is.
BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", ONE): {"upload_name": "taken over"},
    ("POST", "/api/keys/{key_id}/roll"): None,
    ("PATCH", "/api/keys/{key_id}"): {"name": "taken over"},
    ("POST", BATCH): {"upload_name": "x", "records": [{"email": "b@example.com"}]},
    ("POST", "/api/audience/validate"): {"upload_name": "x", "records": [{"email": "b@example.com"}]},
    ("POST", f"{BATCH}/bulk"): {"operation": "delete", "upload_ids": [UNKNOWN_UPLOAD]},
    ("POST", FILES): None,
    ("POST", f"{FILES}/tus"): None,
    ("PATCH", f"{FILES}/tus/{{upload_id}}"): None,
    ("POST", f"{ONE}/cancel"): None,
    ("POST", f"{ONE}/pause"): None,
    ("POST", f"{ONE}/resume"): None,
    ("POST", f"{ONE}/reprocess"): None,
    ("POST", f"{ONE}/retry"): {"rows": [{"_row": 1, "email": "b@example.com"}]},
    ("POST", f"{ONE}/rejects/fix"): {"code": "identity_missing", "actions": [{"action": "drop"}]},
    ("POST", f"{ONE}/session-token"): None,
    ("PUT", f"{ONE}/mapping"): {"mapping": {"columns": []}, "template": "taken over"},
    ("POST", f"{ONE}/rows/query"): {"filter": {"field": "email", "op": "is_not_empty"}},
    ("PATCH", f"{ONE}/rows"): {"edits": [{"row": 0, "set": {"email": "taken@example.com"}}]},
    ("POST", f"{ONE}/undo"): {},
    ("POST", RULES): RULE,
    ("PATCH", f"{RULES}/{{rule_id}}"): {"enabled": False},
    ("POST", f"{RULES}/try"): {"rule": RULE, "values": ["x"]},
    ("PUT", f"{RULES}/order"): {"rule_ids": []},
    ("PATCH", f"{MAPPINGS}/{{mapping_id}}"): {"name": "taken over"},
    ("POST", SEGMENTS): {"name": "x", "uploads": [UNKNOWN_UPLOAD]},
    ("POST", f"{SEGMENTS}/preview"): {"uploads": [UNKNOWN_UPLOAD]},
    ("PATCH", f"{SEGMENTS}/{{segment_id}}"): {"name": "taken over"},
    ("POST", f"{SEGMENTS}/{{segment_id}}/members"): {"include": [{"email": "taken@example.com"}]},
    ("POST", f"{SEGMENTS}/{{segment_id}}/refresh"): None,
    ("POST", f"{ENRICHMENTS}/providers/terms"): {"provider": "pretend", "settings": {}},
    ("POST", f"{ENRICHMENTS}/estimate"): {"upload_id": UNKNOWN_UPLOAD, "with": ["email_hygiene"]},
    ("POST", ENRICHMENTS): {"upload_id": UNKNOWN_UPLOAD, "with": ["email_hygiene"]},
    ("POST", f"{ENRICHMENTS}/{{run_id}}/cancel"): None,
    ("POST", f"{ENRICHMENTS}/{{run_id}}/pause"): None,
    ("POST", f"{ENRICHMENTS}/{{run_id}}/resume"): None,
    ("POST", f"{ENRICHMENTS}/{{run_id}}/retry-failed"): {},
    ("POST", CONNECTIONS): {"provider": "http_json", "name": "x", "settings": SERVICE},
    ("PATCH", f"{CONNECTIONS}/{{connection_id}}"): {"name": "taken over"},
    ("POST", f"{CONNECTIONS}/{{connection_id}}/try"): {"input": {"email": "b@example.com"}},
    ("POST", EXPORTS): {"upload_id": UNKNOWN_UPLOAD},
    ("POST", f"{EXPORTS}/preview"): {"upload_id": UNKNOWN_UPLOAD},
    ("POST", f"{EXPORTS}/{{export_id}}/cancel"): None,
    ("POST", f"{EXPORTS}/{{export_id}}/retry-failed"): {},
    ("POST", f"{EXPORTS}/{{export_id}}/dismiss"): {"all": True},
    ("POST", f"{EXPORTS}/connections"): HOOK,
    ("PATCH", f"{EXPORTS}/connections/{{export_connection_id}}"): {"name": "taken over"},
    ("POST", f"{EXPORTS}/connections/{{export_connection_id}}/try"): {},
    ("POST", f"{EXPORTS}/schedules"): {"every_minutes": 60, "export": {"upload_id": UNKNOWN_UPLOAD}},
    ("PATCH", f"{EXPORTS}/schedules/{{schedule_id}}"): {"name": "taken over"},
    ("POST", f"{EXPORTS}/schedules/{{schedule_id}}/run"): None,
    ("POST", SUPPRESSIONS): {"values": ["b@example.com"]},
    ("POST", f"{SUPPRESSIONS}/check"): {"values": ["b@example.com"]},
    ("DELETE", SUPPRESSIONS): {"values": ["b@example.com"]},
    ("POST", "/api/audience/identity/duplicates"): {"uploads": [UNKNOWN_UPLOAD], "dedupe": {"by": "email"}},
    ("POST", MATCHES): {"uploads": [UNKNOWN_UPLOAD], "compare": COMPARED},
    ("POST", f"{MATCHES}/{{match_id}}/decisions"): {"decisions": [PAIR]},
    ("POST", "/api/keys"): {"name": "x"},
    ("POST", "/api/auth/sign-out"): {},
    ("POST", "/api/auth/password"): {"new_password": "correct horse battery"},
}
# Which of a user's browsers these are is a matter for browsers: a key is refused before anybody looks.
SESSION_ONLY = {"/api/auth/sessions", "/api/auth/sessions/{session_id}"}
# Where an upload's session token may look: at its own upload.
OPEN_TO_LINK = {("POST", f"{ONE}/rows/query")} | {
    (method, ONE + part)
    for method in ("GET", "HEAD")
    for part in (
        "",
        "/rejects",
        "/events",
        "/preview",
        "/results",
        "/rows",
        "/profile",
        "/changes",
        "/issues",
    )
}
# It may also ask who it is, which names no upload.
ASKS_ITSELF = {("GET", "/api/auth/me"), ("HEAD", "/api/auth/me")}

"""The fake server: a route table over a dictionary of uploads."""

import csv
import hashlib
import io
import re
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import msgspec

from .._errors import Conflict, InvalidRequest, MusterApiError, NotFound, NotSignedIn
from .._model import MIB
from ._bodies import FakeBatch, batch_of, check_name, decoded
from ._records import FakeReject, problem_of

_UPLOADS = "/api/audience/batch-upload"
_ONE = re.compile(rf"{_UPLOADS}/(?P<upload_id>upl_\w+)")
_REJECTS = re.compile(rf"{_UPLOADS}/(?P<upload_id>upl_\w+)/rejects")
_MOST_ERRORS = 100


class CutOff(httpx2.ReadError):
    """The fake was told to cut this connection."""


@dataclass(frozen=True, slots=True)
class FakeUpload:
    """One upload as the fake keeps it: each record's exact JSON, and those it did not take."""

    upload_id: str
    upload_name: str
    created_at: datetime
    records: tuple[bytes, ...]
    fields: tuple[str, ...]
    rejects: tuple[FakeReject, ...]

    @property
    def rows_received(self) -> int:
        return len(self.records) + len(self.rejects)

    def summary(self, status_member: str) -> dict[str, Any]:
        return {
            "upload_id": self.upload_id,
            "upload_name": self.upload_name,
            "created_at": self.created_at.isoformat().replace("+00:00", "Z"),
            "rows_received": self.rows_received,
            "rows_accepted": len(self.records),
            "rows_rejected": len(self.rejects),
            "source": "api",
            "fields": list(self.fields),
            "size_bytes": sum(map(len, self.records)),
            status_member: "uploaded",
        }


class FakeMuster:
    """A Muster server in memory with one user, whose API key is `api_key`.

    max_batch_size, max_payload_bytes, max_decoded_bytes: its limits, as in the settings of a real one.
    """

    api_key = "muster_fakefake_" + "0" * 43

    def __init__(
        self,
        *,
        max_batch_size: int = 50_000,
        max_payload_bytes: int = 5 * MIB,
        max_decoded_bytes: int = 64 * MIB,
    ) -> None:
        self._max_batch_size = max_batch_size
        self._max_payload_bytes = max_payload_bytes
        self._max_decoded_bytes = max_decoded_bytes
        self._uploads: dict[str, FakeUpload] = {}
        self._answered: dict[str, tuple[str, httpx2.Response]] = {}
        self._failures: deque[Callable[[httpx2.Request], httpx2.Response]] = deque()
        self.requests: list[httpx2.Request] = []

    @property
    def transport(self) -> httpx2.BaseTransport:
        """To be given to `Client(transport=...)`."""
        return httpx2.MockTransport(self.answer)

    @property
    def uploads(self) -> tuple[FakeUpload, ...]:
        """What is stored, oldest first."""
        return tuple(self._uploads.values())

    def fail_next(self, status: int, *, times: int = 1, retry_after_seconds: int | None = None) -> None:
        """Answer the next `times` requests with this status instead of doing them."""

        def failing(_request: httpx2.Request) -> httpx2.Response:
            headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
            message = "The fake was told to fail."
            return _answer(status, {"status": "error", "code": f"told_{status}", "message": message}, headers)

        self._failures.extend([failing] * times)

    def cut_next(self, *, after_storing: bool) -> None:
        """Cut the next request's connection, before it is done or after, but always before the answer."""

        def cutting(request: httpx2.Request) -> httpx2.Response:
            if after_storing:
                self._routed(request)
            raise CutOff("The fake was told to cut the connection.")

        self._failures.append(cutting)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """The answer to one request; raises CutOff when told to by `cut_next`."""
        request.read()
        self.requests.append(request)
        if self._failures:
            return self._failures.popleft()(request)
        return self._routed(request)

    def _routed(self, request: httpx2.Request) -> httpx2.Response:
        try:
            if request.url.path.startswith("/api/health"):
                return _answer(200, {"status": "success"})
            if request.headers.get("Authorization") != f"Bearer {self.api_key}":
                raise NotSignedIn(
                    "Send a valid API key as `Authorization: Bearer muster_...`.",
                    status=401,
                    code="not_signed_in",
                )
            return self._idempotent(request)
        except MusterApiError as error:
            return _refusal(error)

    def _idempotent(self, request: httpx2.Request) -> httpx2.Response:
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if key is None:
            return self._done(request)
        digest = hashlib.sha256(str(request.url).encode() + request.content).hexdigest()
        if key in self._answered:
            known, answer = self._answered[key]
            if known != digest:
                raise Conflict(
                    "This Idempotency-Key was used for another body.",
                    status=409,
                    code="idempotency_key_reused",
                )
            headers = {**answer.headers, "Idempotency-Replayed": "true"}
            return httpx2.Response(answer.status_code, headers=headers, content=answer.content)
        answer = self._done(request)
        self._answered[key] = digest, answer
        return answer

    def _done(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        routes: dict[tuple[str, str], Callable[[httpx2.Request], httpx2.Response]] = {
            ("POST", _UPLOADS): self._create,
            ("GET", _UPLOADS): self._list,
            ("POST", f"{_UPLOADS}/bulk"): self._bulk,
            ("POST", "/api/audience/validate"): self._validate,
        }
        if (request.method, path) in routes:
            return routes[request.method, path](request)
        if request.method == "GET" and (match := _REJECTS.fullmatch(path)):
            return _lines([one.as_row() for one in self._find(match["upload_id"]).rejects])
        of_one: dict[str, Callable[[httpx2.Request, FakeUpload], httpx2.Response]] = {
            "GET": _read,
            "PATCH": self._rename,
            "DELETE": self._delete,
        }
        if (match := _ONE.fullmatch(path)) and request.method in of_one:
            return of_one[request.method](request, self._find(match["upload_id"]))
        raise NotFound("There is nothing at this address.", status=404, code="not_found")

    def _find(self, upload_id: str) -> FakeUpload:
        if upload_id not in self._uploads:
            raise NotFound("There is no such upload, or it was deleted.", status=404, code="upload_not_found")
        return self._uploads[upload_id]

    def _create(self, request: httpx2.Request) -> httpx2.Response:
        batch, good, bad = self._checked(request)
        if bad and batch.on_invalid != "skip":
            raise _with_errors(bad)
        now = datetime.now(UTC)
        upload = FakeUpload(
            upload_id=f"upl_{int(now.timestamp())}_{secrets.token_hex(11)}",
            upload_name=batch.upload_name,
            created_at=now,
            records=tuple(good),
            fields=tuple(batch.fields or _keys_of(good)),
            rejects=tuple(bad),
        )
        self._uploads[upload.upload_id] = upload
        receipt = {
            "status": "success",
            "upload_id": upload.upload_id,
            "session_token": f"sess_{int(now.timestamp())}_{secrets.token_hex(21)}0",
            "message": "Batch upload successful",
        }
        return _answer(200, {**receipt, **_counted(good, bad)})

    def _validate(self, request: httpx2.Request) -> httpx2.Response:
        _, good, bad = self._checked(request)
        return _answer(200, {"status": "success", "valid": not bad, **_counted(good, bad)})

    def _checked(self, request: httpx2.Request) -> tuple[FakeBatch, list[bytes], list[FakeReject]]:
        body = decoded(
            request.content,
            request.headers.get("Content-Encoding"),
            max_wire_bytes=self._max_payload_bytes,
            max_decoded_bytes=self._max_decoded_bytes,
        )
        media = request.headers.get("Content-Type", "").partition(";")[0]
        batch = batch_of(body, is_ndjson=media == "application/x-ndjson", query=_query(request))
        received = len(batch.records)
        if received > self._max_batch_size:
            raise InvalidRequest(
                f"The batch has {received} records and the limit is {self._max_batch_size}.",
                status=400,
                code="records_too_many",
            )
        problems = [problem_of(row, raw) for row, raw in enumerate(batch.records)]
        good = [raw for raw, problem in zip(batch.records, problems, strict=True) if problem is None]
        return batch, good, [problem for problem in problems if problem is not None]

    def _list(self, request: httpx2.Request) -> httpx2.Response:
        query = _query(request)
        found = [one for one in reversed(self.uploads) if query.get("name", "") in one.upload_name]
        if query.get("status", "uploaded") != "uploaded":
            found = []
        start, limit = int(query.get("cursor", 0)), int(query.get("limit", 100))
        page = found[start : start + limit]
        more = str(start + limit) if start + limit < len(found) else None
        return _answer(
            200,
            {
                "status": "success",
                "uploads": [one.summary("status") for one in page],
                "next_cursor": more,
                "total": len(found),
            },
        )

    def _rename(self, request: httpx2.Request, upload: FakeUpload) -> httpx2.Response:
        name = check_name(msgspec.json.decode(request.content).get("upload_name"))
        self._uploads[upload.upload_id] = replace(upload, upload_name=name)
        return _answer(200, {"status": "success", "upload_id": upload.upload_id, "upload_name": name})

    def _delete(self, _request: httpx2.Request, upload: FakeUpload) -> httpx2.Response:
        del self._uploads[upload.upload_id]
        return _answer(200, {"status": "success", "message": "Batch upload deleted successfully"})

    def _bulk(self, request: httpx2.Request) -> httpx2.Response:
        asked = msgspec.json.decode(request.content)
        if asked.get("operation") != "delete":
            raise InvalidRequest("The fake only deletes in bulk.", status=400, code="operation_unknown")
        results = []
        for upload_id in asked["upload_ids"]:
            if self._uploads.pop(upload_id, None) is None:
                why = {"code": "upload_not_found", "message": "There is no such upload, or it was deleted."}
                results.append({"upload_id": upload_id, "status": "error", **why})
            else:
                results.append({"upload_id": upload_id, "status": "success"})
        return _answer(200, {"status": "success", "results": results})


def _read(request: httpx2.Request, upload: FakeUpload) -> httpx2.Response:
    query = _query(request)
    start = int(query.get("offset", 0))
    end = start + int(query["limit"]) if "limit" in query else None
    records = upload.records[start:end]
    accept = request.headers.get("Accept", "")
    if accept == "application/x-ndjson":
        body = b"".join(raw + b"\n" for raw in records)
        return httpx2.Response(200, headers={"Content-Type": accept}, content=body)
    if accept == "text/csv":
        return _as_csv(upload, records)
    answer = {"status": "success", **upload.summary("upload_status"), "total": len(upload.records)}
    if query.get("include") != "none":
        answer["records"] = [msgspec.Raw(raw) for raw in records]
    return _answer(200, answer)


def _as_csv(upload: FakeUpload, records: tuple[bytes, ...]) -> httpx2.Response:
    text = io.StringIO()
    rows = csv.DictWriter(text, upload.fields, extrasaction="ignore")
    rows.writeheader()
    rows.writerows(msgspec.json.decode(raw) for raw in records)
    return httpx2.Response(
        200, headers={"Content-Type": "text/csv; charset=utf-8"}, content=text.getvalue().encode()
    )


def _counted(good: list[bytes], bad: list[FakeReject]) -> dict[str, Any]:
    return {
        "rows_received": len(good) + len(bad),
        "rows_accepted": len(good),
        "rows_rejected": len(bad),
        "errors": [one.as_error() for one in bad[:_MOST_ERRORS]],
        "errors_total": len(bad),
    }


class _WithErrors(InvalidRequest):
    """400 with rows: carries them ready for the wire."""

    wire: Mapping[str, Any] = {}


def _with_errors(bad: list[FakeReject]) -> _WithErrors:
    error = _WithErrors(
        f"{len(bad)} of the records cannot be used; `errors` names each. Nothing was stored.",
        status=400,
        code="records_invalid",
    )
    error.wire = {"errors": [one.as_error() for one in bad[:_MOST_ERRORS]], "errors_total": len(bad)}
    return error


def _keys_of(records: list[bytes]) -> list[str]:
    return list(dict.fromkeys(key for raw in records for key in msgspec.json.decode(raw)))


def _query(request: httpx2.Request) -> dict[str, str]:
    return dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))


def _refusal(error: MusterApiError) -> httpx2.Response:
    wire = error.wire if isinstance(error, _WithErrors) else {"errors": [], "errors_total": 0}
    body = {"status": "error", "message": error.message, "code": error.code, "request_id": "req_fake", **wire}
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    return _answer(error.status or 500, body, headers)


def _answer(
    status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    return httpx2.Response(
        status,
        headers={"Content-Type": "application/json", "X-Request-Id": "req_fake", **(headers or {})},
        content=msgspec.json.encode(body),
    )


def _lines(rows: list[dict[str, Any]]) -> httpx2.Response:
    content = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    return httpx2.Response(200, headers={"Content-Type": "application/x-ndjson"}, content=content)

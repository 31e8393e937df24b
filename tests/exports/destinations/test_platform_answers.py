"""What answers of Google and Meta mean: whose fault it is, what becomes of the rows, and what the export is then.

Sources: developers.google.com/data-manager/api/devguides/concepts/errors (google.rpc.Status with ErrorInfo, BadRequest
and a reason for each violation) and developers.facebook.com/docs/graph-api/guides/error-handling (codes 1, 2, 4, 17, 32,
613, 800xx: later; 100: the parameters; 190: the token; 10, 200: permissions).
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from muster.errors import InputError, MusterError, Unavailable
from muster.exports import deliver_rows
from muster.exports.connections import create_connection, try_connection
from muster.exports.deliver import deliver
from muster.exports.destination import Batch, BatchRefused, Call, Operation, OutColumn, RowDestination
from muster.exports.destinations.google_data import AudienceSettings, GoogleConnection, GoogleDataManager
from muster.exports.destinations.meta_custom_audiences import (
    CustomAudienceSettings,
    MetaConnection,
    MetaCustomAudiences,
)
from muster.exports.model import Export, ExportStatus, Outcome
from muster.exports.platforms.fields import Field
from muster.exports.requests import ConnectionBody
from tests.exports.destinations.servers import Answer, Asked, new_service_account, serving
from tests.exports.exporting import Exports, assert_adds_up, numbered

TOKEN = (200, {"access_token": "ya29.token", "expires_in": 3599, "token_type": "Bearer"})
TAKEN = (200, {"requestId": "r"})
ROWS = Batch(
    "exp_x-u0",
    Operation.UPSERT,
    pa.record_batch({"Email": pa.array([f"{number:064x}" for number in range(4)], pa.large_string())}),
)
COLUMNS = (OutColumn("Email", Field.EMAIL, is_key=True),)


class Script:
    """Answers requests for tokens with `token`, all others with what is in `answers`, then with `always`."""

    def __init__(self, always: Answer) -> None:
        self.token: Answer = TOKEN
        self.answers: list[Answer] = []
        self.always = always
        self.asked: list[Asked] = []

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/token":
            return self.token
        self.asked.append(asked)
        return self.answers.pop(0) if self.answers else self.always


@pytest.fixture
def google() -> Iterator[tuple[Script, Call]]:
    script = Script(TAKEN)
    with serving(script.answer) as address:
        account, _ = new_service_account(f"{address}/token")
        call = Call(
            AudienceSettings(account_id="1", audience_id="2", terms_accepted=True),
            GoogleConnection(service_account=SecretStr(account), api_url=address),
            "exp_x",
            "x",
            COLUMNS,
            allow_private_addresses=True,
        )
        yield script, call
        call.close()


@pytest.fixture
def meta() -> Iterator[tuple[Script, Call]]:
    script = Script((200, {"num_received": 4, "num_invalid_entries": 0}))
    with serving(script.answer) as address:
        call = Call(
            CustomAudienceSettings(audience_id="4711"),
            MetaConnection(access_token=SecretStr("EAA"), api_url=address),
            "exp_x",
            "x",
            COLUMNS,
            allow_private_addresses=True,
        )
        yield script, call
        call.close()


def google_error(
    status: int, name: str, *violations: dict[str, str], reason: str | None = None
) -> tuple[int, Any]:
    details: list[Any] = []
    if reason is not None:
        details.append({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "x"})
    if violations:
        details.append(
            {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": list(violations)}
        )
    return status, {
        "error": {"code": status, "status": name, "message": f"About {name}.", "details": details}
    }


def meta_error(code: int, status: int = 400, **more: Any) -> tuple[int, Any]:
    return status, {
        "error": {"code": code, "message": f"(#{code}) Said Meta", "type": "OAuthException", **more}
    }


def raised(destination: RowDestination, call: Call) -> MusterError | BatchRefused:
    with pytest.raises((MusterError, BatchRefused)) as found:
        destination.deliver(ROWS, call)
    assert isinstance(found.value, MusterError | BatchRefused)
    return found.value


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (google_error(401, "UNAUTHENTICATED"), "destination_refused"),
        (google_error(403, "PERMISSION_DENIED"), "destination_refused"),
        (google_error(404, "NOT_FOUND"), "destination_refused"),
        (google_error(400, "INVALID_ARGUMENT", reason="TERMS_AND_CONDITIONS_NOT_SIGNED"), "destination_refused"),
        (google_error(400, "INVALID_ARGUMENT", {"field": "destinations[0].product_destination_id", "description": "No such audience.", "reason": "INVALID_DESTINATION"}), "destination_refused"),
        (google_error(429, "RESOURCE_EXHAUSTED"), "destination_unavailable"),
        (google_error(500, "INTERNAL"), "destination_unavailable"),
        (google_error(503, "UNAVAILABLE"), "destination_unavailable"),
        (google_error(504, "DEADLINE_EXCEEDED"), "destination_unavailable"),
        ((302, {}), "destination_refused"),
        ((418, "not an object"), "destination_refused"),
        ((400, {"error": "text"}), "destination_refused"),
        ((400, {"error": {"details": 7}}), "destination_refused"),
        ((400, {"error": {"details": [{"fieldViolations": 7}, 8, {"fieldViolations": ["x"], "reason": {}}]}}), "destination_refused"),
    ],
)  # fmt: skip
def test_what_google_says_of_everything_ends_the_export_or_is_tried_later(
    google: tuple[Script, Call], answer: Answer, code: str
) -> None:
    script, call = google
    script.always = answer
    error = raised(GoogleDataManager(), call)
    assert isinstance(error, MusterError)
    assert error.error_code == code
    assert isinstance(error, Unavailable) is (code == "destination_unavailable")


@pytest.mark.parametrize(
    ("field", "rows"),
    [
        ("audience_members.audience_members[2].user_data.user_identifiers[0].email_address", (2,)),
        ("audienceMembers[3].userData", (3,)),
        ("audience_members[0]", (0,)),
        ("encoding", ()),
    ],
)
def test_members_google_names_are_the_ones_to_blame(
    google: tuple[Script, Call], field: str, rows: tuple[int, ...]
) -> None:
    script, call = google
    wrong = {"field": field, "description": "No SHA-256.", "reason": "INVALID_SHA256_FORMAT"}
    script.always = google_error(400, "INVALID_ARGUMENT", wrong)
    refused = raised(GoogleDataManager(), call)
    assert isinstance(refused, BatchRefused)
    assert (refused.refusal.code, refused.refusal.message, refused.rows) == (
        "invalid_sha256_format", "No SHA-256.", rows,
    )  # fmt: skip


def test_one_named_member_fails_and_the_others_are_sent_again_without_it(google: tuple[Script, Call]) -> None:
    script, call = google
    wrong = {"field": "audience_members[1]", "description": "No.", "reason": "INVALID_AUDIENCE_MEMBER"}
    script.answers = [google_error(400, "INVALID_ARGUMENT", wrong)]
    refused = deliver(GoogleDataManager(), ROWS, call)
    assert list(refused) == [1]
    assert [len(asked.json["audienceMembers"]) for asked in script.asked] == [4, 3]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}), "destination_refused"),
        ((401, {"error": "invalid_client"}), "destination_refused"),
        ((200, {"no": "token"}), "destination_refused"),
        ((503, {}), "destination_unavailable"),
        ((429, {}), "destination_unavailable"),
    ],
)  # fmt: skip
def test_a_service_account_google_no_longer_knows_is_said_so_and_nothing_is_sent(
    google: tuple[Script, Call], answer: Answer, code: str
) -> None:
    script, call = google
    script.token = answer
    error = raised(GoogleDataManager(), call)
    assert isinstance(error, MusterError)
    assert error.error_code == code
    assert script.asked == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        *((meta_error(code), "destination_unavailable") for code in (1, 2, 4, 17, 32, 341, 368, 613, 80003, 80014)),
        (meta_error(190), "destination_refused"),
        (meta_error(190, 401, error_subcode=463), "destination_refused"),
        (meta_error(10, 403), "destination_refused"),
        (meta_error(200, 403), "destination_refused"),
        (meta_error(294), "destination_refused"),
        (meta_error(100, error_subcode=33), "destination_refused"),
        (meta_error(100, error_subcode=1713230), "destination_refused"),
        (meta_error(2, 500), "destination_unavailable"),
        ((503, {}), "destination_unavailable"),
        ((400, {"error": {"code": {}, "error_subcode": []}}), "destination_refused"),
        ((400, {"error": 7}), "destination_refused"),
        ((400, ["x"]), "destination_refused"),
        ((302, {}), "destination_refused"),
    ],
)  # fmt: skip
def test_what_meta_says_of_everything_ends_the_export_or_is_tried_later(
    meta: tuple[Script, Call], answer: Answer, code: str
) -> None:
    script, call = meta
    script.always = answer
    error = raised(MetaCustomAudiences(), call)
    assert isinstance(error, MusterError)
    assert error.error_code == code
    assert isinstance(error, Unavailable) is (code == "destination_unavailable")
    assert "EAA" not in error.message


def test_meta_says_in_its_users_words_what_is_wrong_with_a_batch(meta: tuple[Script, Call]) -> None:
    script, call = meta
    script.always = meta_error(100, error_user_msg="The list is not right.", error_subcode=1870053)
    refused = raised(MetaCustomAudiences(), call)
    assert isinstance(refused, BatchRefused)
    assert (refused.refusal.code, refused.refusal.message) == ("invalid_parameter", "The list is not right.")
    assert refused.rows == ()


def test_an_entry_meta_found_invalid_is_looked_for_until_it_stands_alone(meta: tuple[Script, Call]) -> None:
    script, call = meta
    bad = f"{2:064x}"

    def answer(asked: Asked) -> Answer:
        rows = [row[0] for row in json.loads(asked.form["payload"])["data"]]
        return 200, {"num_received": len(rows), "num_invalid_entries": rows.count(bad)}

    script.answer = answer  # type: ignore[method-assign]
    with serving(answer) as address:
        kept = MetaConnection(access_token=SecretStr("EAA"), api_url=address)
        again = Call(call.settings, kept, "exp_x", "x", COLUMNS, allow_private_addresses=True)
        refused = deliver(MetaCustomAudiences(), ROWS, again)
        again.close()
    assert {row: refusal.code for row, refusal in refused.items()} == {2: "entries_invalid"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every batch is a portion, and nobody waits; how long they would have waited."""
    waits: list[float] = []
    monkeypatch.setattr(deliver_rows, "_PORTION_SECONDS", 0.0)
    monkeypatch.setattr(deliver_rows.Report, "wait", lambda _report, seconds: waits.append(seconds))
    return waits


def to_google(exports: Exports, script: Script, address: str, upload_id: str) -> Export:
    account, _ = new_service_account(f"{address}/token")
    kept = create_connection(
        exports.house.exports,
        exports.owner,
        ConnectionBody("google_data_manager", "ads", {"service_account": account, "api_url": address}),
    )
    settings = {"account_id": "1", "audience_id": "2", "terms_accepted": True}
    made = exports.make(
        upload_id,
        destination="google_data_manager",
        connection=kept.id,
        settings=settings,
        columns=["email"],
    )
    script.asked.clear()
    done = exports.carry_out(made.id)
    assert_adds_up(done)
    return done


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("answers", "status", "reason_code", "written", "pending"),
    [
        ([TAKEN], ExportStatus.DONE, None, 6, 0),
        ([google_error(401, "UNAUTHENTICATED")], ExportStatus.FAILED, "destination_refused", 0, 6),
        ([google_error(429, "RESOURCE_EXHAUSTED")] * 2, ExportStatus.DONE, None, 6, 0),
        ([google_error(429, "RESOURCE_EXHAUSTED")] * 9, ExportStatus.FAILED, "destination_unavailable", 0, 6),
        (
            [google_error(400, "INVALID_ARGUMENT", {"field": "audience_members[5]", "reason": "INVALID_SHA256_FORMAT"})],
            ExportStatus.DONE_WITH_FAILURES, None, 5, 0,
        ),
    ],
    ids=["taken", "token expired", "quota for a moment", "quota for good", "one bad member"],
)  # fmt: skip
def test_the_answer_decides_what_the_export_is_in_the_end(
    exports: Exports,
    quick: list[float],
    answers: list[Answer],
    status: ExportStatus,
    reason_code: str | None,
    written: int,
    pending: int,
) -> None:
    script = Script(TAKEN)
    script.answers = list(answers)
    with serving(script.answer) as address:
        export = to_google(exports, script, address, exports.table(numbered(6)))
    assert (export.status, export.reason_code) == (status, reason_code)
    assert (export.counts.written, export.pending) == (written, pending)
    failed = exports.outcomes(export, Outcome.FAILED)
    assert [row.position for row in failed] == ([5] if status is ExportStatus.DONE_WITH_FAILURES else [])
    assert bool(quick) is (answers[0][0] == 429)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_trying_says_that_the_token_is_no_longer_good(exports: Exports) -> None:
    script = Script(meta_error(190, 401))
    with serving(script.answer) as address:
        kept = create_connection(
            exports.house.exports,
            exports.owner,
            ConnectionBody("meta_custom_audiences", "ads", {"access_token": "EAA", "api_url": address}),
        )
        with pytest.raises(InputError) as refused:
            try_connection(exports.house.exports, exports.owner, kept.id, {"audience_id": "4711"})
    assert refused.value.error_code == "destination_refused"
    assert "(#190)" in refused.value.message

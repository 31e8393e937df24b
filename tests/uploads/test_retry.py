"""Corrected rejects: only rejects, checked again by today's rules, and the counts stay right."""

import json

import pytest

from muster.accounts.model import Principal
from muster.errors import Conflict, Forbidden, InputError, NotFound, UnsupportedMedia
from muster.records.rules import Email, Rule, Unique
from muster.uploads.model import UploadStatus
from muster.uploads.read import get_upload
from muster.uploads.requests_retry import parse_corrected
from muster.uploads.retry import NOT_REJECTED, Corrected, retry
from muster.uploads.room import UploadsRoom
from tests.uploads.building import SendFile, add_rule, built, rejects_of, rows_of, table_of
from tests.uploads.conftest import Send

CONTENT = b"E-Mail;Note\na@example.org;Bonn\n;Kiel\nb@example.org;too;many\nc@example.org;Oslo\n;Rome\n"


def test_another_user_cannot_retry_and_an_upload_without_a_table_has_to_wait(
    room: UploadsRoom, ana: Principal, ben: Principal, send: Send, send_file: SendFile
) -> None:
    upload_id = send_file(CONTENT)
    corrected = (Corrected(1, {"email": "x@example.org"}),)
    with pytest.raises(Forbidden):
        retry(room, ben, upload_id, corrected)
    with pytest.raises(NotFound):
        retry(room, ana, "upl_1_0123456789abcdefghijkl", corrected)
    with pytest.raises(Conflict) as refused:
        retry(room, ana, upload_id, corrected)
    assert refused.value.error_code == "upload_busy"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs here: what the inline runs built counts as finished."""
    monkeypatch.setattr("muster.uploads.retry.working_job", lambda *_: None)


@pytest.mark.usefixtures("done")
def test_corrected_rows_join_the_table_and_the_rest_stay_rejects(
    room: UploadsRoom, ana: Principal, send_file: SendFile
) -> None:
    upload = built(room, ana, send_file(CONTENT))
    assert (upload.rows_accepted, upload.rows_rejected) == (2, 3)
    done = retry(
        room,
        ana,
        upload.id,
        (
            Corrected(1, {"E-Mail": "k@example.org", "Note": "Kiel"}),  # as sent
            Corrected(2, {"email": "b@example.org", "Note": "Bern"}),  # as named in the table
            Corrected(4, {"E-Mail": "   ", "Note": "Rome"}),
            Corrected(0, {"E-Mail": "never@example.org"}),
            Corrected(99, {"E-Mail": "nobody@example.org"}),
        ),
    )
    assert [(each.row, each.code) for each in done.outcomes] == [
        (1, None),
        (2, None),
        (4, "identity_blank"),
        (0, NOT_REJECTED),
        (99, NOT_REJECTED),
    ]
    upload = get_upload(room, ana, upload.id)
    assert (upload.rows_received, upload.rows_accepted, upload.rows_rejected) == (5, 4, 1)
    assert upload.status is UploadStatus.READY_WITH_ERRORS
    rows = rows_of(room, table_of(room, ana, upload.id))
    assert [(row["_row_id"], row["_row"], row["email"], row["Note"]) for row in rows] == [
        (0, 0, "a@example.org", "Bonn"),
        (1, 3, "c@example.org", "Oslo"),
        (2, 1, "k@example.org", "Kiel"),
        (3, 2, "b@example.org", "Bern"),
    ]
    left = rejects_of(room, ana, upload)
    assert [(each["row"], each["code"]) for each in left] == [(4, "identity_blank")]
    last = retry(room, ana, upload.id, (Corrected(4, {"E-Mail": "r@example.org"}),))
    assert last.upload.status is UploadStatus.READY
    assert rejects_of(room, ana, last.upload) == []
    again = retry(room, ana, upload.id, (Corrected(4, {"E-Mail": "r@example.org"}),))
    assert [each.code for each in again.outcomes] == [NOT_REJECTED]
    assert again.version == last.version


@pytest.mark.usefixtures("done")
def test_todays_rules_apply_and_repeating_a_row_is_found_out(
    room: UploadsRoom, ana: Principal, send_file: SendFile
) -> None:
    upload = built(room, ana, send_file(CONTENT))
    add_rule(room, ana, Rule("rul_1", "mail", "email", Email()))
    add_rule(room, ana, Rule("rul_2", "once", None, Unique(("email",), ignore_case=True)))
    done = retry(
        room,
        ana,
        upload.id,
        (
            Corrected(1, {"E-Mail": "not an address"}),
            Corrected(2, {"E-Mail": "A@EXAMPLE.org"}),
            Corrected(4, {"E-Mail": "new@example.org"}),
        ),
    )
    assert [each.code is None for each in done.outcomes] == [False, False, True]
    assert done.outcomes[1].code == "duplicate"
    emails = [row["email"] for row in rows_of(room, table_of(room, ana, upload.id))]
    assert emails == ["a@example.org", "c@example.org", "new@example.org"]
    assert (done.upload.rows_accepted, done.upload.rows_rejected) == (3, 2)


@pytest.mark.usefixtures("done")
def test_a_batch_is_corrected_the_same_way_and_new_columns_are_welcome(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    receipt = send([{"email": "a@example.org", "n": 1}, {"n": 2}], on_invalid="skip")
    upload = built(room, ana, receipt.upload_id)
    retry(room, ana, upload.id, (Corrected(1, {"email": "b@example.org", "n": "two", "more": True}),))
    manifest = table_of(room, ana, upload.id)
    assert [(column.name, column.type.value) for column in manifest.columns] == [
        ("email", "text"),
        ("n", "text"),
        ("more", "boolean"),
    ]
    assert rows_of(room, manifest)[1] == {
        "_row_id": 1,
        "_row": 1,
        "email": "b@example.org",
        "n": "two",
        "more": "true",
    }


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b'{"rows":[{"_row":3,"email":"a@b.org","n":1.50,"_code":"x","_reason":"y"}]}', "application/json"),
        (b'[{"_row":3,"email":"a@b.org","n":1.50}]', "application/json"),
        (b'{"_row":3,"email":"a@b.org","n":1.50}\n\n', "application/x-ndjson"),
        (b'\xef\xbb\xbf_row,_line,email,n,_reason\r\n3,9,a@b.org,1.50,"why, then"\r\n', "text/csv"),
    ],
)
def test_downloaded_rejects_are_taken_back_in_each_format(body: bytes, media_type: str) -> None:
    (corrected,) = parse_corrected(body, media_type, max_rows=5)
    values = {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in corrected.values.items()
    }
    assert corrected.row == 3
    assert list(values) == ["email", "n"]
    assert values["email"] == "a@b.org"


@pytest.mark.parametrize(
    ("body", "media_type", "code"),
    [
        (b"[]", "application/json", "rows_missing"),
        (b'[{"email":"a"}]', "application/json", "row_number_missing"),
        (b'[{"_row":true}]', "application/json", "row_number_missing"),
        (b'[{"_row":-1}]', "application/json", "row_number_missing"),
        (b'[{"_row":1},{"_row":1}]', "application/json", "row_repeated"),
        (json.dumps([{"_row": at} for at in range(6)]).encode(), "application/json", "rows_too_many"),
        (b'[{"_row":1},7]', "application/json", "row_malformed"),
        (b"_row,email\n1,a,b\n", "text/csv", "row_malformed"),
        (b"_row,email\nx,a\n", "text/csv", "row_number_missing"),
    ],
)
def test_what_cannot_be_taken_back_is_named(body: bytes, media_type: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_corrected(body, media_type, max_rows=5)
    assert code in {issue.code for issue in refused.value.issues}


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"email\na\n", "text/csv"),
        (b"", "text/csv"),
        (b"\xff_row\n1\n", "text/csv"),
        (b'_row,a\n1,"x\n', "text/csv"),
    ],
)
def test_a_body_that_is_no_list_of_rows_is_refused(body: bytes, media_type: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_corrected(body, media_type, max_rows=5)
    assert refused.value.error_code == "rows_invalid"


def test_other_media_types_are_named() -> None:
    with pytest.raises(UnsupportedMedia):
        parse_corrected(b"x", "application/pdf", max_rows=5)

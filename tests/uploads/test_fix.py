"""Fixing more rejects than one call looks at: piece by piece, none twice, none left out."""

import pytest

from muster.accounts.model import Principal
from muster.records.transforms import Action, Transform
from muster.uploads.fix import MAX_AT_ONCE, FieldAction, FixWish, fix, try_fix
from muster.uploads.read import get_upload
from muster.uploads.reject_groups import chosen_rejects
from muster.uploads.room import UploadsRoom
from tests.support.databases import on_sqlite
from tests.uploads.building import built, rejects_of
from tests.uploads.conftest import Send

SET = (FieldAction("email", Transform(Action.SET, value="x@example.org")),)
BLANK = (FieldAction("email", Transform(Action.SET, value=" ")),)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs here: what the inline runs built counts as finished."""
    monkeypatch.setattr("muster.uploads.retry.working_job", lambda *_: None)


@on_sqlite
@pytest.mark.usefixtures("done")
def test_many_rejects_take_several_calls_and_every_one_is_looked_at_once(
    room: UploadsRoom, ana: Principal, send: Send
) -> None:
    rejected = MAX_AT_ONCE + 500
    records = [{"email": "a@example.org"}, *({"n": number} for number in range(rejected))]
    upload = built(room, ana, send(records, on_invalid="skip").upload_id)
    wish = FixWish(BLANK, code="identity_missing")
    tried = try_fix(room, ana, upload.id, wish)
    assert (tried.accepted, tried.failed, tried.remaining) == (0, MAX_AT_ONCE, 500)
    first = fix(room, ana, upload.id, wish)
    assert (first.failed, first.remaining, first.next_after_row) == (MAX_AT_ONCE, 500, MAX_AT_ONCE)
    rest = FixWish(SET, code="identity_missing", after_row=first.next_after_row or 0)
    second = fix(room, ana, upload.id, rest)
    assert (second.accepted, second.remaining, second.next_after_row) == (500, 0, None)
    upload = get_upload(room, ana, upload.id)
    assert (upload.rows_accepted, upload.rows_rejected) == (501, MAX_AT_ONCE)
    blank = chosen_rejects(room, ana, upload, "identity_blank", "email")
    assert blank is not None
    assert blank.count == MAX_AT_ONCE == len(rejects_of(room, ana, upload))
    assert len(list(blank.window(MAX_AT_ONCE - 2, MAX_AT_ONCE + 5))) == 2
    fix(room, ana, upload.id, FixWish((), rows=frozenset({1, 2})))
    upload = get_upload(room, ana, upload.id)
    gone = chosen_rejects(room, ana, upload, "discarded_by_user", None)
    assert gone is not None
    assert gone.count == 2
    assert upload.rows_rejected == MAX_AT_ONCE

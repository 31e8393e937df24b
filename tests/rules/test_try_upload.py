"""Rules on trial on a whole upload, which comes piece by piece."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from muster.accounts.model import User
from muster.records.rules import Rule, Unique
from muster.rules.try_ import try_upload
from muster.tables.engine import EngineLimits
from tests.rules.conftest import Uploads
from tests.rules.test_routes import EMAIL, RULES, ClientOf, tried


def test_rules_are_tried_on_a_whole_upload(
    client_of: ClientOf, ana: User, ben: User, uploads: Uploads
) -> None:
    emails = ["ana@example.com", None, "x", "Bo@EXAMPLE.com"] * 50
    piece = pa.table({"email": pa.array(emails, pa.large_string())})
    uploads.tables["upl_1"] = (ana.id, [piece, piece.slice(0, 0), piece])
    body = {"rules": [{**EMAIL, "severity": "fix"}], "upload_id": "upl_1"}
    upload = tried(client_of(ana), **body)["upload"]
    assert {name: upload[name] for name in ("rows", "accepted", "rejected", "is_complete", "not_tried")} == {
        "rows": 400, "accepted": 200, "rejected": 200, "is_complete": True, "not_tried": [],
    }  # fmt: skip
    assert sorted((each["code"], each["count"]) for each in upload["counts"]) == [
        ("email_at_missing", 100), ("email_normalised", 100), ("identity_missing", 100),
    ]  # fmt: skip
    assert [(each["row"], each["code"]) for each in upload["examples"][:4]] == [
        (1, "identity_missing"), (2, "email_at_missing"), (3, "email_normalised"), (5, "identity_missing"),
    ]  # fmt: skip
    assert len(upload["examples"]) == 30
    assert upload["examples"][2]["fixed"] == "Bo@example.com"
    his = client_of(ben)
    assert his.post(f"{RULES}/try", json=body).status_code == 403
    assert his.post(f"{RULES}/try", json={**body, "upload_id": "nonsense"}).status_code == 404


def test_a_trial_on_an_upload_stops_when_its_time_is_up_and_says_so(engine: EngineLimits) -> None:
    piece = pa.table({"email": pa.array(["x"], pa.large_string())})
    stopped = try_upload([], iter([piece] * 5), engine, lambda: True)
    assert (stopped.rows, stopped.is_complete) == (1, False)
    whole = try_upload([], iter([piece]), engine, lambda: True)
    assert (whole.rows, whole.is_complete) == (1, True)


def test_repeated_values_are_found_across_the_pieces_of_an_upload(
    client_of: ClientOf, ana: User, uploads: Uploads
) -> None:
    def piece(*rows: tuple[str | None, str | None]) -> pa.Table:
        return pa.table(
            {
                name: pa.array(values, pa.large_string())
                for name, values in zip(("email", "phone"), zip(*rows, strict=True), strict=True)
            }
        )

    uploads.tables["upl_1"] = (ana.id, [
        piece(("x", "1"), ("a@b.co", "1"), ("A@B.co", "1"), (None, "1")),
        piece(("A@b.co", "2"), ("c@d.co", None), ("C@d.co", None), ("e@f.co", "1")),
    ])  # fmt: skip
    phones = {"test": {"kind": "unique", "fields": ["phone"]}, "severity": "warn"}
    mails = {"test": {"kind": "unique", "fields": ["email"], "ignore_case": True}}
    nobody = {"test": {"kind": "unique", "fields": ["name", "email"]}}
    off = {"test": {"kind": "unique", "fields": ["email"]}, "enabled": False}
    client = client_of(ana)

    def found(*rules: dict[str, Any]) -> tuple[int, int, list[tuple[int, str, str, str]]]:
        upload = tried(client, rules=[EMAIL, *rules], upload_id="upl_1")["upload"]
        assert (upload["rows"], upload["is_complete"], upload["not_tried"]) == (8, True, [])
        assert sum(each["count"] for each in upload["counts"] if each["code"] == "duplicate") == sum(
            each["code"] == "duplicate" for each in upload["examples"]
        )
        return upload["accepted"], upload["rejected"], [
            (each["row"], each["field"], each["severity"], each["value"])
            for each in upload["examples"]
            if each["code"] == "duplicate"
        ]  # fmt: skip

    # Rows 0 (no address) and 3 (nobody) are gone before anything is compared.
    assert found(nobody, off) == (6, 2, [])
    assert found(phones) == (6, 2, [(2, "phone", "warn", "1"), (7, "phone", "warn", "1")])
    # What the first rule rejects is not there for the second.
    removed = [
        (2, "email", "reject", "A@B.co"),
        (4, "email", "reject", "A@b.co"),
        (6, "email", "reject", "C@d.co"),
    ]
    assert found(mails, phones) == (3, 5, [*removed, (7, "phone", "warn", "1")])
    assert found(phones, mails) == (
        3, 5, [(2, "phone", "warn", "1"), *removed, (7, "phone", "warn", "1")],
    )  # fmt: skip


def test_an_upload_with_more_repeats_than_the_engine_may_hold_says_what_was_not_tried(tmp_path: Path) -> None:
    texts = pa.array([f"{number:064d}" for number in range(50_000)], pa.large_string())
    pieces = [pa.table({"email": texts})] * 10
    rule = Rule("rul_1", "Once", None, Unique(("email",)))
    tiny = EngineLimits(tmp_path, 2**20, 1, 0)
    tried = try_upload([rule], iter(pieces), tiny)
    assert (tried.rows, tried.rejected, tried.not_tried) == (500_000, 0, ["rul_1"])
    # Little memory is no obstacle as long as there is room on the disk.
    tried = try_upload([rule], iter(pieces), EngineLimits(tmp_path, 48 * 2**20, 1, 2**30))
    assert (tried.rows, tried.rejected, tried.not_tried) == (500_000, 450_000, [])

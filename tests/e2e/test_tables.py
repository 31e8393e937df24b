"""Real servers with real workers: uploads become tables, change, and go without a trace."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.live import BATCH, Api, LiveServer
from tests.support.live_fixtures import NewServer

MARK = "zyzzyva"


def eventually(look: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """What `look` gives once it gives something true."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)


def send_file(api: Api, content: bytes, name: str) -> str:
    sent = api.call(
        "POST",
        f"/api/audience/files?file_name={quote(name)}",
        content,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert sent.status == 202, sent.body
    upload_id: str = sent.json["upload_id"]
    return upload_id


def at_rest(api: Api, upload_id: str) -> dict[str, Any]:
    """The upload once its job is over."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = api.get(upload_id, "?include=none").json
        return found if found["upload_status"] not in {"uploaded", "processing"} else None

    result: dict[str, Any] = eventually(look, f"the end of {upload_id}")
    return result


def rows(api: Api, upload_id: str, **query: Any) -> Any:
    text = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    answer = api.call("GET", f"{BATCH}/{upload_id}/rows?{text}")
    assert answer.status == 200, answer.body
    return answer.json


def test_a_file_becomes_a_table_is_filtered_edited_and_corrected(new_server: NewServer) -> None:
    api = new_server(jobs=True).start().api
    lines = ["E-Mail;Land;Mitarbeiter"]
    lines += [f"p{at}@example.org;{'DE' if at % 2 else 'FR'};{at}" for at in range(200)]
    lines[100] = ";DE;7"
    upload_id = send_file(api, "\n".join(lines).encode(), "Kunden.csv")
    done = at_rest(api, upload_id)
    assert done["upload_status"] == "ready_with_errors", done
    assert (done["rows_received"], done["rows_accepted"], done["rows_rejected"]) == (200, 199, 1)
    assert done["fields"] == ["email", "country", "employees"]
    wanted = json.dumps(
        {
            "all": [
                {"field": "country", "op": "eq", "value": "DE"},
                {"field": "employees", "op": "ge", "value": 190},
            ]
        }
    )
    found = rows(api, upload_id, filter=wanted, sort="-employees", columns="employees")
    assert [row["values"] for row in found["rows"]] == [["199"], ["197"], ["195"], ["193"], ["191"]]
    edited = api.call(
        "PATCH",
        f"{BATCH}/{upload_id}/rows",
        json.dumps({"filter": json.loads(wanted), "set": {"country": "AT"}}).encode(),
    )
    assert edited.json["rows_changed"] == 5, edited.body
    assert rows(api, upload_id, filter=wanted)["total"] == 0
    assert api.call("POST", f"{BATCH}/{upload_id}/undo", b"{}").status == 200
    assert rows(api, upload_id, filter=wanted)["total"] == 5
    rejects = api.call("GET", f"{BATCH}/{upload_id}/rejects", headers={"Accept": "text/csv"}).body.decode()
    header, reject = rejects.splitlines()[:2]
    assert header.startswith("_row,_line,")
    assert reject.startswith("99,101,")
    corrected = f"{header}\n{reject.replace(',,DE', ',new@example.org,DE')}\n"
    retried = api.call(
        "POST", f"{BATCH}/{upload_id}/retry", corrected.encode(), headers={"Content-Type": "text/csv"}
    )
    assert retried.json["accepted"] == 1, retried.body
    done = api.get(upload_id, "?include=none").json
    assert (done["upload_status"], done["rows_accepted"], done["rows_rejected"]) == ("ready", 200, 0)


def bytes_under(directory: Path) -> dict[str, bytes]:
    found = {}
    for top, _, names in os.walk(directory):
        for name in names:
            path = Path(top, name)
            try:
                found[str(path)] = path.read_bytes()
            except FileNotFoundError:  # it went while we looked
                continue
    return found


def traces(server: LiveServer) -> list[str]:
    """Files of the data directory, cache and database with its log included, that hold the mark."""
    marks = (MARK.encode(), MARK.upper().encode())
    return [
        path
        for path, content in bytes_under(server.data_dir).items()
        if any(mark in content for mark in marks)
    ]


def test_nothing_of_a_deleted_upload_is_left_in_any_file(new_server: NewServer) -> None:
    server = new_server(jobs=True).start()
    api = server.api
    content = f"email,{MARK} column\n" + "".join(f"{MARK}{at}@example.org,{MARK}\n" for at in range(300))
    upload_id = send_file(api, content.encode() + b"broken\n", f"{MARK}.csv")
    batch = api.create(
        f"{MARK} batch", [{"email": f"{MARK}@example.org"}, {"x": MARK}], on_invalid="skip"
    ).json
    for each in (upload_id, batch["upload_id"]):
        at_rest(api, each)
        # Seen, sorted, edited: every copy a reader makes is there.
        wanted = json.dumps({"field": "email", "op": "contains", "value": MARK})
        assert rows(api, each, filter=wanted, sort="-email")["total"] >= 1
        edit = {"edits": [{"row": 0, "set": {"email": f"{MARK}-edited@example.org"}}]}
        assert api.call("PATCH", f"{BATCH}/{each}/rows", json.dumps(edit).encode()).status == 200
        assert api.call("GET", f"{BATCH}/{each}/profile").status == 200
    assert traces(server)
    for each in (upload_id, batch["upload_id"]):
        assert api.delete(each).status == 200
        assert api.get(each).status == 404
        assert api.call("GET", f"{BATCH}/{each}/rows").status == 404
    eventually(lambda: not traces(server), "the end of every trace")

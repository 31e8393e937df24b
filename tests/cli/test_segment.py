"""`muster segment` against a real server: kept, counted, looked at, forgotten."""

import json

import pytest

from tests.support.live_commands import environment, live, muster

__all__ = ["environment", "live", "muster"]

PEOPLE = (
    "email,country,employees,phone\n"
    "ana@example.com,US,10,+12125550100\n"
    "bob@example.com,US,250,\n"
    "Ana@Example.com,DE,12,\n"
    "cyd@example.org,US,12,\n"
)
US = '{"field": "country", "op": "eq", "value": "US"}'
BIG = '{"all": [{"field": "country", "op": "eq", "value": "US"}, {"field": "employees", "op": "ge", "value": 12}]}'


@pytest.fixture
def upload_id(muster, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return json.loads(muster("upload", path, "--json").stdout)["files"][0]["upload_id"]


def created(muster, name, upload_id, *options):
    ended = muster("segment", "create", name, upload_id, *options, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_a_preview_counts_and_keeps_nothing(muster, upload_id):
    ended = muster("segment", "preview", upload_id, "--filter", BIG, "--columns", "email", "--sample", "1")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("2 of 4 (50.0%): country is US and employees is at least 12")
    assert "country is US\t3" in ended.stdout
    told = json.loads(muster("segment", "preview", upload_id, "--dedupe", "email", "--json").stdout)
    assert (told["count"], told["duplicates"], len(told["sample"])) == (3, 1, 3)
    joined = '{"by": "email", "fields": {"phone": "newest"}}'
    told = json.loads(muster("segment", "preview", upload_id, "--dedupe", joined, "--json").stdout)
    assert [row["_merged"] for row in told["sample"] if row["_merged"]] == [["phone"]]


def test_a_segment_is_kept_listed_shown_and_forgotten(muster, upload_id):
    ended = muster(
        "segment", "create", "Buyers", upload_id, "--filter", US, "--tag", "a", "--description", "d"
    )
    assert ended.returncode == 0, ended.stderr
    assert "Buyers: 3 of 4 (75.0%)" in ended.stdout
    segment_id = ended.stdout.split()[0]
    assert f"{segment_id}\tBuyers\tlive\t3\t4" in muster("segment", "list", "--tag", "a").stdout
    assert (
        json.loads(muster("segment", "list", "--upload", upload_id, "--json").stdout)["segments"][0]["id"]
        == segment_id
    )
    shown = muster("segment", "show", segment_id)
    assert "country is US" in shown.stdout
    assert "created" in shown.stdout
    assert json.loads(muster("segment", "show", segment_id, "--json").stdout)["history"][0]["count"] == 3
    members = muster("segment", "members", segment_id, "--columns", "email", "--limit", "2")
    assert members.stdout.splitlines()[1:] == ["0\tana@example.com", "1\tbob@example.com"]
    assert "2 of 3 members of version 1." in members.stderr
    told = json.loads(muster("segment", "members", segment_id, "--part", "joined", "--json").stdout)
    assert told["total"] == 3
    why = muster("segment", "explain", segment_id, "2")
    assert why.stdout.splitlines() == [
        "Not in: country is US does not hold.",
        "no   country is US (it is 'DE')",
    ]
    other = created(muster, "Everybody", upload_id, "--snapshot", "--dedupe", "email")
    assert (other["kind"], other["count"]) == ("snapshot", 3)
    assert muster("segment", "compare", segment_id, other["id"], "--by", "email").stdout == (
        "in both: 3; only in the first: 0; only in the second: 0\n"
    )
    assert muster("segment", "refresh", other["id"]).returncode == 0
    refused = muster("delete", upload_id, "--yes")
    assert refused.returncode == 1
    for one in (segment_id, other["id"]):
        assert muster("segment", "delete", one).stdout == f"Deleted {one}.\n"
    gone = muster("segment", "show", segment_id)
    assert gone.returncode == 1
    assert "no segment with this id" in gone.stderr


def test_what_cannot_be_is_told(muster, upload_id):
    assert muster("segment", "create", "x", upload_id, "--filter", "{").returncode != 0
    assert muster("segment", "preview", upload_id, "--dedupe", "{").returncode == 2
    unknown = muster("segment", "preview", upload_id, "--filter", US.replace("country", "nowhere"))
    assert unknown.returncode == 1
    assert "nowhere" in unknown.stderr or "no such field" in unknown.stderr.lower()

"""`muster enrich`, `enrichments` and `providers` against a real server: what is added, and how commands end."""

import json
import re
import signal

import pytest

from tests.support.enrich_server import company_of, enrich_server
from tests.support.live_commands import environment, live, muster, started, wait_for_connection

__all__ = ["environment", "live", "muster"]

PEOPLE = "E-Mail,Country\nada@example.com,US\ngrace@example.org,DE\nbob@example.com,US\n"
FREE = {"provider": "pretend", "outputs": {"employees": None}}
PAID = {"price_micros": 100_000, "price_per": "asked", "hit_share": 1}
SLOW = {"provider": "pretend", "settings": {"latency_ms": 60_000}}


@pytest.fixture
def upload_id(muster, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return json.loads(muster("upload", path, "--json").stdout)["files"][0]["upload_id"]


@pytest.fixture
def plan(tmp_path):
    """Writes a plan of these members; the path of its file."""

    def write(**members):
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(members))
        return path

    return write


@pytest.fixture
def at_work(muster, upload_id, plan):
    """A run that would take minutes; cancelled when the test ends."""
    made = muster("enrich", upload_id, "--file", plan(providers=[SLOW], name="Slow"), "--no-wait", "--json")
    run_id = json.loads(made.stdout)["run_id"]
    yield run_id
    muster("enrichments", "cancel", run_id)


def column(muster, upload_id, name):
    said = json.loads(muster("rows", upload_id, "--columns", name, "--json").stdout)
    return [row["values"][name] for row in said["rows"]]


def only_run(text):
    (run_id,) = set(re.findall(r"enr_\w+", text))
    return run_id


def test_a_run_is_followed_to_its_end_and_its_columns_are_in_the_table(muster, upload_id):
    ended = muster("enrich", upload_id, "--with", "email_domain, email_hygiene", "--name", "Mine")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    run_id = only_run(ended.stdout)
    assert lines[0] == f"{run_id}  done: 3 rows, cost 0"
    assert "Domain of the e-mail address\t3\t3\t0\t0\t0\t0\t0\t0" in lines
    assert "company_domain\tyes\t0\t3" in lines
    assert column(muster, upload_id, "company_domain") == ["example.com", "example.org", "example.com"]
    assert run_id in muster("enrichments", "list", "--upload", upload_id, "--status", "done").stdout
    assert "Mine, over people.csv: done" in muster("enrichments", "show", run_id).stdout


def test_an_estimate_says_what_would_be_filled_and_changes_nothing(muster, upload_id, plan):
    wanted = plan(providers=[{"provider": "email_domain"}, {**FREE, "settings": PAID}], budget=0.1)
    ended = muster("enrich", upload_id, "--file", wanted, "--estimate")
    assert ended.returncode == 0, ended.stderr
    assert "company_domain\tyes\t0\t3\tabout 3" in ended.stdout
    assert "row\tcompany_domain\temail_domain" in ended.stdout
    assert "0\texample.com\texample.com" in ended.stdout
    assert "Nothing was changed" in ended.stderr
    said = json.loads(muster("enrich", upload_id, "--with", "email_domain", "--estimate", "--json").stdout)
    assert said["targets"][0]["expected"] == 3
    assert json.loads(muster("enrichments", "list", "--upload", upload_id, "--json").stdout) == {"runs": []}
    assert "company_domain" not in muster("rows", upload_id).stdout.splitlines()[0]


def test_with_json_there_is_json_and_nothing_else(muster, upload_id):
    ended = muster("enrich", upload_id, "--with", "email_domain", "--json")
    assert ended.returncode == 0
    said = json.loads(ended.stdout)
    assert (said["status"], said["targets"][0]["filled"]) == ("done", 3)
    assert json.loads(muster("enrichments", "show", said["run_id"], "--json").stdout) == said
    assert ended.stderr == ""


def test_a_plan_names_its_upload_and_options_come_before_it(muster, upload_id, plan):
    only_us = {"field": "country", "op": "eq", "value": "US"}
    only_de = json.dumps({**only_us, "value": "DE"})
    step = {"provider": "email_domain", "outputs": {"domain": "country", "mail_domain": None}}
    wanted = plan(upload_id=upload_id, providers=[step], filter=only_us)
    assert muster("enrich", "--file", wanted).returncode == 0
    assert column(muster, upload_id, "country") == ["US", "DE", "US"]
    assert muster("enrich", "--file", wanted, "--overwrite", "country", "--filter", only_de).returncode == 0
    assert column(muster, upload_id, "country") == ["US", "example.org", "US"]
    with_ids = plan(upload_id=upload_id, **{"with": ["email_domain"]})
    assert muster("enrich", "--file", with_ids).returncode == 0


def test_a_plan_that_cannot_work_says_why_on_one_line(muster, upload_id):
    ended = muster("enrich", upload_id, "--with", "phone")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "Say which column holds" in line
    unknown = muster("enrich", upload_id, "--with", "crystal_ball")
    assert unknown.returncode == 1
    assert "crystal_ball" in unknown.stderr


def test_a_price_needs_a_budget_and_a_budget_that_is_spent_ends_with_1(muster, upload_id, plan):
    wanted = plan(providers=[{**FREE, "inputs": {"key": "email"}, "settings": PAID}])
    without = muster("enrich", upload_id, "--file", wanted)
    assert without.returncode == 1
    assert "budget" in without.stderr
    ended = muster("enrich", upload_id, "--file", wanted, "--budget", "0.2")
    assert ended.returncode == 1
    assert "stopped: The budget was reached" in ended.stderr
    run_id = only_run(ended.stdout)
    assert f"muster enrichments retry {run_id} --budget AMOUNT" in ended.stdout
    assert len([value for value in column(muster, upload_id, "pretend_industry") if value]) == 2
    again = muster("enrichments", "retry", run_id, "--budget", "1")
    assert again.returncode == 0, again.stderr
    assert "cost 0.1" in again.stdout
    assert None not in column(muster, upload_id, "pretend_industry")


def test_failures_are_counted_by_their_cause(muster, upload_id, plan):
    failing = {**FREE, "inputs": {"key": "email"}, "settings": {"failure_share": 1}}
    ended = muster("enrich", upload_id, "--file", plan(providers=[failing]))
    assert ended.returncode == 0
    assert "pretend: 3 rows, pretended: " in ended.stderr
    run_id = only_run(ended.stdout)
    other = muster("enrichments", "retry", run_id, "--code", "timeout")
    assert other.returncode == 1
    assert "No row of this run failed like that" in other.stderr


def test_a_run_is_cancelled_and_adds_nothing(muster, upload_id, at_work):
    assert muster("enrichments", "cancel", at_work).returncode == 0
    ended = muster("enrichments", "follow", at_work)
    assert ended.returncode == 1
    assert f"{at_work} cancelled: " in ended.stderr
    assert "pretend_industry" not in muster("rows", upload_id).stdout
    twice = muster("enrichments", "cancel", at_work)
    assert twice.returncode == 1
    assert "is over" in twice.stderr


def test_a_run_whose_table_is_made_anew_ends_with_1_and_the_reason(muster, upload_id, plan):
    step = {**FREE, "inputs": {"key": "email"}, "settings": {"latency_ms": 4000, "concurrency": 1}}
    made = muster("enrich", upload_id, "--file", plan(providers=[step]), "--no-wait", "--json")
    run_id = json.loads(made.stdout)["run_id"]
    assert muster("reprocess", upload_id).returncode == 0
    ended = muster("enrichments", "follow", run_id)
    assert ended.returncode == 1
    assert f"{run_id} failed: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_run_rests_and_goes_on(muster, at_work):
    paused = muster("enrichments", "pause", at_work)
    assert paused.returncode == 0
    assert f"muster enrichments resume {at_work}" in paused.stdout
    assert muster("enrichments", "resume", at_work).returncode == 0


def test_what_was_added_is_taken_back_once(muster, upload_id):
    run_id = only_run(muster("enrich", upload_id, "--with", "email_domain").stdout)
    undone = muster("enrichments", "undo", run_id)
    assert undone.returncode == 0, undone.stderr
    assert "company_domain" not in muster("rows", upload_id).stdout
    twice = muster("enrichments", "undo", run_id)
    assert twice.returncode == 1
    assert "nothing to undo" in twice.stderr


def test_kept_answers_are_counted_and_erased(muster, upload_id):
    assert muster("enrich", upload_id, "--with", "pretend").returncode == 0
    assert re.search(r"^pretend\t\d+$", muster("enrichments", "cache").stdout, re.M)
    assert "Answers erased: 0." not in muster("enrichments", "erase", "ada@example.com").stdout
    assert "Answers erased: 0." in muster("enrichments", "erase", "ada@example.com").stdout
    assert muster("enrichments", "erase", "--all", "--yes").returncode == 0
    assert json.loads(muster("enrichments", "cache", "--json").stdout)["answers"] == 0


def test_providers_are_listed_and_described(muster):
    assert re.search(r"^email_domain\t.*\tcompany_domain, ", muster("providers").stdout, re.M)
    one = muster("providers", "pretend").stdout
    assert re.search(r"^hit_share\t.*\t0.8$", one, re.M)
    ids = [each["id"] for each in json.loads(muster("providers", "--json").stdout)["providers"]]
    assert {"email_hygiene", "phone", "country"} <= set(ids)
    unknown = muster("providers", "crystal_ball")
    assert unknown.returncode == 1
    assert "`muster providers` lists them" in unknown.stderr


@pytest.fixture
def settings(tmp_path):
    """A file with the settings of a service that knows companies, and what it knows of example.org."""
    path = tmp_path / "settings.json"
    with enrich_server() as service:
        said = {
            "url": f"{service.url}/v1/companies/{{domain}}",
            "headers": {"X-Key": "{secret:key}"},
            "secrets": {"key": "hush"},
            "needs": [{"name": "domain", "title": "Domain", "fields": ["email_domain"]}],
            "outputs": [{"name": "employees", "path": "$.company.employees", "kind": "number"}],
        }
        path.write_text(json.dumps(said))
        yield path


def test_a_service_is_connected_tried_used_and_forgotten(muster, upload_id, plan, settings):
    known = company_of("example.com")
    assert known
    employees = str(known["company"]["employees"])
    added = muster("enrichments", "connections", "add", "http_json", "Registry", "--settings", settings)
    assert added.returncode == 0, added.stderr
    (connection_id,) = set(re.findall(r"con_\w+", added.stdout))
    assert f"muster enrichments connections try {connection_id} domain=..." in added.stderr
    tried = muster("enrichments", "connections", "try", connection_id, "domain=example.com")
    assert tried.returncode == 0, tried.stderr
    assert f"employees\t{employees}" in tried.stdout
    steps = [{"provider": "email_domain"}, {"provider": "http_json", "connection": connection_id}]
    ended = muster("enrich", upload_id, "--file", plan(providers=steps))
    assert ended.returncode == 0, ended.stderr
    assert column(muster, upload_id, "employees")[::2] == [employees, employees]
    renamed = muster("enrichments", "connections", "change", connection_id, "--name", "Companies", "--json")
    assert json.loads(renamed.stdout)["name"] == "Companies"
    listed = muster("enrichments", "connections", "list", "--json").stdout
    assert "hush" not in added.stdout + renamed.stdout + listed
    assert muster("enrichments", "connections", "delete", connection_id).returncode == 0
    assert json.loads(muster("enrichments", "connections", "list", "--json").stdout) == {"connections": []}
    gone = muster("enrichments", "connections", "try", connection_id, "domain=example.com")
    assert gone.returncode == 1


def test_ctrl_c_leaves_the_run_at_work_and_says_how_to_come_back(muster, environment, tmp_path, at_work):
    following = started(environment, tmp_path, "enrichments", "follow", at_work)
    # It follows as soon as it holds a connection; before that Ctrl-C would end it without a word about the run.
    wait_for_connection(following.pid, environment["MUSTER_URL"])
    following.send_signal(signal.SIGINT)
    _, err = following.communicate(timeout=30)
    assert following.returncode == 1
    assert f"muster enrichments follow {at_work}" in err
    assert f"muster enrichments cancel {at_work}" in err
    assert "Traceback" not in err
    assert json.loads(muster("enrichments", "show", at_work, "--json").stdout)["status"] in {
        "queued",
        "running",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["enrich", "upl_1_A"],
        ["enrich", "--with", "phone"],
        ["enrich", "upl_1_A", "--with", ","],
        ["enrich", "upl_1_A", "--with", "phone", "--file", "plan.json"],
        ["enrich", "upl_1_A", "--with", "phone", "--budget", "-1"],
        ["enrich", "upl_1_A", "--with", "phone", "--ask-paid"],
        ["enrich", "upl_1_A", "--file", "not-there.json"],
        ["enrichments", "erase"],
        ["enrichments", "erase", "--all"],
        ["enrichments", "erase", "x", "--all"],
        ["enrichments", "retry"],
        ["enrichments", "connections", "change", "con_A"],
        ["enrichments", "connections", "add", "http_json", "X", "--settings", "not-there.json"],
        ["enrichments", "connections", "try", "con_A", "no-pair"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(muster, plan, arguments):
    plan(providers=["phone"])
    ended = muster(*arguments)
    assert ended.returncode == 2, ended.stderr


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "\xff",
        "{}",
        '{"providers": []}',
        '{"providers": "phone"}',
        '{"with": ["a"], "providers": ["a"]}',
        '{"with": ["phone"], "budgt": 1}',
        '{"with": ["phone"], "targets": {}}',
        '{"with": ["phone"], "targets": ["phone_e164"]}',
        '{"with": ["phone"], "targets": [{"column": []}]}',
    ],
)
def test_a_file_that_holds_no_plan_is_wrong_usage_before_anything_is_asked(muster, tmp_path, content):
    path = tmp_path / "plan.json"
    path.write_text(content, encoding="latin-1")
    ended = muster("enrich", "upl_1_A", "--file", path)
    assert ended.returncode == 2, ended.stderr
    assert "plan.json" in ended.stderr

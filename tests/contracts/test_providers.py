"""What `enrichments/provider.py` promises, asked of every provider there is, built in or installed.

Settings that cannot be left out carry an example in their JSON schema (`examples`), used here and shown in the docs.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jsonschema_rs
import pyarrow as pa
import pytest

from muster.enrichments.provider import (
    CONFIDENCE,
    COST,
    ENTRY_POINTS,
    OUTCOME,
    REASON,
    Call,
    Form,
    Kind,
    Outcome,
    Provider,
    Settings,
    Where,
    schema_of,
)
from muster.enrichments.providers import all_providers, built_in
from muster.records.header_words import HEADER_WORDS
from muster.tables.engine import EngineLimits, connect

PROVIDERS = list(all_providers().values())
EVERY = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.manifest.id)
NAME = re.compile(r"[a-z][a-z0-9_]*")
NOT_CANONICAL = frozenset({"email_domain"})
"""Columns that providers give and others need, besides the fields headers are recognised as."""
HOSTILE = (
    "jane@acme.com", "+49 30 901820", "acme.co.uk", "germany", "Ada Lovelace", "x", "0", "a" * 10_000, "@" * 500, "." * 500, "1" * 2000,
    "\U0001f469\u200d\U0001f4bb@\U0001f4a9.la", "\u202eevil\u202c", "\u0645\u062d\u0645\u062f", "a\x00b@c.de", "\x00", "=cmd|' /C calc'!A0",
    "+1+1", "@SUM(1)", "-2+3", "'; DROP TABLE x; --", "<script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}", "%s%n", "../../etc/passwd",
    "\ud55c\uae00", "e\u0301\u0323" * 40, "\ufeffx", "null", "NaN", "a,b;c\td\ne", '"quoted"', "http://[::1", "https://user:pw@host:99999/x", "xn--",
    "xn--a", "a@[127.0.0.1]", "\uff11\uff12\uff13", "\u0661\u0662\u0663", "I\u0307", "\u00df", "\u1e9e", "\u01c5", "aa.", "-.-", "a@b@c",
)  # fmt: skip


class AnyTable:
    """Implements `provider.Reference`: whatever is asked for, a table has it, in one row of `x`."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def table_sql(self, upload_id: str, columns: Sequence[str]) -> str:
        del upload_id
        values = ", ".join(f"'x' AS v{at}" for at in range(len(columns)))
        return f"SELECT 0::BIGINT AS _row_id, {values}"

    def query(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        with connect(EngineLimits(self._scratch, 1 << 30, 1, 1 << 30)) as connection:
            for name, table in tables.items():
                connection.register(name, table)
            answered: pa.Table = connection.sql(sql).to_arrow_table()
            return answered


@pytest.fixture
def reference(tmp_path: Path) -> AnyTable:
    return AnyTable(tmp_path)


def example_settings(provider: Provider) -> Settings:
    """The settings without anything set; of those that must be set, the first example of their schema."""
    schema = provider.manifest.settings.model_json_schema()
    example = schema.get("examples", [{}])[0] if schema.get("required") else {}
    return provider.manifest.settings.model_validate(example)


def batch_of(provider: Provider, texts: Sequence[str | None], settings: Settings) -> pa.RecordBatch:
    """One row for each text; needs after the first get the texts in other orders, and nothing in every third row
    where they may be missing.
    """
    needs = provider.terms(settings).needs
    columns = []
    for at, need in enumerate(needs):
        moved = [*texts[at * 7 % len(texts) :], *texts[: at * 7 % len(texts)]] if texts else []
        if need.form is Form.FOLDED:
            moved = [None if text is None else text.lower() for text in moved]
        is_optional = not need.required and at > 0
        columns.append([None if is_optional and place % 3 == 0 else text for place, text in enumerate(moved)])
    arrays = [pa.array(column, pa.large_string()) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, names=[need.name for need in needs])


def ask(
    provider: Provider,
    batch: pa.RecordBatch,
    settings: Settings,
    reference: AnyTable | None,
    *,
    wanted: frozenset[str] | None = None,
) -> pa.RecordBatch:
    """Without network: what others say is proved in the tests of each provider."""
    gives = frozenset(output.name for output in provider.terms(settings).gives)
    call = Call(settings, gives if wanted is None else wanted, reference=reference, allow_network=False)
    try:
        return provider.enrich(batch, call)
    finally:
        call.close()


# What it says of itself


@EVERY
def test_its_manifest_can_be_relied_on(provider: Provider) -> None:
    manifest, terms = provider.manifest, provider.terms(example_settings(provider))
    assert NAME.fullmatch(manifest.id)
    assert manifest.version
    assert manifest.title
    assert manifest.description.endswith(".")
    assert 1 <= manifest.batch_rows <= 1_000_000
    assert terms.needs
    assert terms.gives
    for named in (*terms.needs, *terms.gives):
        assert NAME.fullmatch(named.name)
        assert named.title
        # What a user's settings name needs no description.
        assert named.description or not manifest.terms.gives
    for names in ([need.name for need in terms.needs], [output.name for output in terms.gives]):
        assert len(names) == len(set(names))
    assert len({output.column for output in terms.gives}) == len(terms.gives)
    assert terms.price_micros >= 0
    assert terms.needs_one or any(need.required for need in terms.needs)
    assert not (terms.needs_one and any(need.required for need in terms.needs))


@pytest.mark.parametrize("provider", built_in(), ids=lambda provider: provider.manifest.id)
def test_its_inputs_are_looked_for_in_columns_that_are_known(provider: Provider) -> None:
    for need in provider.manifest.terms.needs:
        assert set(need.fields) <= HEADER_WORDS.keys() | NOT_CANONICAL


@EVERY
def test_only_what_waits_for_others_is_cached_paced_and_paid(provider: Provider) -> None:
    terms = provider.terms(example_settings(provider))
    if provider.manifest.where is Where.NETWORK:
        assert terms.concurrency >= 1
    else:
        assert terms.is_free
        assert (terms.keep, terms.rate, terms.timeout_seconds) == (None, None, None)


@EVERY
def test_its_settings_make_a_form_and_survive_being_stored(provider: Provider) -> None:
    schema = provider.manifest.settings.model_json_schema()
    jsonschema_rs.meta.validate(schema)
    assert json.loads(json.dumps(schema)) == schema
    settings = example_settings(provider)
    stored = settings.model_dump_json()
    assert type(settings).model_validate_json(stored).model_dump_json() == stored
    if not provider.manifest.connection:  # the form of a connection has words of its own
        for name, member in schema.get("properties", {}).items():
            assert member.get("title"), name
            assert member.get("description"), name


# What it answers


@EVERY
def test_an_answer_has_a_row_for_each_input_and_says_what_became_of_it(
    provider: Provider, reference: AnyTable
) -> None:
    settings = example_settings(provider)
    gives = provider.terms(settings).gives
    answered = ask(provider, batch_of(provider, HOSTILE, settings), settings, reference)
    assert answered.schema == schema_of(gives)
    assert answered.num_rows == len(HOSTILE)
    for row in answered.to_pylist():
        outcome = Outcome(row[OUTCOME])
        values = {output.name: row[output.name] for output in gives if row[output.name] is not None}
        assert (outcome is Outcome.FOUND) == bool(values)
        if outcome in {Outcome.SKIPPED, Outcome.FAILED}:
            assert NAME.fullmatch(row[REASON])
        for output in gives:
            value = row[output.name]
            if value is not None and output.kind is Kind.BOOLEAN:
                assert value in {"true", "false"}
            if value is not None and output.kind is Kind.NUMBER:
                float(value)
            assert value is None or value.strip()
        assert row[CONFIDENCE] is None or 0 <= row[CONFIDENCE] <= 1
        assert row[COST] is None or row[COST] >= 0


@EVERY
def test_no_batch_at_all_is_answered(provider: Provider, reference: AnyTable) -> None:
    settings = example_settings(provider)
    answered = ask(provider, batch_of(provider, (), settings), settings, reference)
    assert answered.num_rows == 0
    assert answered.schema == schema_of(provider.terms(settings).gives)


@EVERY
def test_no_text_breaks_it_alone(provider: Provider, reference: AnyTable) -> None:
    settings = example_settings(provider)
    for text in HOSTILE:
        assert ask(provider, batch_of(provider, [text], settings), settings, reference).num_rows == 1


@EVERY
def test_it_does_not_matter_how_inputs_are_cut_into_batches(provider: Provider, reference: AnyTable) -> None:
    settings = example_settings(provider)
    batch = batch_of(provider, HOSTILE, settings)
    whole = ask(provider, batch, settings, reference)
    pieces = [ask(provider, batch.slice(at, 7), settings, reference) for at in range(0, batch.num_rows, 7)]
    assert [row for piece in pieces for row in piece.to_pylist()] == whole.to_pylist()


@EVERY
def test_inputs_that_are_not_required_may_be_missing(provider: Provider, reference: AnyTable) -> None:
    settings = example_settings(provider)
    needs = provider.terms(settings).needs
    texts = pa.array(["jane@acme.com", "germany"], pa.large_string())
    for chosen in needs:
        columns = [
            texts if need.required or need is chosen else pa.nulls(2, pa.large_string()) for need in needs
        ]
        batch = pa.RecordBatch.from_arrays(columns, names=[need.name for need in needs])
        assert ask(provider, batch, settings, reference).num_rows == 2


@EVERY
def test_what_is_wanted_is_the_same_whatever_else_is(provider: Provider, reference: AnyTable) -> None:
    settings = example_settings(provider)
    batch = batch_of(provider, HOSTILE, settings)
    whole = ask(provider, batch, settings, reference)
    for output in provider.terms(settings).gives:
        alone = ask(provider, batch, settings, reference, wanted=frozenset({output.name}))
        assert alone.column(output.name).equals(whole.column(output.name))


@EVERY
def test_two_threads_get_the_same_answers(provider: Provider, reference: AnyTable) -> None:
    settings = example_settings(provider)
    batch = batch_of(provider, HOSTILE * 3, settings)
    once = ask(provider, batch, settings, reference)
    with ThreadPoolExecutor(2) as pool:
        twice = [pool.submit(ask, provider, batch, settings, reference) for _ in range(4)]
        assert all(each.result().equals(once) for each in twice)


# Where it works


class Outside:
    """What the interpreter reports of attempts to reach others, while it is watched."""

    def __init__(self) -> None:
        self.is_watched = False
        self.attempts: list[str] = []

    def __call__(self, event: str, _: tuple[Any, ...]) -> None:
        if self.is_watched and event in {
            "socket.connect",
            "socket.sendto",
            "socket.sendmsg",
            "socket.getaddrinfo",
        }:
            self.attempts.append(event)


OUTSIDE = Outside()
sys.addaudithook(OUTSIDE)


@EVERY
def test_it_reaches_nobody_when_it_may_not(provider: Provider, reference: AnyTable) -> None:
    settings = example_settings(provider)
    OUTSIDE.attempts.clear()
    OUTSIDE.is_watched = True
    try:
        ask(provider, batch_of(provider, HOSTILE, settings), settings, reference)
    finally:
        OUTSIDE.is_watched = False
    assert OUTSIDE.attempts == []


@pytest.mark.parametrize(
    "provider",
    [provider for provider in PROVIDERS if provider.manifest.where is Where.NETWORK],
    ids=lambda provider: provider.manifest.id,
)
def test_what_waits_for_others_asks_nobody_once_it_is_to_stop(provider: Provider) -> None:
    settings = example_settings(provider)
    gives = frozenset(output.name for output in provider.terms(settings).gives)
    call = Call(settings, gives, is_stopping=lambda: True)
    try:
        answered = provider.enrich(batch_of(provider, HOSTILE, settings), call)
    finally:
        call.close()
    assert answered.num_rows == len(HOSTILE)
    assert set(answered.column(OUTCOME).to_pylist()) <= {"unasked", "skipped"}


def _in_process(
    provider_id: str, settings_json: str, columns: dict[str, list[str | None]]
) -> list[dict[str, Any]]:
    provider = all_providers()[provider_id]
    settings = provider.manifest.settings.model_validate_json(settings_json)
    batch = pa.RecordBatch.from_pydict(
        {name: pa.array(column, pa.large_string()) for name, column in columns.items()}
    )
    answered: list[dict[str, Any]] = ask(provider, batch, settings, None).to_pylist()
    return answered


def test_those_made_for_other_processes_work_in_one_by_their_id() -> None:
    made_for = [provider for provider in PROVIDERS if provider.manifest.where is Where.PROCESSES]
    assert made_for
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for provider in made_for:
            settings = example_settings(provider)
            batch = batch_of(provider, HOSTILE, settings)
            there = pool.submit(
                _in_process, provider.manifest.id, settings.model_dump_json(), batch.to_pydict()
            ).result()
            assert there == ask(provider, batch, settings, None).to_pylist()


def test_listing_them_loads_nothing_they_know() -> None:
    code = (
        "import sys, muster.enrichments.providers as p; p.built_in(); "
        "print([name for name in ('tldextract', 'pycountry', 'nameparser', 'phonenumbers', 'dns', 'email_validator', "
        "'disposable_email_domains') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        == "[]\n"
    )


# Providers of others

SHOUT = """
from muster.enrichments.provider import Input, Output, Provider, ProviderManifest, Terms, Where, answers

class Shout(Provider):
    manifest = ProviderManifest("{id}", "1", "Shout", "Says it loud.", Where.HERE, 10,
        Terms((Input("text", "Text", "Any text."),), (Output("loud", "Loud", "The same, loud.", "loud"),)))

    def enrich(self, batch, call):
        return answers(self.manifest.terms.gives, batch.num_rows, {{"loud": [t.upper() for t in batch["text"].to_pylist()]}})
"""


def install(place: Path, package: str, source: str, target: str) -> None:
    """What an installer leaves behind: a module, and metadata that names its entry point."""
    (place / f"{package}.py").write_text(source, encoding="utf-8")
    metadata = place / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8"
    )
    (metadata / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{package} = {target}\n", encoding="utf-8")


def test_an_installed_package_brings_a_provider_and_a_broken_one_harms_nobody(tmp_path: Path) -> None:
    install(tmp_path, "shout_provider", SHOUT.format(id="shout"), "shout_provider:Shout")
    install(tmp_path, "usurper_provider", SHOUT.format(id="phone"), "usurper_provider:Shout")
    install(tmp_path, "broken_provider", "raise RuntimeError('no')", "broken_provider:Gone")
    code = (
        "import json, pyarrow as pa\n"
        "from muster.enrichments.provider import Call, NoSettings\n"
        "from muster.enrichments.providers import all_providers\n"
        "found = all_providers()\n"
        "batch = pa.RecordBatch.from_pydict({'text': pa.array(['hi'], pa.large_string())})\n"
        "loud = found['shout'].enrich(batch, Call(NoSettings(), frozenset({'loud'}))).to_pylist()\n"
        "print(json.dumps([sorted(found), loud[0]['loud'], found['phone'].manifest.title]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    names, loud, title = json.loads(ran.stdout.splitlines()[-1])
    assert set(names) == {provider.manifest.id for provider in built_in()} | {"shout"}
    assert loud == "HI"
    assert title == "Telephone numbers"
    said = ran.stdout + ran.stderr
    assert "provider.not_loaded" in said
    assert "provider.id_taken" in said

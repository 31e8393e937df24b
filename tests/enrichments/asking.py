"""Providers made for tests, and what tests ask of a house: send, enrich, look."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pyarrow as pa

from muster.accounts.model import Principal
from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Keep,
    NoSettings,
    Outcome,
    Output,
    Provider,
    ProviderManifest,
    Rate,
    Settings,
    Terms,
    Where,
    answers,
)
from muster.enrichments.read import get_run
from muster.enrichments.requests import parse_run
from muster.enrichments.run import end_run, enrich
from muster.enrichments.start import start
from muster.enrichments.store import ListedRun
from muster.jobs import retry
from muster.jobs.model import JobState
from muster.jobs.read import get_job, newest_job
from muster.records.parse import BatchQuery, parse_batch
from muster.tables.engine import connect, relation_sql
from muster.tables.model import Manifest
from muster.tables.window import newest_layout
from muster.uploads.build_table import build_table
from muster.uploads.receive import receive
from muster.wiring import House
from tests.support.inline_run import InlineContext, InlineRun

Told = tuple[Outcome, Mapping[str, str], float | None, str | None]
"""Outcome, values, confidence, reason."""


class Book(Provider):
    """Answers from a dictionary by its first input; what is not in it, is not there. Notes every input it was asked."""

    def __init__(self, manifest: ProviderManifest, book: Mapping[str, Told]) -> None:
        self.manifest = manifest  # type: ignore[misc]
        self.book = dict(book)
        self.asked: list[tuple[str | None, ...]] = []
        self.raises: Exception | None = None

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        gives = self.manifest.terms.gives
        asked = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
        outcomes, values, confidences, reasons = [], [], [], []
        for each in asked:
            if call.is_stopping():
                told: Told = (Outcome.UNASKED, {}, None, None)
            else:
                if self.raises is not None:
                    raise self.raises
                self.asked.append(each)
                told = self.book.get(
                    next(text for text in each if text is not None), (Outcome.EMPTY, {}, None, None)
                )
            outcomes.append(told[0])
            values.append(told[1])
            confidences.append(told[2])
            reasons.append(told[3])
        by_output = {output.name: [value.get(output.name) for value in values] for output in gives}
        return answers(
            gives, len(asked), by_output, outcomes=outcomes, confidences=confidences, reasons=reasons
        )


def found(confidence: float | None = None, **values: str) -> Told:
    return (Outcome.FOUND, values, confidence, None)


def failed(reason: str) -> Told:
    return (Outcome.FAILED, {}, None, reason)


EMPTY: Told = (Outcome.EMPTY, {}, None, None)


def manifest(
    provider_id: str,
    needs: Sequence[str],
    gives: Mapping[str, str],
    *,
    where: Where = Where.HERE,
    keep: Keep | None = None,
    price_micros: int = 0,
    price_per: str = "asked",
    needs_one: bool = False,
    optional: Sequence[str] = (),
    rate: Rate | None = None,
    form: Form = Form.FOLDED,
    settings: type[Settings] = NoSettings,
    batch_rows: int = 1000,
) -> ProviderManifest:
    inputs = tuple(
        Input(name, name.title(), f"The {name}.", (name,), form, required=name not in optional)
        for name in needs
    )
    outputs = tuple(Output(name, name.title(), f"The {name}.", column) for name, column in gives.items())
    terms = Terms(
        inputs,
        outputs,
        needs_one,
        price_micros,
        price_per,
        keep,
        rate,
        concurrency=4,  # type: ignore[arg-type]
    )
    return ProviderManifest(
        provider_id, "1", provider_id.title(), f"{provider_id} for tests.", where, batch_rows, terms, settings
    )


KEEP = Keep(timedelta(days=30), timedelta(days=1))


@dataclass
class Counted:
    """The providers of a house of tests.

    cheap: free, by e-mail gives `company`. dear: 0.01 for each e-mail asked, gives `company` and `size`. chained:
    by `company` gives `city`. Their books are filled by tests.
    """

    cheap: Book = field(
        default_factory=lambda: Book(manifest("cheap", ["email"], {"company": "company"}), {})
    )
    dear: Book = field(
        default_factory=lambda: Book(
            manifest(
                "dear",
                ["email"],
                {"company": "company", "size": "size"},
                where=Where.NETWORK,
                keep=KEEP,
                price_micros=10_000,
            ),
            {},
        )
    )
    chained: Book = field(
        default_factory=lambda: Book(manifest("chained", ["company"], {"city": "city"}), {})
    )

    @property
    def providers(self) -> dict[str, Provider]:
        return {book.manifest.id: book for book in (self.cheap, self.dear, self.chained)}


def house_with(house: House, providers: Mapping[str, Provider]) -> House:
    """The same house with other providers beside its own."""
    own = house.enrichments
    return replace(house, enrichments=replace(own, providers={**own.providers, **providers}))


def sent(house: House, principal: Principal, records: Sequence[Mapping[str, Any]], name: str = "List") -> str:
    """Store a batch and make its table at once; returns the id of the upload."""
    body = json.dumps({"upload_name": name, "records": records, "on_invalid": "skip"}).encode()
    batch = parse_batch(body, max_records=50_000, query=BatchQuery())
    upload_id = receive(house.uploads, principal, batch).upload_id
    with house.db.read() as connection:
        job = newest_job(connection, principal.user_id, upload_id)
    assert job is not None
    build_table(house.uploads, InlineRun(job))
    return upload_id


@dataclass
class Runs:
    """Runs of one user, carried out here and now."""

    house: House
    principal: Principal

    def start(self, upload_id: str, *providers: Any, **members: Any) -> ListedRun:
        """providers: ids, or steps as in a request."""
        steps = [{"provider": each} if isinstance(each, str) else each for each in providers]
        body = json.dumps({"upload_id": upload_id, "providers": steps, **members}).encode()
        return start(self.house.enrichments, self.principal, parse_run(body).wanted)

    def inline(self, listed: ListedRun, **wishes: Any) -> InlineRun:
        with self.house.db.read() as connection:
            job = get_job(connection, self.principal.user_id, listed.run.job_id)
        return InlineRun(job, **wishes)

    def carry_out(self, listed: ListedRun, inline: InlineRun | None = None) -> ListedRun:
        """To its end, however it ends."""
        inline = inline or self.inline(listed)
        room = self.house.enrichments
        try:
            enrich(room, inline)
        except Exception as error:
            ending = retry.ending(error)
            if ending.state is JobState.DEAD:
                raise
            job = replace(inline.job, reason_code=ending.code, reason=ending.sentence)
            with self.house.db.begin() as connection:
                end_run(room, connection, job, ending.state)
        return self.get(listed)

    def done(self, upload_id: str, *providers: Any, **members: Any) -> ListedRun:
        return self.carry_out(self.start(upload_id, *providers, **members))

    def get(self, listed: ListedRun) -> ListedRun:
        return get_run(self.house.enrichments, self.principal, listed.run.id)[0]

    def manifest(self, upload_id: str) -> Manifest:
        return newest_layout(self.house.reading, self.principal, upload_id).manifest

    def column(self, upload_id: str, name: str) -> list[str | None]:
        """A column of the newest version, in the order of rows."""
        return [row[name] for row in self.rows(upload_id)]

    def rows(self, upload_id: str) -> list[dict[str, Any]]:
        made = self.manifest(upload_id)
        names = {column.physical: column.name for column in made.columns}
        sql = relation_sql(made, names, self.house.tables.cache.path)
        with connect(self.house.tables.engine) as engine:
            found = engine.sql(f"FROM ({sql}) ORDER BY _row_id").to_arrow_table().to_pylist()
        return [{names.get(name, name): value for name, value in row.items()} for row in found]


Upload = Callable[..., str]
Context = InlineContext

"""The job that matches rows: read and normalise them, let the model learn, measure it, keep the pairs."""

import random
from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.jobs.kinds import JobKind, JobRun, StepContext
from muster.jobs.model import Job, JobState, Json, Progress
from muster.segments.clusters import clusters
from muster.segments.identity import email_key, name_key, phone_key
from muster.segments.match import MATCH, get_match
from muster.segments.match_files import load_facts, load_labels, write_facts, write_found
from muster.segments.match_model import (
    MIN_LABELS,
    Compare,
    CompareKind,
    CurvePoint,
    Label,
    Match,
    MatchFacts,
    MeasuredOn,
)
from muster.segments.match_store import MatchStore
from muster.segments.measure import curve, planted, point, truths_of_planted
from muster.segments.probable import Found, find_pairs
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources, sources_at
from muster.tables.model import ROW_ID
from muster.tables.scan import scan

_SEED: Final = 20_250_115
_COPIES_FROM: Final = 1 << 50
"""Ids of planted copies; places of rows are less."""
_TEXT: Final = pa.large_string()


def match_kind(room: SegmentsRoom) -> JobKind:
    """The kind `match_rows`; its subject is the match."""

    def run(run: JobRun) -> None:
        principal = Principal(run.job.user_id, frozenset(), "job")
        run.step("match", lambda context: _match(room, principal, run.job.subject, run.job.id, context))

        def finish(_context: StepContext) -> Json:
            facts = load_facts(room, run.job.subject, run.job.id)
            with room.db.begin() as connection:
                store = MatchStore(connection, principal)
                store.finish(run.job.subject, facts, run.job.id, room.clock())
            return {}

        run.step("publish", finish)

    def ended(connection: Connection, job: Job, state: JobState) -> None:
        del state
        principal = Principal(job.user_id, frozenset(), "job")
        code, reason = job.reason_code or "internal_error", job.reason or "These rows could not be matched."
        MatchStore(connection, principal).fail(job.subject, code, reason, room.clock())

    return JobKind(MATCH, run, ended)


def _match(
    room: SegmentsRoom, principal: Principal, match_id: str, made_by: str, context: StepContext
) -> Json:
    match = get_match(room, principal, match_id)
    sources = sources_at(room.reading, principal, match.sources)

    def alive(phase: str = "matching") -> None:
        context.report(Progress(phase, 0, sources.rows, unit="rows"))

    alive("reading")
    rows = _rows(room, sources, match.compare, alive)
    values = list(zip(*(rows.column(f"c{at}").to_pylist() for at in range(len(match.compare))), strict=True))
    copies = planted(values, match.compare, random.Random(_SEED))  # noqa: S311 - the same copies each time
    alive()
    found = find_pairs(
        rows, _as_rows(copies, match.compare), match.compare, room.reading.tables.engine, alive
    )
    own, of_copies = _parted(found)
    write_found(room, match_id, made_by, sources, own)
    origins = {_COPIES_FROM + at: rows["id"][origin].as_py() for at, (origin, _) in enumerate(copies)}
    labels = load_labels(room, match.labels_key)
    # Names of columns are in it, and what a job remembers holds no personal data.
    write_facts(room, match_id, made_by, _facts(match, sources, own, of_copies, origins, labels))
    return {"pairs": own.pairs.num_rows}


def _rows(
    room: SegmentsRoom, sources: Sources, compare: Sequence[Compare], alive: Callable[[str], None]
) -> pa.Table:
    """`id` (the place) and the normalised columns of every row."""
    pieces = []
    for position, layout in enumerate(sources.layouts):
        columns = [layout.columns.get(each.column) for each in compare]
        physical = [column.physical for column in columns if column is not None]
        for batch in scan(room.reading.tables, layout.manifest, [ROW_ID, *physical], order="_row_id"):
            alive("reading")
            ids = pc.add(batch.column(0).cast(pa.int64()), sources.place(position, 0))
            texts = [
                pa.nulls(batch.num_rows, _TEXT)
                if column is None
                else _normalised(batch.column(column.physical), each.kind)
                for column, each in zip(columns, compare, strict=True)
            ]
            pieces.append(pa.table([ids, *texts], names=["id", *(f"c{at}" for at in range(len(compare)))]))
    if not pieces:
        return _as_rows([], compare)
    return pa.concat_tables(pieces).combine_chunks()


def _as_rows(copies: Sequence[tuple[int, tuple[str | None, ...]]], compare: Sequence[Compare]) -> pa.Table:
    ids = pa.array([_COPIES_FROM + at for at in range(len(copies))], pa.int64())
    texts = [pa.array([values[at] for _, values in copies], _TEXT) for at in range(len(compare))]
    return pa.table([ids, *texts], names=["id", *(f"c{at}" for at in range(len(compare)))])


def _normalised(values: pa.Array, kind: CompareKind) -> pa.Array:
    """Each distinct value once."""
    encoded = values.cast(_TEXT).dictionary_encode()
    changed = pa.array([_key(value, kind) for value in encoded.dictionary.to_pylist()], _TEXT)
    return changed.take(encoded.indices)


def _key(value: str, kind: CompareKind) -> str | None:
    match kind:
        case CompareKind.EMAIL:
            return email_key(value)
        case CompareKind.PHONE:
            digits = "".join(character for character in value if character.isdigit())
            return phone_key(value, None) or digits or None
    return name_key(value)


def _parted(found: Found) -> tuple[Found, Sequence[tuple[int, int, float]]]:
    """Pairs of rows, and pairs with a copy as (id, id, probability)."""
    with_copy = pc.or_(
        pc.greater_equal(found.pairs.column("a"), _COPIES_FROM),
        pc.greater_equal(found.pairs.column("b"), _COPIES_FROM),
    )
    copies = found.pairs.filter(with_copy)
    listed = [copies.column(name).to_pylist() for name in ("a", "b", "probability")]
    own = Found(found.pairs.filter(pc.invert(with_copy)), found.weights, found.levels)
    return own, list(zip(*listed, strict=True))


def _facts(
    match: Match,
    sources: Sources,
    own: Found,
    of_copies: Sequence[tuple[int, int, float]],
    origins: dict[int, int],
    labels: Sequence[Label],
) -> MatchFacts:
    a, b, probabilities = (own.pairs.column(name).to_pylist() for name in ("a", "b", "probability"))
    known = {frozenset((one, other)): sure for one, other, sure in zip(a, b, probabilities, strict=True)}
    enough = all(sum(label.is_same is is_same for label in labels) >= MIN_LABELS for is_same in (True, False))
    if enough:
        truths, missed = _truths_of_labels(sources, labels, known)
    else:
        linked: dict[int, set[int]] = {}
        for one, other in zip(a, b, strict=True):
            linked.setdefault(one, set()).add(other)
            linked.setdefault(other, set()).add(one)
        truths, missed = truths_of_planted(origins, of_copies, linked)
    at_threshold: CurvePoint = point(truths, missed, probabilities, match.threshold)
    above = [
        ((0, one), (0, other))
        for one, other, sure in zip(a, b, probabilities, strict=True)
        if sure >= match.threshold
    ]
    return MatchFacts(
        rows=sources.rows,
        pairs=len(probabilities),
        pairs_above=len(above),
        clusters=len(clusters(above[::-1], (), ())),
        measured_on=MeasuredOn.LABELS if enough else MeasuredOn.PLANTED,
        precision=at_threshold.precision,
        recall=at_threshold.recall,
        curve=curve(truths, missed, probabilities),
        weights=own.weights,
    )


def _truths_of_labels(
    sources: Sources, labels: Sequence[Label], known: dict[frozenset[int], float]
) -> tuple[list[tuple[float, bool]], int]:
    """Labelled pairs that were looked at, and how many of the same person were not."""
    positions = {str(layout.manifest.table_id): at for at, layout in enumerate(sources.layouts)}
    truths, missed = [], 0
    for label in labels:
        places = [
            sources.place(positions[upload_id], row_id) for upload_id, row_id in (label.pair.a, label.pair.b)
        ]
        sure = known.get(frozenset(places))
        if sure is not None:
            truths.append((sure, label.is_same))
        elif label.is_same:
            missed += 1
    return truths, missed

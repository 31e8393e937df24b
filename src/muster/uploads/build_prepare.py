"""Portions made ready to be stored: checked, encoded, counted. Nothing here writes, so it may run ahead of the notes.

What is made of a portion depends only on the upload, the plan and the portions before it, so it does not
matter how far ahead it was made when a process died.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa

from muster.errors import InputError
from muster.tables.columns import ColumnState
from muster.tables.profile_counts import ValueCounts
from muster.tables.rejects import pack_rejects
from muster.tables.write import EncodedPart, ExaminedPart, encode_part, examine_part
from muster.uploads.build_ahead import Ahead
from muster.uploads.build_plan import BuildPlan, PortionNote
from muster.uploads.readers.model import Portion
from muster.uploads.refine import Refined, refine

MAX_COLUMNS = 10_000
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """One portion as it is stored, and no more: what it was made of takes ten times the room.

    note: what is known once it is stored. rejects: pieces of their object, issues: as `write_issues` takes them;
    None where there are none.
    """

    note: PortionNote
    part: EncodedPart
    rejects: Sequence[bytes] | None
    issues: pa.Table | None


@dataclass(frozen=True, slots=True)
class _Begun:
    """One portion whose types are known; its file is being made and its values are being counted."""

    note: PortionNote
    part: Future[EncodedPart]
    counting: Future[None] | None
    rejects: Sequence[bytes] | None
    issues: pa.Table | None

    def ended(self) -> Prepared:
        if self.counting is not None:
            self.counting.result()
        return Prepared(self.note, self.part.result(), self.rejects, self.issues)


def prepared(
    portions: Ahead[Portion],
    plan: BuildPlan,
    before: PortionNote | None,
    state: ColumnState,
    counts: ValueCounts | None,
    pause: Callable[[], None],
) -> Generator[Prepared]:
    """Each portion ready to be stored, at least one; the last one's note has no position.

    portions: closed at the end. before, state: what the portion before the first of them left.
    counts: counts their values. pause: called every second or so; what it raises ends the work.
    Raises what the reader raises, and InputError `columns_too_many`.
    """
    with closing(
        Ahead(_begun(portions, plan, before, state, counts, pause), "check", most=_AT_ONCE)
    ) as begun:
        # Nothing is held on to here while the next one comes: a portion is some hundred megabytes.
        while (coming := begun.next(pause)) is not None:
            made = coming.ended()
            del coming
            yield made
            del made


def _begun(
    portions: Ahead[Portion],
    plan: BuildPlan,
    before: PortionNote | None,
    state: ColumnState,
    counts: ValueCounts | None,
    pause: Callable[[], None],
) -> Iterator[_Begun]:
    """Only the types of a portion depend on the one before it; the rest is done for several at the same time."""
    with (
        closing(portions),
        ThreadPoolExecutor(_AT_ONCE, "encode") as encoders,
        ThreadPoolExecutor(1, "count") as counter,
    ):
        while before is None or before.position is not None:
            portion = portions.next(pause) or _nothing(plan)
            refined = refine(
                portion, plan.mapping, plan.rules, is_identified=plan.layout is None, pause=pause
            )
            pause()
            part = _examined(portion, refined, plan, before, state)
            state, before = part.state, _note(portion, refined, before)
            begun = _Begun(
                before,
                encoders.submit(encode_part, part),
                None if counts is None else counter.submit(counts.add, part.texts, part.table.num_rows),
                pack_rejects(refined.rejects()) if refined.rejected else None,
                refined.issues(part.first_row_id) if len(refined.findings) else None,
            )
            del portion, refined, part
            yield begun
            del begun


def _examined(
    portion: Portion, refined: Refined, plan: BuildPlan, before: PortionNote | None, state: ColumnState
) -> ExaminedPart:
    _refuse_too_many_columns(state, refined.table.column_names)
    return examine_part(
        0 if before is None else before.total_accepted,
        refined.table,
        refined.rows,
        state,
        kinds=portion.kinds if plan.mapping.is_identity() else None,
        decimal_comma=plan.layout is not None and plan.layout.decimal_comma,
    )


def _note(portion: Portion, refined: Refined, before: PortionNote | None) -> PortionNote:
    accepted = refined.table.num_rows
    return PortionNote(
        0 if before is None else before.number + 1,
        portion.position,
        portion.done_bytes,
        accepted,
        refined.rejected,
        len(refined.findings),
        accepted + (0 if before is None else before.total_accepted),
        refined.rejected + (0 if before is None else before.total_rejected),
    )


def _refuse_too_many_columns(state: ColumnState, names: Iterable[str]) -> None:
    if len({column.name for column in state.columns} | set(names)) > MAX_COLUMNS:
        raise InputError(
            f"This upload has more than {MAX_COLUMNS} different columns. Leave some out, or turn keys that "
            "differ from record to record into values.",
            code="columns_too_many",
        )


def _nothing(plan: BuildPlan) -> Portion:
    """What stands for the portions of a file without a single record."""
    names = () if plan.layout is None else plan.layout.columns
    empty = pa.table({name: pa.array([], pa.large_string()) for name in names})
    return Portion(empty, pa.array([], pa.int64()), (), 0, 0, None, plan.total_bytes)

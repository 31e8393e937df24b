"""One window of a table: the rows a grid shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from muster.accounts.model import Principal
from muster.errors import InputError, Issue
from muster.predicates.check import check, unknown_field
from muster.predicates.sort import check_sort
from muster.tables.ids import Question, window_ids
from muster.tables.issues_view import RowIssue, issues_of
from muster.tables.layout import Layout
from muster.tables.model import Column, TableId
from muster.tables.page import Page, page
from muster.tables.reading import ReadingRoom, load_layout
from muster.tables.store import TableStore

MAX_WINDOW_CELLS = 1_000_000
"""Rows times columns of one window."""


@dataclass(frozen=True, slots=True)
class WindowWish:
    """What was asked for. columns: names, None for all of them in the table's order."""

    question: Question
    offset: int = 0
    limit: int = 100
    columns: tuple[str, ...] | None = None
    exact_total: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Rows of one version. total: rows that match in all; about, unless total_exact."""

    table_id: TableId
    version: int
    offset: int
    limit: int
    total: int
    total_exact: bool
    columns: Sequence[Column]
    page: Page
    issues: dict[int, list[RowIssue]]


def newest_layout(reading: ReadingRoom, principal: Principal, table_id: str) -> Layout:
    """The newest version of a table of this principal's. Raises NotFound, Forbidden, Conflict (`table_not_ready`)."""
    with reading.tables.db.read() as connection:
        pointer = TableStore(connection, principal).get(table_id)
    return load_layout(reading, pointer.table_id, pointer.version)


def window(reading: ReadingRoom, shape: Layout, wish: WindowWish) -> Window:
    """The rows asked for. Raises InputError for columns there are none of, Overloaded, Unavailable."""
    columns = chosen_columns(shape, wish.columns)
    check_question(shape, wish.question)
    if wish.limit * len(columns) > MAX_WINDOW_CELLS:
        message = (
            f"A window may have {MAX_WINDOW_CELLS} cells; ask for fewer rows, or name the columns you need."
        )
        raise InputError(
            message,
            code="window_too_large",
            issues=[Issue(None, "limit", "/limit", "window_too_large", message)],
        )
    found = window_ids(reading, shape, wish.question, wish.offset, wish.limit, exact_total=wish.exact_total)
    return Window(
        table_id=shape.manifest.table_id,
        version=shape.manifest.version,
        offset=wish.offset,
        limit=wish.limit,
        total=found.total,
        total_exact=found.total_exact,
        columns=columns,
        page=page(reading, shape, found.ids, columns),
        issues=issues_of(reading, shape, found.ids),
    )


def check_question(shape: Layout, question: Question) -> None:
    """Raise InputError (`filter_invalid`, `sort_invalid`) when it names columns this version does not have."""
    if question.predicate is not None:
        check(question.predicate, shape.columns, pointer="/filter")
    check_sort(question.sort, shape.columns)


def chosen_columns(shape: Layout, names: Sequence[str] | None) -> Sequence[Column]:
    """The columns of these names, all when None. Raises InputError (`column_unknown`)."""
    if names is None:
        return shape.manifest.columns
    refuse_unknown_columns(shape, [(name, f"/columns/{at}") for at, name in enumerate(names)])
    return [shape.columns[name] for name in dict.fromkeys(names)]


def refuse_unknown_columns(shape: Layout, named: Sequence[tuple[str, str]]) -> None:
    """Raise InputError (`column_unknown`) for names that are no columns; each with the pointer to it."""
    issues = [
        Issue(None, name, pointer, "column_unknown", unknown_field(shape.columns, name))
        for name, pointer in named
        if name not in shape.columns
    ]
    if issues:
        raise InputError(
            "The table has no such column; `errors` names each one.", code="column_unknown", issues=issues
        )

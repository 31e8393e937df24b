"""The client's calls about the table of an upload; a part of `Client`."""

import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ._address import upload_path
from ._connection import Connection, shaped
from ._corrections import send_corrections
from ._errors import Conflict, InvalidRequest
from ._files import FileRecords
from ._model import Record
from ._table_model import Change, Column, Edited, Profile, Retried, Row, RowIssue, Rows

Filter = Mapping[str, Any] | str
"""A tree of conditions (docs/api/filters.md), as a mapping or as its JSON."""
Sort = str | Sequence[Mapping[str, Any]]
"""`-employees,last_name`, or a list of `{"field": ..., "descending": ...}`."""
ResultsPart = Literal["accepted", "rejected", "unprocessed"]
ResultsFormat = Literal["csv", "ndjson", "xlsx", "parquet"]
Cell = str | int | float | bool | None

_ROWS_AT_ONCE = 1000


class TablesClient:
    """The table an upload became: windows of it, its profile, edits, and rejects that were corrected."""

    _connection: Connection

    def rows(
        self,
        upload_id: str,
        *,
        offset: int = 0,
        limit: int = 100,
        filter: Filter | None = None,
        sort: Sort | None = None,
        columns: Sequence[str] | None = None,
        view: Literal["all", "issues"] = "all",
        exact_total: bool = False,
    ) -> Rows:
        """A window of the table: at most 1,000 rows from `offset` on.

        view: `issues` gives only rows a rule warned about or fixed. exact_total: wait until `total` is no
        estimate. Raises NotFound as long as the upload is no table, InvalidRequest for a filter that cannot be
        used.
        """
        asked: dict[str, Any] = {"offset": offset, "limit": limit, "view": view, "exact_total": exact_total}
        if filter is not None:
            asked["filter"] = filter_tree(filter)
        if sort is not None:
            asked["sort"] = sort if isinstance(sort, str) else [*sort]
        if columns is not None:
            asked["columns"] = [*columns]
        said = self._connection.json("POST", upload_path(upload_id, "/rows/query"), body=asked)
        names = [column["name"] for column in said["columns"]]
        return Rows(
            upload_id=said["upload_id"],
            version=said["version"],
            offset=said["offset"],
            limit=said["limit"],
            total=said["total"],
            total_exact=said["total_exact"],
            columns=shaped(said["columns"], tuple[Column, ...]),
            rows=tuple(
                Row(
                    row_id=one["_row_id"],
                    row=one["_row"],
                    values=dict(zip(names, one["values"], strict=True)),
                    issues=shaped(one.get("_issues") or (), tuple[RowIssue, ...]),
                    edited=tuple(one.get("_edited") or ()),
                )
                for one in said["rows"]
            ),
        )

    def iter_rows(
        self,
        upload_id: str,
        *,
        filter: Filter | None = None,
        sort: Sort | None = None,
        columns: Sequence[str] | None = None,
        view: Literal["all", "issues"] = "all",
    ) -> Iterator[Row]:
        """Every row of the table that the filter finds, a window at a time.

        Raises Conflict (`table_changed`) when the table changes in between: the rest would not fit.
        """
        offset, version = 0, None
        while True:
            window = self.rows(
                upload_id,
                offset=offset,
                limit=_ROWS_AT_ONCE,
                filter=filter,
                sort=sort,
                columns=columns,
                view=view,
            )
            if version not in {None, window.version}:
                message = f"The table of {upload_id} was changed while it was read; read it again."
                raise Conflict(message, code="table_changed")
            version = window.version
            yield from window.rows
            offset += len(window.rows)
            if len(window.rows) < _ROWS_AT_ONCE:
                return

    def profile(self, upload_id: str) -> Profile:
        """What the columns of the table hold, as it was when the table was made."""
        return shaped(self._connection.json("GET", upload_path(upload_id, "/profile")), Profile)

    def edit_rows(
        self,
        upload_id: str,
        edits: Mapping[int, Mapping[str, Cell]] | None = None,
        *,
        filter: Filter | None = None,
        set: Mapping[str, Cell] | None = None,
        if_version: int | None = None,
    ) -> Edited:
        """Change cells; each change is logged and can be undone.

        edits: new values by `Row.row_id`; or instead `filter` and `set`: the same values in every row found.
        if_version: only if that is still the newest version, else Conflict.
        """
        body: dict[str, Any] = {} if if_version is None else {"if_version": if_version}
        if edits is not None:
            body["edits"] = [{"row": row_id, "set": values} for row_id, values in edits.items()]
        if filter is not None:
            body["filter"] = filter_tree(filter)
        if set is not None:
            body["set"] = set
        said = self._connection.json(
            "PATCH",
            upload_path(upload_id, "/rows"),
            body=body,
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        return shaped(said, Edited)

    def undo(self, upload_id: str, change_id: int | None = None) -> Edited:
        """Undo a change: the newest one, or the one named."""
        said = self._connection.json(
            "POST",
            upload_path(upload_id, "/undo"),
            body={} if change_id is None else {"change_id": change_id},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        return shaped(said, Edited)

    def changes(self, upload_id: str) -> Iterator[Change]:
        """The log of changes of the table, newest first."""
        params: dict[str, str | int] = {"limit": _ROWS_AT_ONCE}
        while True:
            said = self._connection.json("GET", upload_path(upload_id, "/changes"), params=params)
            yield from shaped(said["changes"], tuple[Change, ...])
            if not said["next_cursor"]:
                return
            params["cursor"] = said["next_cursor"]

    def retry(self, upload_id: str, rows: Iterable[Record]) -> Retried:
        """Send corrected rejects back: each with its `_row`; those that pass now join the table.

        rows: read lazily; sent in as many requests as the server's limits ask for. The remarks of a downloaded
        reject (`_code`, `_reason` ...) may stay in. Raises InvalidRequest when rows cannot be used at all,
        Conflict while the upload is being worked on.
        """
        return send_corrections(self._connection, upload_id, rows)

    def retry_file(self, upload_id: str, path: str | Path) -> Retried:
        """`retry` for a file: the .csv of `download_rejects` after somebody corrected it, .ndjson or .json."""
        return send_corrections(self._connection, upload_id, FileRecords(Path(path)))

    def results(
        self, upload_id: str, part: ResultsPart = "accepted", format: ResultsFormat = "csv"
    ) -> Iterator[bytes]:
        """What became of the records, as a file in pieces as they arrive, in input order; memory stays constant.

        part: `accepted`, the table as it is now; `rejected`, as sent with their reasons; `unprocessed`, the
        rest of an upload that was cancelled or failed. format: csv, ndjson, xlsx, parquet. Raises Unreachable
        when the answer is cut short.
        """
        params = {"part": part, "format": format}
        with self._connection.stream(
            "GET", upload_path(upload_id, "/results"), params=params, headers={"Accept": "*/*"}, retry=True
        ) as pieces:
            yield from pieces

    def save_results(
        self,
        upload_id: str,
        path: str | Path,
        *,
        part: ResultsPart = "accepted",
        format: ResultsFormat = "csv",
    ) -> int:
        """`results` into a file, which appears when it is whole; returns its size in bytes."""
        whole = Path(path)
        begun = whole.with_name(f".{whole.name}.{os.getpid()}.part")
        try:
            with begun.open("xb") as file:
                size_bytes = sum(file.write(piece) for piece in self.results(upload_id, part, format))
            begun.replace(whole)
        finally:
            begun.unlink(missing_ok=True)
        return size_bytes


def filter_tree(filter: Filter) -> Any:
    """A filter as it is sent. Raises InvalidRequest (`filter_invalid`) when its text is no JSON."""
    if not isinstance(filter, str):
        return filter
    try:
        return json.loads(filter)
    except ValueError as error:
        raise InvalidRequest(f"The filter is not JSON: {error}.", code="filter_invalid") from error

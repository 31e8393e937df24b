"""`muster segment`: keep segments, count, look at members, say why a row is in one."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any

import msgspec
import typer

from muster.cli.json_options import json_object
from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import note, print_json, print_table, say
from muster.client import MemberRow, Segment, SegmentPreview

_LIMIT = 20

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Segments: keep them, count, look at their members.",
)

SegmentId = Annotated[str, typer.Argument(metavar="SEGMENT", help="A segment's id, seg_...")]
_Uploads = Annotated[list[str], typer.Argument(metavar="UPLOAD...", help="Ids of uploads, upl_...")]
_Filter = Annotated[
    str | None,
    typer.Option(metavar="JSON", help='Such as \'{"field": "country", "op": "eq", "value": "US"}\'.'),
]
_Dedupe = Annotated[
    str | None,
    typer.Option(
        metavar="WHAT",
        help="One row for each person: email, phone, domain_name, or JSON as in docs/api/segments.md.",
    ),
]
_Columns = Annotated[str | None, typer.Option(metavar="NAMES", help="Columns to show, between commas.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is called; once per user.")],
    uploads: _Uploads,
    filter: _Filter = None,
    dedupe: _Dedupe = None,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="Keep what is found now, instead of following the tables.")
    ] = False,
    description: Annotated[str, typer.Option(help="For people.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Keep a segment and count it."""
    with connect(url, key) as client:
        made = client.create_segment(
            name,
            uploads,
            filter=filter,
            dedupe=_dedupe_of(dedupe),
            kind="snapshot" if snapshot else "live",
            description=description,
            tags=tag or (),
        )
    _tell(made, as_json=as_json)


@app.command("list")
def list_segments(
    name: Annotated[str | None, typer.Option(help="Only those whose name contains this.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only those with this tag.")] = None,
    upload: Annotated[
        str | None, typer.Option(metavar="ID", help="Only those made from this upload.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Segments to show, at most.")] = 100,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List segments, the one changed last first."""
    with connect(url, key) as client:
        found = list(islice(client.segments(name=name, tag=tag, upload_id=upload), limit))
    if as_json:
        print_json({"segments": [asdict(one) for one in found]})
        return
    print_table(
        ("id", "name", "kind", "members", "of", "since last", "counted"),
        [(one.id, one.name, one.kind, one.count, one.of, _change(one), _freshness(one)) for one in found],
    )


@app.command()
def preview(
    uploads: _Uploads,
    filter: _Filter = None,
    dedupe: _Dedupe = None,
    columns: _Columns = None,
    sample: Annotated[int, typer.Option(min=0, max=100, help="Rows to show.")] = 10,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Count without keeping anything: how many, after each condition, and a few rows."""
    with connect(url, key) as client:
        found = client.preview_segment(
            uploads, filter=filter, dedupe=_dedupe_of(dedupe), sample=sample, columns=_names(columns)
        )
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    _tell_preview(found)
    if found.sample:
        _print_rows([column.name for column in found.columns], found.sample)


@app.command()
def show(segment_id: SegmentId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show a segment, brought up to date, and its last counts."""
    with connect(url, key) as client:
        segment = client.segment(segment_id)
        history = list(islice(client.segment_history(segment_id), _LIMIT))
    if as_json:
        print_json({**asdict(segment), "history": [asdict(one) for one in history]})
        return
    _tell(segment, as_json=False)
    print_table(
        ("version", "at", "members", "joined", "left", "because"),
        [(one.version, one.at, one.count, one.joined, one.left, one.cause) for one in history],
    )


@app.command()
def members(
    segment_id: SegmentId,
    columns: _Columns = None,
    version: Annotated[int | None, typer.Option(min=1, help="An older count.")] = None,
    part: Annotated[str, typer.Option(help="all, joined or left: compared with --since.")] = "all",
    since: Annotated[int | None, typer.Option(min=1, help="A version; the one before unless given.")] = None,
    offset: Annotated[int, typer.Option(min=0, help="Members to leave out at the beginning.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Members to show, at most.")] = _LIMIT,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Show members of a segment; `muster export` writes all of them to a file."""
    with connect(url, key) as client:
        window = client.members(
            segment_id,
            offset=offset,
            limit=limit,
            columns=_names(columns),
            version=version,
            part=part,
            since=since,
        )
    if as_json:
        print_json(msgspec.to_builtins(window))
        return
    _print_rows([column.name for column in window.columns], window.rows)
    note(f"{len(window.rows):,} of {window.total:,} members of version {window.version}.")


@app.command()
def refresh(segment_id: SegmentId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Count a segment anew, a snapshot as well."""
    with connect(url, key) as client:
        _tell(client.refresh_segment(segment_id), as_json=as_json)


@app.command()
def explain(
    segment_id: SegmentId,
    row: Annotated[int, typer.Argument(help="The number of a row, `_row_id`.")],
    upload: Annotated[
        str | None, typer.Option(metavar="ID", help="Its upload, where there are several.")
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Say why a row is in a segment, or not."""
    with connect(url, key) as client:
        found = client.explain_row(segment_id, row, upload_id=upload)
    if as_json:
        print_json(asdict(found))
        return
    say(found.sentence)
    if found.tree is not None:
        _print_tree(found.tree, 0)


@app.command()
def compare(
    segment_id: SegmentId,
    other_id: Annotated[str, typer.Argument(metavar="OTHER", help="The other segment's id.")],
    by: Annotated[str, typer.Option(help="row, email, phone or domain_name.")] = "row",
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Say how much two segments have in common."""
    with connect(url, key) as client:
        found = client.compare_segments(segment_id, other_id, by=by)
    if as_json:
        print_json(asdict(found))
        return
    say(f"in both: {found.both:,}; only in the first: {found.only_a:,}; only in the second: {found.only_b:,}")


@app.command()
def delete(
    segment_id: SegmentId,
    cascade: Annotated[bool, typer.Option("--cascade", help="Delete what is made from it as well.")] = False,
    *,
    url: Url = None,
    key: Key = None,
) -> None:
    """Forget a segment; tables stay as they are."""
    with connect(url, key) as client:
        client.delete_segment(segment_id, cascade=cascade)
    say(f"Deleted {segment_id}.")


def _dedupe_of(text: str | None) -> dict[str, Any] | str | None:
    """A lone word is what duplicates are found by."""
    if text is None or not text.lstrip().startswith("{"):
        return text
    return json_object(text, "--dedupe")


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _tell(segment: Segment, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(segment))
        return
    say(f"{segment.id}  {segment.name}: {_count(segment)}")
    say(f"  {segment.describe}")
    if segment.reason:
        note(segment.reason)


def _count(segment: Segment) -> str:
    if segment.count is None:
        return segment.status
    share = "" if segment.share is None else f" ({segment.share:.1%})"
    return f"{segment.count:,} of {segment.of or 0:,}{share}"


def _change(segment: Segment) -> str:
    if segment.count is None:
        return ""
    return f"+{segment.joined or 0:,} -{segment.left or 0:,}"


def _freshness(segment: Segment) -> str:
    if segment.status != "ready":
        return segment.status
    return "tables changed since" if segment.is_stale else "up to date"


def _tell_preview(found: SegmentPreview) -> None:
    share = "" if found.share is None else f" ({found.share:.1%})"
    say(f"{found.count:,} of {found.of:,}{share}: {found.describe}")
    if found.duplicates:
        say(f"{found.duplicates:,} of {found.rows:,} rows are joined with others.")
    if len(found.funnel) > 1:
        print_table(("left after", "members"), [(step.describe, step.count) for step in found.funnel])


def _print_rows(names: Sequence[str], rows: Sequence[MemberRow]) -> None:
    print_table(["row", *names], [[one.row_id, *(one.values[name] for name in names)] for one in rows])


def _print_tree(node: Any, depth: int) -> None:
    parts = node.get("parts")
    shown = (
        "" if parts else f" (it is {node['value']!r})" if node.get("value") is not None else " (it is empty)"
    )
    if depth or not parts:
        say(f"{'  ' * depth}{'yes' if node['holds'] else 'no '}  {node['describe']}{shown}")
    for part in parts or ():
        _print_tree(part, depth + 1)

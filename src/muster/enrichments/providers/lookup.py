"""Look rows up in another table of the same user, by one key or several; the engine joins, whatever the size."""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, Field

from muster.enrichments.forms import form_sql, formed
from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Outcome,
    Output,
    Provider,
    ProviderManifest,
    Reference,
    Settings,
    Terms,
    Where,
    answers,
)
from muster.errors import InputError

MAX_KEYS: Final = 3
MAX_OUTPUTS: Final = 50
AMBIGUOUS: Final = "_ambiguous"
"""Column of `reference_sql`: whether rows with this key say different things (only with `keep: only`)."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEY: Final = re.compile(r"k[0-9]")


def _named(gives: dict[str, str]) -> dict[str, str]:
    for name in gives.values():
        if not _NAME.fullmatch(name) or _KEY.fullmatch(name):
            raise ValueError(
                "Name an output with small letters, digits and `_`, such as `company_size`, and not `k1` like a key."
            )
    if len(set(gives.values())) < len(gives):
        raise ValueError("Two columns cannot become one output; give them different names.")
    return gives


class Key(Settings):
    """A column of the other table that is compared with one of this table."""

    column: str = Field(
        min_length=1, max_length=1000, title="Column", description="Its name in the other table."
    )
    form: Form = Field(
        default=Form.FOLDED,
        title="Compared as",
        description="`exact`, `trimmed` (no blanks at the ends), or `folded` (trimmed, and small letters count as capital ones).",
    )


class LookupSettings(Settings):
    """Where to look, and for what."""

    model_config = Settings.model_config | {
        "json_schema_extra": {
            "examples": [
                {
                    "upload_id": "upl_7mZ1",
                    "keys": [{"column": "domain"}],
                    "gives": {"Company size": "company_size"},
                    "keep": "first",
                }
            ]
        }
    }

    upload_id: str = Field(min_length=1, max_length=100, title="Upload", description="The other table.")
    keys: tuple[Key, ...] = Field(
        min_length=1,
        max_length=MAX_KEYS,
        title="Keys",
        description="Columns of the other table that tell which row is meant; all of them must agree.",
    )
    gives: Annotated[dict[str, str], AfterValidator(_named)] = Field(
        min_length=1,
        max_length=MAX_OUTPUTS,
        title="Columns to take",
        description="Column of the other table to the name its values get here.",
    )
    keep: Literal["only", "first", "newest"] = Field(
        default="only",
        title="When several rows match",
        description=(
            "`only`: none of them, unless they say the same. `first`: the first row of the other table. `newest`: the last."
        ),
    )


class Lookup(Provider):
    """Rows of the other table without a whole key are as if they were not there."""

    manifest = ProviderManifest(
        "lookup",
        "1",
        "Look up in another table",
        "Takes columns from another of your tables where its keys agree: a customer list, a register, a price list.",
        Where.HERE,
        262_144,
        Terms((), ()),
        LookupSettings,
    )

    def terms(self, settings: Settings) -> Terms:
        assert isinstance(settings, LookupSettings)  # noqa: S101 - made from the manifest
        needs = (
            Input(
                f"k{at}",
                key.column,
                f"Compared with the column `{key.column}` of the other table.",
                (key.column,),
                key.form,
            )
            for at, key in enumerate(settings.keys, 1)
        )
        gives = (
            Output(name, column, f"The column `{column}` of the other table.", name)
            for column, name in settings.gives.items()
        )
        return Terms(tuple(needs), tuple(gives))

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        """Raises what `Reference.table_sql` raises, InputError (`lookup_not_here`)."""
        terms = self.terms(call.settings)
        names = [output.name for output in terms.gives]
        keys = [need.name for need in terms.needs]
        asked = {need.name: formed(batch.column(need.name), need.form) for need in terms.needs}
        table = pa.table({"at": pa.array(range(batch.num_rows), pa.int64()), **asked})
        # Names are ours or match `_NAME`; columns of the table are named by `Reference`.
        on = " AND ".join(f"asked.{key} = reference.{key}" for key in keys)
        shown = ", ".join(f'reference."{name}"' for name in names)
        sql = (
            f"SELECT {shown}, reference.k1 IS NOT NULL AS _is_known, coalesce(reference.{AMBIGUOUS}, false) AS {AMBIGUOUS} "  # noqa: S608
            f"FROM asked LEFT JOIN ({self.reference_sql(call.settings, call)}) reference ON {on} ORDER BY asked.at"
        )
        joined = _reference(call).query(sql, {"asked": table})
        values = {name: _whole(joined[name]) for name in names}
        is_ambiguous, is_known = _whole(joined[AMBIGUOUS]), _whole(joined["_is_known"])
        found = pc.if_else(_any_valid(values, batch.num_rows), Outcome.FOUND.value, Outcome.EMPTY.value)
        outcomes = pc.if_else(is_ambiguous, Outcome.SKIPPED.value, found)
        reasons = pc.if_else(is_ambiguous, "ambiguous", pc.if_else(is_known, None, "not_in_table"))
        return answers(terms.gives, batch.num_rows, values, outcomes=outcomes, reasons=reasons)

    def reference_sql(self, settings: Settings, call: Call) -> str:
        """A SELECT of the other table with one row for each key: `k1` ..., the outputs by their names, `_ambiguous`.

        Keys are in the form the terms ask for. The outputs of an ambiguous key are null.
        Raises what `Reference.table_sql` raises, InputError (`lookup_not_here`).
        """
        assert isinstance(settings, LookupSettings)  # noqa: S101 - made from the manifest
        columns = [key.column for key in settings.keys] + list(settings.gives)
        source = _reference(call).table_sql(settings.upload_id, columns)
        keys = {f"k{at}": form_sql(f"v{at - 1}", key.form) for at, key in enumerate(settings.keys, 1)}
        places = {name: f"v{len(keys) + at}" for at, name in enumerate(settings.gives.values())}
        shaped = ", ".join(f"{expression} AS {key}" for key, expression in keys.items())
        kept = ", ".join(
            f"CASE WHEN trim({place}) <> '' THEN {place} END AS {place}" for place in places.values()
        )
        whole = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        ambiguous = (
            " OR ".join(_differs(place) for place in places.values()) if settings.keep == "only" else "false"
        )
        picked = ", ".join(
            f'{_picked(place, settings.keep, ambiguous)} AS "{name}"' for name, place in places.items()
        )
        return (
            f"SELECT {', '.join(keys)}, {picked}, {ambiguous} AS {AMBIGUOUS} "  # noqa: S608 - as in `enrich`
            f"FROM (SELECT _row_id, {shaped}, {kept} FROM ({source})) WHERE {whole} GROUP BY {', '.join(keys)}"
        )


def _differs(place: str) -> str:
    """Whether rows of a group say different things; one that says nothing contradicts none."""
    return f"min({place}) IS DISTINCT FROM max({place})"


def _picked(place: str, keep: str, ambiguous: str) -> str:
    return {
        "only": f"CASE WHEN {ambiguous} THEN NULL ELSE min({place}) END",
        "first": f"arg_min_null({place}, _row_id)",
        "newest": f"arg_max_null({place}, _row_id)",
    }[keep]


def _reference(call: Call) -> Reference:
    if call.reference is None:
        raise InputError("Another table can only be looked up in a run over a table.", code="lookup_not_here")
    return call.reference


def _any_valid(values: Mapping[str, pa.Array], rows: int) -> pa.Array:
    found = pa.repeat(pa.scalar(False), rows)
    for value in values.values():
        found = pc.or_(found, value.is_valid())
    return found


def _whole(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return pa.concat_arrays(joined.chunks) if isinstance(joined, pa.ChunkedArray) else joined

"""From what was asked for to what will be done: names, guesses and refusals; pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from muster.errors import InputError, Issue
from muster.exports.destination import DestinationManifest, OutColumn, Settings, Takes
from muster.exports.guess import field_of, identities_of
from muster.exports.model import (
    CHANGE,
    CONSENTS,
    Consent,
    Definition,
    ExportColumn,
    FileOptions,
    Hashing,
    SourceWish,
)
from muster.exports.platforms import PLATFORMS
from muster.exports.platforms.fields import Field, PlatformId
from muster.exports.requests import ColumnBody, ExportBody
from muster.predicates.check import unknown_field
from muster.records.checks.texts import folded
from muster.tables.formats.write import TableFormat
from muster.web.json_body import body_refused

_S = TypeVar("_S", bound=Settings)


def define(
    asked: ExportBody,
    names: Sequence[str],
    manifest: DestinationManifest,
    *,
    default_name: str,
    retry_of: str | None = None,
    retry_codes: Sequence[str] = (),
) -> Definition:
    """The whole definition. names: of the source's columns; default_name: what the export is called if nobody says.

    Raises InputError: `column_unknown`, `column_repeated`, `field_unknown`, `export_key_missing`, `format_unusable`,
    `hashing_unusable`.
    """
    hashing = _hashing(asked, manifest)
    columns = _columns(asked, names, None if hashing is None else hashing.platform)
    format_, options = _file(asked, manifest)
    if asked.consent is not None and asked.consent.column not in names:
        raise _unknown(names, asked.consent.column, "/consent/column")
    since_last = asked.since is not None
    definition = Definition(
        name=(asked.name or default_name).strip() or default_name,
        source=SourceWish(
            asked.segment_id, asked.version, asked.upload_id, asked.filter, retry_of, tuple(retry_codes)
        ),
        columns=columns,
        destination=manifest.id,
        format=format_,
        options=options,
        hashing=hashing,
        consent=_consent(asked),
        connection=asked.connection,
        settings=asked.settings,
        key=_key(asked, columns, needed=since_last or manifest.needs_key),
        since_last=since_last,
        country=_country_column(columns, names),
        identities=identities_of(names),
    )
    if since_last and manifest.takes is Takes.FILE and CHANGE in definition.output_names:
        raise _refused(
            "/columns", "column_repeated", f"`{CHANGE}` is our own column here; give yours another name."
        )
    return definition


def parse_settings(shape: type[_S], given: Mapping[str, Any], pointer: str) -> _S:
    """The settings as the destination's model. Raises InputError (`settings_invalid`), one issue for each fault."""
    try:
        return shape.model_validate(dict(given))
    except ValidationError as error:
        issues = [
            Issue(
                None,
                ".".join(map(str, fault["loc"])) or None,
                "/".join([pointer, *map(str, fault["loc"])]),
                "settings_invalid",
                fault["msg"].removeprefix("Value error, "),
            )
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        said = "; ".join(f"`{issue.field}`: {issue.message}" for issue in issues)
        raise InputError(
            f"The settings cannot be used: {said.rstrip('.')}.", code="settings_invalid", issues=issues
        ) from None


def series_of(definition: Definition) -> str:
    """What exports that only differ in when they were made, and in their name, have in common."""
    source = definition.source
    told = [
        source.segment_id, source.upload_id, source.filter, definition.columns, definition.destination, definition.format,
        definition.options, definition.hashing, definition.consent, definition.connection,
        dict(definition.settings), definition.key,
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()[:32]


def out_columns(definition: Definition) -> tuple[OutColumn, ...]:
    """The columns as they leave."""
    key = set(definition.key)
    return tuple(
        OutColumn(name, column.field, name in key) for column in definition.columns for name in column.outputs
    )


def _hashing(asked: ExportBody, manifest: DestinationManifest) -> Hashing | None:
    wanted = manifest.hashing
    if asked.hashing is None:
        return None if wanted is None else Hashing(wanted)
    if wanted is not None and asked.hashing.platform is not wanted:
        message = f"`{manifest.id}` takes the hashes of `{wanted}` alone; leave `platform` at that."
        raise _refused("/hashing/platform", "hashing_unusable", message)
    region = asked.hashing.region
    return Hashing(asked.hashing.platform, None if region is None else region.upper())


def _columns(
    asked: ExportBody, names: Sequence[str], platform: PlatformId | None
) -> tuple[ExportColumn, ...]:
    if asked.columns is None:
        chosen = [
            ColumnBody(name)
            for name in names
            if platform is None or field_of(name) in PLATFORMS[platform].rules
        ]
    else:
        chosen = [ColumnBody(each) if isinstance(each, str) else each for each in asked.columns]
    issues = [
        Issue(None, each.column, f"/columns/{at}", "column_unknown", unknown_field(names, each.column))
        for at, each in enumerate(chosen)
        if each.column not in names
    ]
    if issues:
        raise InputError(
            "There is no such column; `errors` names each one.", code="column_unknown", issues=issues
        )
    if not chosen:
        message = "No column has a name that the platform knows. Name `columns`, each with its `field`."
        raise _refused("/columns", "field_unknown", message)
    columns = tuple(_column(each, at, platform) for at, each in enumerate(chosen))
    if platform is not None:
        columns = _numbered(columns, {each.column for each in chosen if each.as_ is not None})
    _refuse_repeated(columns)
    return columns


def _column(chosen: ColumnBody, at: int, platform: PlatformId | None) -> ExportColumn:
    field = chosen.field or field_of(chosen.column)
    if platform is None:
        return ExportColumn(chosen.column, (chosen.as_ or chosen.column,), field)
    rule = PLATFORMS[platform].rules.get(field) if field is not None else None
    if rule is None or field is None:
        known = ", ".join(f"`{each}`" for each in PLATFORMS[platform].rules)
        message = (
            f"Say with `field` what this column holds, one of {known}; a hashed export has no other columns."
        )
        raise _refused(f"/columns/{at}/field", "field_unknown", message)
    outputs = rule.names
    if chosen.as_ is not None:
        outputs = (chosen.as_,) if len(rule.names) == 1 else tuple(f"{chosen.as_}_{n}" for n in rule.names)
    return ExportColumn(chosen.column, outputs, field, rule.is_hashed)


def _numbered(columns: Sequence[ExportColumn], named: set[str]) -> tuple[ExportColumn, ...]:
    """A second column of one kind gets a number behind the platform's name, unless somebody named it."""
    seen: dict[tuple[str, ...], int] = {}
    numbered: list[ExportColumn] = []
    for column in columns:
        number = seen[column.outputs] = seen.get(column.outputs, 0) + 1
        if number > 1 and column.column not in named:
            column = replace(column, outputs=tuple(f"{name}_{number}" for name in column.outputs))  # noqa: PLW2901
        numbered.append(column)
    return tuple(numbered)


def _refuse_repeated(columns: Sequence[ExportColumn]) -> None:
    seen: set[str] = set()
    for at, column in enumerate(columns):
        for name in column.outputs:
            if name in seen:
                message = f"Two columns would be called `{name}`; give one of them another name with `as`."
                raise _refused(f"/columns/{at}", "column_repeated", message)
            seen.add(name)


def _file(asked: ExportBody, manifest: DestinationManifest) -> tuple[TableFormat | None, FileOptions]:
    if manifest.takes is Takes.ROWS:
        if asked.format is not None:
            raise _refused("/format", "format_unusable", f"`{manifest.id}` takes rows, so there is no file.")
        return None, FileOptions()
    format_ = asked.format or manifest.formats[0]
    if format_ not in manifest.formats:
        known = ", ".join(f"`{each}`" for each in manifest.formats)
        raise _refused("/format", "format_unusable", f"`{manifest.id}` takes {known}.")
    if format_ is not TableFormat.CSV:
        if asked.options.bom or asked.options.formula_safe:
            raise _refused("/options", "format_unusable", "`bom` and `formula_safe` are about CSV alone.")
        return format_, FileOptions()
    safe = asked.options.formula_safe
    return format_, FileOptions(bool(asked.options.bom), manifest.formula_safe if safe is None else safe)


def _consent(asked: ExportBody) -> Consent | None:
    if asked.consent is None:
        return None
    values = CONSENTS if asked.consent.values is None else asked.consent.values
    return Consent(asked.consent.column, tuple(dict.fromkeys(folded(value.strip()) for value in values)))


def _key(asked: ExportBody, columns: Sequence[ExportColumn], *, needed: bool) -> tuple[str, ...]:
    outputs = [name for column in columns for name in column.outputs]
    if asked.key is not None:
        for at, name in enumerate(asked.key):
            if name not in outputs:
                message = f"{unknown_field(outputs, name)} A key names columns as they leave."
                raise _refused(f"/key/{at}", "column_unknown", message)
        return tuple(dict.fromkeys(asked.key))
    for field in (Field.EMAIL, Field.PHONE, Field.EXTERNAL_ID):
        found = next((column.outputs[0] for column in columns if column.field is field), None)
        if found is not None:
            return (found,)
    if needed:
        message = 'Name the columns that tell members apart with `key`, such as `["email"]`.'
        raise _refused("/key", "export_key_missing", message)
    return ()


def _country_column(columns: Sequence[ExportColumn], names: Sequence[str]) -> str | None:
    named = next((column.column for column in columns if column.field is Field.COUNTRY), None)
    return named or next((name for name in names if field_of(name) is Field.COUNTRY), None)


def _unknown(names: Sequence[str], name: str, pointer: str) -> InputError:
    return _refused(pointer, "column_unknown", unknown_field(names, name))


def _refused(pointer: str, code: str, message: str) -> InputError:
    return body_refused(pointer.strip("/").replace("/", "."), code, message)

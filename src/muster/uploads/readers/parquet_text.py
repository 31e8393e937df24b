"""Arrow columns of any type to text, by one strict rule a type (docs/api/files-json-xlsx-parquet.md)."""

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from muster.uploads.readers.json_columns import TEXT, empty_to_null

_MAX_WHOLE: Final = 2.0**53
_MIN_EXPONENT: Final = -7
_MAX_EXPONENT: Final = 21
_FRACTION_ZEROS: Final = r"\.?0+$"
_encode = msgspec.json.Encoder().encode


def kind_of(kind: pa.DataType) -> str:
    """The kind that values of a type are counted as; dates and binary values count as text."""
    kind = _plain_type(kind)
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_struct(kind):
        return "object"
    return "array" if pa.types.is_nested(kind) else "text"


def texts_of(array: pa.Array) -> pa.Array:
    """The same values as large_string; empty text and NaN are null."""
    array = _plain(array)
    if pa.types.is_nested(array.type):
        if array.offset:
            array = array.take(pa.arange(0, len(array)))  # Arrow builds nested arrays from whole ones only
        values = [None if value is None else _encode(_json(value)) for value in _leaves(array).to_pylist()]
        return pa.array(values, TEXT)
    return empty_to_null(_scalars(array))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    while True:
        if isinstance(kind, pa.BaseExtensionType):
            kind = kind.storage_type
        elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            kind = kind.value_type
        else:
            return kind


def _plain(array: pa.Array) -> pa.Array:
    """Without dictionaries, run ends and extensions; a UUID becomes its text."""
    while True:
        if array.type == pa.uuid():
            return pa.array([None if value is None else str(value) for value in array.to_pylist()], TEXT)
        if isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        elif pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        elif pa.types.is_run_end_encoded(array.type):
            array = pc.run_end_decode(array)
        else:
            return array


def _scalars(array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_floating(kind):
        return _floats(array)
    if pa.types.is_decimal(kind):
        return _each(array.cast(TEXT), lambda text: format(Decimal(text), "f"), where="E")
    if pa.types.is_date(kind):
        return array.cast(pa.date32()).cast(TEXT)
    if pa.types.is_timestamp(kind):
        return _timestamps(array)
    if pa.types.is_time(kind):
        return _without_zeros(array.cast(TEXT))
    if pa.types.is_duration(kind):
        return _durations(array)
    if (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    ):
        return _binaries(array)
    return array.cast(TEXT)


def _floats(array: pa.Array) -> pa.Array:
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    whole = pc.and_(pc.equal(array, pc.floor(array)), pc.less(pc.abs(array), _MAX_WHOLE))
    integers = pc.if_else(whole, array, pa.scalar(None, array.type)).cast(pa.int64()).cast(TEXT)
    # Arrow writes the shortest digits that give the same value, but 1.21255500015e+10 for a telephone number.
    return pc.if_else(whole, integers, _each(array.cast(TEXT), _without_exponent, where="e"))


def _without_exponent(text: str) -> str:
    number = Decimal(text)
    return format(number, "f") if _MIN_EXPONENT <= number.adjusted() < _MAX_EXPONENT else text


def _timestamps(array: pa.Array) -> pa.Array:
    unit = array.type.unit
    zone = pa.scalar("Z" if array.type.tz is not None else "", TEXT)
    texts = array.cast(pa.timestamp(unit)).cast(TEXT)
    if pc.any(pc.starts_with(texts, "<")).as_py():  # beyond year 9999: the number as it is stored
        texts = pc.if_else(pc.starts_with(texts, "<"), array.cast(pa.int64()).cast(TEXT), texts)
    texts = pc.replace_substring(texts, " ", "T")
    return pc.binary_join_element_wise(_without_zeros(texts), zone, pa.scalar("", TEXT))


def _without_zeros(texts: pa.Array) -> pa.Array:
    """Times without zeros at the end of a fraction of a second."""
    has_fraction = pc.match_substring(texts, ".")
    return pc.if_else(has_fraction, pc.replace_substring_regex(texts, _FRACTION_ZEROS, ""), texts)


_UNITS: Final = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def _durations(array: pa.Array) -> pa.Array:
    unit = Decimal(_UNITS[array.type.unit])
    counts = array.cast(pa.int64()).to_pylist()
    return pa.array([None if count is None else f"PT{Decimal(count) / unit:f}S" for count in counts], TEXT)


def _binaries(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.large_binary()).cast(TEXT)
    except pa.ArrowInvalid:
        return pa.array([None if value is None else _binary(value) for value in array.to_pylist()], TEXT)


def _binary(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _each(texts: pa.Array, change: Callable[[str], str], where: str) -> pa.Array:
    """Texts that contain `where` changed one by one; there are few of them."""
    found = pc.match_substring(texts, where)
    if not pc.any(found).as_py():
        return texts
    values = [text if text is None or where not in text else change(text) for text in texts.to_pylist()]
    return pa.array(values, TEXT)


def _leaves(array: pa.Array) -> pa.Array:
    """A nested array whose leaves are text, booleans, and as binary the digits of numbers."""
    array = _plain(array)
    kind = array.type
    if pa.types.is_map(kind):
        keys = _scalars(_plain(array.keys))
        return pa.MapArray.from_arrays(array.offsets, keys, _leaves(array.items), mask=_mask(array))
    if pa.types.is_struct(kind):
        fields = [_leaves(array.field(number)) for number in range(kind.num_fields)]
        names = [kind.field(number).name for number in range(kind.num_fields)]
        return pa.StructArray.from_arrays(fields, names, mask=array.is_null())
    if pa.types.is_nested(kind):
        lists = _large_lists(array)
        return pa.LargeListArray.from_arrays(lists.offsets, _leaves(lists.values), mask=_mask(lists))
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return array
    texts = _scalars(array)
    return texts.cast(pa.large_binary()) if kind_of(kind) == "number" else texts


def _large_lists(array: pa.Array) -> pa.Array:
    kind = pa.large_list(array.type.value_type)
    if pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type):
        return pa.array(array.to_pylist(), kind)
    return array.cast(kind)


def _mask(array: pa.Array) -> pa.Array | None:
    return array.is_null() if array.null_count else None


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return None if value.endswith(b"inf") else msgspec.Raw(value)
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, list):
        if value and isinstance(value[0], tuple):  # a map
            return {str(key): _json(item) for key, item in value}
        return [_json(item) for item in value]
    return value

"""JSON files that are not one record a line: arrays, arrays in objects, objects one after another."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.errors import InputError
from muster.uploads.readers.json import JsonReader, describe
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.json_records import JSON_BROKEN_REST
from muster.uploads.readers.model import FileFormat, Layout
from tests.uploads.readers.whole import Whole, raw, read_whole

LAYOUT = Layout(FileFormat.JSON)
TINY = Cuts(portion_bytes=30, piece_bytes=9, max_cells=1000)
EVERY = pytest.mark.parametrize("cuts", [Cuts(), TINY, Cuts(1, 1)], ids=["whole", "tiny", "one by one"])


def read(tmp_path: Path, content: bytes, cuts: Cuts | None = None, layout: Layout = LAYOUT) -> Whole:
    return read_whole(JsonReader(cuts), raw(tmp_path, content), layout, tmp_path)


def values(whole: Whole) -> list[str]:
    return [record["a"] for record in whole.records]


@EVERY
@pytest.mark.parametrize(
    "content",
    [
        b'[{"a":"1"},{"a":"2"},{"a":"3"}]',
        b'\xef\xbb\xbf [ {"a":"1"} ,\n{"a":"2"},{"a":"3"}\t]\n',
        b'[{"a":"1"},{"a":"2"},{"a":"3"},]',
        b'[{"a":"1"}{"a":"2"}{"a":"3"}]',
        b'{"a":"1"}{"a":"2"}\n\n{"a":"3"}',
        b'{"a":"1"},\n{"a":"2"},\n{"a":"3"}',
        b'{"n":3,"x":["y"],"data":[{"a":"1"},{"a":"2"},{"a":"3"}],"next":[{"z":1}]}',
        b'{"data":[{"a":"1"},{"a":"2"},{"a":"3"}]}\n',
    ],
)
def test_records_are_found_in_every_shape_of_file(tmp_path: Path, content: bytes, cuts: Cuts) -> None:
    whole = read(tmp_path, content, cuts)
    assert values(whole) == ["1", "2", "3"]
    assert not whole.rejects


@EVERY
@pytest.mark.parametrize(
    ("content", "good", "bad"),
    [
        (b'[{"a":"1"},{"a":nul},{"a":"2"}]', ["1", "2"], ["record_malformed"]),
        (b'[{"a":"1"},{"a":"x",},{"a":"2"}]', ["1", "2"], ["record_malformed"]),
        (b'[{"a":"1"},7,"s",null,[1],{"a":"2"}]', ["1", "2"], ["record_not_object"] * 4),
        (b'[{"a":"1"},{"a":"\xff"},{"a":"2"}]', ["1", "2"], ["record_malformed"]),
        (b'[\n{"a":"1"},\n{"a":"x},\n{"a":"2"}\n]', ["1", "2"], ["record_malformed"]),
        (b'[\n  {"a":"1"},\n  {"a":["x"},\n  {"a":"2"}\n]', ["1", "2"], ["record_malformed"]),
        (b'[{"a":"1"},{"a":["x"},{"a":"2"}]', ["1"], [JSON_BROKEN_REST]),
        (b'[{"a":"1"},{"a":"2', ["1"], [JSON_BROKEN_REST]),
        (b'[{"a":"1"},{"a":"2"}', ["1", "2"], [JSON_BROKEN_REST]),
        (b'[{"a":"1"}] and more', ["1"], [JSON_BROKEN_REST]),
        (b"[", [], [JSON_BROKEN_REST]),
        (b'{"a":"1"}{"a":"x', ["1"], [JSON_BROKEN_REST]),
    ],
)
def test_what_is_broken_is_a_reject_and_everything_certain_is_kept(
    tmp_path: Path, content: bytes, good: list[str], bad: list[str], cuts: Cuts
) -> None:
    whole = read(tmp_path, content, cuts)
    assert values(whole) == good
    assert [reject.code for reject in whole.rejects] == bad


def test_the_rest_of_a_broken_file_says_at_which_byte_it_begins(tmp_path: Path) -> None:
    content = b'[{"a":"1"},{"a":["x"},{"a":"2"}]'
    (reject,) = read(tmp_path, content).rejects
    assert "byte 11" in reject.reason
    assert reject.original == content[11:].decode()


@pytest.mark.parametrize("content", [b"", b"  \n", b"[]", b"[ ]", b"\xef\xbb\xbf"])
def test_a_file_without_records_is_read_as_none(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content).received == 0
    assert describe(raw(tmp_path, content), LAYOUT).problem_code == "file_empty"


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, b"email,name\na@b.c,Ann\n")
    assert refused.value.error_code == "file_not_json"


def test_the_member_with_the_records_is_guessed_told_and_overruled(tmp_path: Path) -> None:
    content = b'{"users":[{"a":"1"},{"a":"2"}],"teams":[{"a":"t"}]}'
    found = describe(raw(tmp_path, content), LAYOUT)
    assert (found.layout.sheet, list(found.sheets)) == ("users", ["users", "teams"])
    assert found.guesses["sheet"].confidence < 0.9
    assert values(read(tmp_path, content, layout=Layout(FileFormat.JSON, sheet="teams"))) == ["t"]
    with pytest.raises(InputError) as refused:
        read(tmp_path, content, layout=Layout(FileFormat.JSON, sheet="others"))
    assert refused.value.error_code == "json_member_not_found"


def test_one_object_alone_is_one_record_even_with_a_list_of_texts(tmp_path: Path) -> None:
    whole = read(tmp_path, b'{"a":"1","tags":["x","y"]}')
    assert whole.records == [{"a": "1", "tags": '["x","y"]'}]


def test_brackets_by_the_hundred_thousand_are_refused_quickly(tmp_path: Path) -> None:
    whole = read(tmp_path, b'[{"a":' + b"[" * 300_000, resume_free())
    assert [reject.code for reject in whole.rejects] == [JSON_BROKEN_REST]


def resume_free() -> Cuts:
    return Cuts(portion_bytes=10**8)


class _Endless:
    """A file of any size that is never stored: an array of numbered records."""

    def __init__(self, size_bytes: int) -> None:
        self._record = b'{"a":"1","nested":[{"x":1},{"y":"},{"}]},'
        self._count = size_bytes // len(self._record)
        self.size_bytes = self._count * len(self._record) + 13

    def stream(self, start: int = 0) -> Iterator[bytes]:
        assert start <= 1
        yield b"["[start:]
        whole, rest = divmod(self._count, 5000)
        for _ in range(whole):
            yield self._record * 5000
        yield self._record * rest + b'{"a":"last"}'[:11] + b"}"
        yield b"]"

    def path(self) -> Path:
        raise AssertionError("an array is streamed")


def test_a_long_array_is_read_in_portions_as_it_comes(tmp_path: Path) -> None:
    file = _Endless(3_000_000)
    portions = list(
        JsonReader(Cuts(portion_bytes=700_000, piece_bytes=300_000)).portions(file, LAYOUT, None, tmp_path)
    )
    assert len(portions) >= 4
    assert sum(portion.received for portion in portions) == 3_000_000 // 41 + 1
    assert not any(portion.rejects for portion in portions)


_value = st.recursive(
    st.text(st.sampled_from('a"\\{}[],: \né'), max_size=6) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from('k"}{'), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(
    st.lists(st.dictionaries(st.sampled_from(["a", "b", "},{"]), _value, min_size=1), max_size=12),
    st.integers(1, 80),
    st.integers(1, 150),
    st.sampled_from([(b"[", b",", b"]"), (b"", b"\n", b""), (b'{"q":1,"d":[', b" , ", b"]}")]),
)
def test_wherever_pieces_end_the_records_are_those_of_the_json_module(
    tmp_path: Path,
    sent: list[dict[str, object]],
    piece: int,
    portion: int,
    around: tuple[bytes, bytes, bytes],
) -> None:
    begin, between, end = around
    if not sent and begin != b"[":
        return
    if begin == b"" and len(sent) == 1:
        sent = sent * 2  # one object alone may be the one around the records
    content = begin + between.join(json.dumps(record).encode() for record in sent) + end
    whole = read(tmp_path, content, Cuts(portion, piece))
    assert not whole.rejects
    assert len(whole.records) == len(sent)
    for record, found in zip(sent, whole.records, strict=True):
        for name, value in record.items():
            if isinstance(value, (list, dict)):
                assert json.loads(found[name]) == value
            else:
                assert found.get(name, "") == ("" if value is None else str(value))


def test_a_file_cut_off_anywhere_keeps_every_record_before_the_cut(tmp_path: Path) -> None:
    numbers = random.Random(7)  # noqa: S311 - the same cuts every time
    records = [{"a": str(n), "b": [{"c": "},{"}]} for n in range(40)]
    content = json.dumps(records).encode()
    for _ in range(60):
        cut = numbers.randrange(1, len(content))
        whole = read(tmp_path, content[:cut], Cuts(200, 50))
        complete = content[:cut].count(b"}]}")
        assert values(whole) == [str(n) for n in range(complete)]
        assert [reject.code for reject in whole.rejects] == [JSON_BROKEN_REST]

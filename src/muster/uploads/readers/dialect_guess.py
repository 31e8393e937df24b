"""Guesses delimiter, quote and escape of CSV text by reading its first records in each way; pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from muster.uploads.readers.csv_head import excel_instruction
from muster.uploads.readers.csv_records import read_record
from muster.uploads.readers.dialect import Dialect, grammar_of
from muster.uploads.readers.model import Guess

_DELIMITERS: Final = (b"\t", b";", b"|", b",", b"^", b"~", b"\x1f", b"||", b"::", b"\xc2\xa6", b"\xc2\xa7")
_WEAK_DELIMITERS: Final = (b":", b" ")
_NAMES: Final = {"\t": "tab", " ": "space", "\x1f": "unit separator", "": "none"}
_MAX_RECORDS: Final = 300
_SAMPLE_BYTES: Final = 96 * 1024
_DECIMAL_COMMA = re.compile(rb"-?\d+,\d+")


@dataclass(frozen=True, slots=True)
class DialectGuess:
    """The members of a layout that say how records are split, and why."""

    delimiter: Guess
    quote: Guess
    escape: Guess

    @property
    def dialect(self) -> Dialect:
        delimiter, quote, escape = self.delimiter.value, self.quote.value, self.escape.value
        return Dialect(delimiter.encode(), quote.encode(), escape.encode() if quote else b"", 2)


@dataclass(frozen=True, slots=True)
class _Trial:
    """How the text looks in one dialect. width: columns of most records; faults: share that cannot be read."""

    dialect: Dialect
    records: int
    width: int
    agreement: float
    faults: float
    quoted: int
    commas: int

    @property
    def score(self) -> float:
        if self.width < 2:
            return 0.0
        return self.agreement * (1 - 0.5 / self.width) - self.faults


def guess_dialect(data: bytes, *, is_whole: bool, favoured: str | None = None) -> DialectGuess:
    """data: the first bytes of the text. favoured: a delimiter that the file's name or media type stands for."""
    at, named = excel_instruction(data)
    data = _sample(data[at:], is_whole=is_whole)
    likely = named or (favoured.encode() if favoured else None)
    candidates = (
        [likely] if named else [*_DELIMITERS, *([likely] if likely not in {None, *_DELIMITERS} else [])]
    )
    present = [mark for mark in candidates if mark and mark in data and not _is_half(data, mark)]
    trials = [_best_quoting(data, mark) for mark in present]
    if not any(trial.score > 0.5 for trial in trials) and not named:
        weak = [
            _best_quoting(data, mark) for mark in _WEAK_DELIMITERS if mark in data and mark * 2 not in data
        ]
        # Names, addresses and times hold these by the way.
        trials += [trial for trial in weak if trial.width > 3 and trial.agreement > 0.95]
    trials = [trial for trial in trials if trial.score > 0] or [_best_quoting(data, named or likely or b",")]
    best = max(trials, key=lambda trial: trial.score + 0.05 * (trial.dialect.delimiter == likely))
    best = _rather_decimal_commas(best, trials)
    rest = max((trial.score for trial in trials if trial is not best), default=0.0)
    return DialectGuess(_delimiter_guess(best, rest, named is not None), *_quote_guesses(best))


def _is_half(data: bytes, mark: bytes) -> bool:
    """Whether the mark only ever stands twice in a row, so that two together are the delimiter."""
    return mark == b"|" and data.count(mark * 2) * 2 == data.count(mark)


def _sample(data: bytes, *, is_whole: bool) -> bytes:
    cut = data[:_SAMPLE_BYTES]
    if is_whole and len(cut) == len(data):
        return cut if cut.endswith((b"\n", b"\r")) else cut + b"\n"
    end = max(cut.rfind(b"\n"), cut.rfind(b"\r"))
    return cut[: end + 1] if end >= 0 else cut + b"\n"


def _best_quoting(data: bytes, delimiter: bytes) -> _Trial:
    """The double quote unless another way of quoting reads clearly more."""
    plain = _trial(data, Dialect(delimiter, b'"', b'"', 2))
    if b"'" in data and not plain.quoted:
        single = _trial(data, Dialect(delimiter, b"'", b"'", 2))
        if single.quoted * 2 >= single.records and not single.faults and single.score >= plain.score:
            return single
    others = []
    if plain.faults and b'\\"' in data:
        others.append(_trial(data, Dialect(delimiter, b'"', b"\\", 2)))
    if plain.faults > 0.2 or (plain.faults and not plain.quoted):
        others.append(_trial(data, Dialect(delimiter, b"", b"", 2)))
    better = [trial for trial in others if trial.score > plain.score + 0.02]
    return max([plain, *better], key=lambda trial: trial.score)


def _trial(data: bytes, dialect: Dialect) -> _Trial:
    grammar = grammar_of(dialect)
    widths: Counter[int] = Counter()
    at = faults = quoted = commas = records = 0
    while at < len(data) and records < _MAX_RECORDS:
        if skipped := grammar.blank.match(data, at):
            at = skipped.end()
            continue
        record = read_record(data, at, grammar, dialect, is_last=True)
        end = record.end or len(data)
        records += 1
        if record.code is not None:
            # A sample is cut at a line end, maybe inside quotes.
            faults += end < len(data) or records == 1
        else:
            widths[len(record.values)] += 1
            commas += sum(1 for value in record.values if _DECIMAL_COMMA.fullmatch(value))
            if dialect.quote:
                quoted += _quoted_fields(data[at:end], record.values, dialect)
        at = end
    if not widths:
        return _Trial(dialect, records, 0, 0.0, 1.0, 0, 0)
    # Of equally common widths the larger: a title or a note has few columns.
    width = max(widths, key=lambda number: (widths[number] * (1 if number > 1 else 0.5), number))
    read = sum(widths.values())
    return _Trial(dialect, records, width, widths[width] / read, faults / records, quoted, commas)


def _quoted_fields(text: bytes, values: Sequence[bytes], dialect: Dialect) -> int:
    """How many fields of a record stand in quotes, about."""
    if dialect.quote not in text:
        return 0
    quote, delimiter = dialect.quote, dialect.delimiter
    wrapped = delimiter + text.rstrip(b"\r\n") + delimiter
    return min(wrapped.count(delimiter + quote), wrapped.count(quote + delimiter), len(values))


def _rather_decimal_commas(best: _Trial, trials: Sequence[_Trial]) -> _Trial:
    """`a;1,5` reads as two columns by comma too; commas inside numbers speak for the other delimiter."""
    if best.dialect.delimiter != b",":
        return best
    for trial in trials:
        if trial is not best and trial.commas and trial.agreement >= 0.9 and trial.score > 0.6:
            return trial
    return best


def _delimiter_guess(best: _Trial, next_best: float, is_named: bool) -> Guess:
    value = best.dialect.delimiter.decode()
    name = _NAMES.get(value, f"`{value}`")
    if is_named:
        return Guess(value, 1.0, f"The first line says so: sep={value}")
    if best.width < 2:
        return Guess(value, 0.5, "No delimiter splits the rows alike, so the file has one column.")
    share = f"{best.agreement:.0%}"
    confidence = max(0.1, min(0.99, best.agreement * (1 - best.faults) - max(0.0, next_best - 0.6) * 0.3))
    return Guess(
        value, round(confidence, 2), f"Split by {name}, {share} of the rows have {best.width} columns."
    )


def _quote_guesses(best: _Trial) -> tuple[Guess, Guess]:
    quote, escape = best.dialect.quote.decode(), best.dialect.escape.decode()
    if not quote:
        reason = "Read with quotes, rows break; read without, they have the same number of columns."
        return Guess("", 0.7, reason), Guess("", 0.7, reason)
    if not best.quoted:
        quoting = Guess(quote, 0.6, "No value stands in quotes in the first rows; this is the usual one.")
    else:
        quoting = Guess(quote, round(0.98 - best.faults, 2), f"Values stand in {quote} in the first rows.")
    if escape != quote:
        return quoting, Guess(escape, 0.8, "Quotes inside values stand behind a backslash.")
    return quoting, Guess(escape, quoting.confidence, "A quote inside a value is written twice.")

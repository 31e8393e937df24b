"""What providers answered before: nobody is asked twice, and nobody is paid twice.

An answer is found by a keyed hash of the question (provider, version, settings, inputs) and sealed with the
server's key, so the database alone tells nothing about anyone. Keyed hashes of the values in question and
answer lie beside it: with them a person's answers are found to be erased.
Failures are never kept.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from muster.db.database import Connection
from muster.db.seal import Seal
from muster.enrichments import cache_store
from muster.enrichments.provider import Kind, Outcome, Terms
from muster.ids import UserId

Inputs = tuple[str | None, ...]

_QUESTION: Final = "enrichment question"
_VALUE: Final = "enrichment value"
_ANSWER: Final = "enrichment answer"
_VALUE_HASH_CHARACTERS: Final = 32
_PHONE_DIGITS: Final = 7


class _Sealed(msgspec.Struct, frozen=True):
    """What is sealed. w: the outputs that were wanted; others may be missing though there is something."""

    v: dict[str, str]
    c: float | None
    w: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. values: by output; without those nothing was found for. cost_micros: of asking for it."""

    outcome: Outcome
    values: Mapping[str, str]
    confidence: float | None
    cost_micros: int
    asked_at: datetime
    asked_by: str


@dataclass(frozen=True, slots=True)
class Questions:
    """What makes questions to one provider the same. settings: without secrets.

    asked_by: the run and step that asks now; what it asked itself before a crash, it has paid for itself.
    """

    user_id: UserId
    provider: str
    version: str
    settings: Mapping[str, Any]
    terms: Terms
    wanted: frozenset[str]
    asked_by: str

    def digest(self, seal: Seal, inputs: Inputs) -> str:
        asked = [self.user_id, self.provider, self.version, self.settings, inputs]
        return seal.digest(json.dumps(asked, sort_keys=True, ensure_ascii=False), _QUESTION)


def find(
    connection: Connection, seal: Seal, questions: Questions, inputs: Sequence[Inputs], now: datetime
) -> dict[Inputs, Answer]:
    """What is known and fresh enough; inputs nothing is known of are left out."""
    if questions.terms.keep is None or not inputs:
        return {}
    by_digest = {questions.digest(seal, each): each for each in inputs}
    found = {}
    for kept in cache_store.find(connection, questions.user_id, list(by_digest)):
        opened = seal.open(kept.answer, _ANSWER)
        if opened is None:
            continue  # sealed with a key that is gone: as good as unknown
        sealed = msgspec.json.decode(opened, type=_Sealed)
        answer = Answer(
            Outcome(kept.outcome), sealed.v, sealed.c, kept.cost_micros, kept.asked_at, kept.asked_by
        )
        if questions.wanted <= set(sealed.w) and _is_fresh(questions, answer, now):
            found[by_digest[kept.question]] = answer
    return found


def keep(connection: Connection, seal: Seal, questions: Questions, answers: Mapping[Inputs, Answer]) -> None:
    """Remember answers, instead of what was known before; failures and skipped inputs are not remembered."""
    lives = questions.terms.keep
    if lives is None:
        return
    rows, values = [], {}
    longest = max(
        [lives.found, *(output.life for output in questions.terms.gives if output.life is not None)]
    )
    texts = {output.name for output in questions.terms.gives if output.kind is Kind.TEXT}
    for inputs, answer in answers.items():
        if answer.outcome not in {Outcome.FOUND, Outcome.EMPTY}:
            continue
        question = questions.digest(seal, inputs)
        life = longest if answer.outcome is Outcome.FOUND else lives.empty
        sealed = _Sealed(dict(answer.values), answer.confidence, sorted(questions.wanted))
        rows.append(
            {
                "user_id": questions.user_id,
                "question": question,
                "provider": questions.provider,
                "run_id": answer.asked_by,
                "outcome": answer.outcome.value,
                "answer": seal.seal(msgspec.json.encode(sealed), _ANSWER),
                "cost_micros": answer.cost_micros,
                "asked_at": answer.asked_at,
                "expires_at": answer.asked_at + life,
            }
        )
        told = (value for name, value in answer.values.items() if name in texts)
        values[question] = value_hashes(seal, questions.user_id, (*filter(None, inputs), *told))
    if rows:
        cache_store.keep(connection, questions.user_id, rows, values)


def erase(connection: Connection, seal: Seal, user_id: UserId, values: Sequence[str]) -> int:
    """Erase every answer asked with, or containing, one of these values; returns how many."""
    return cache_store.erase_values(connection, user_id, sorted(value_hashes(seal, user_id, values)))


def value_hashes(seal: Seal, user_id: UserId, values: Iterable[str]) -> set[str]:
    """What values are found by: case and blanks do not matter, nor how a telephone number is punctuated."""
    found = set()
    for value in values:
        spellings = {value.strip().casefold()}
        digits = "".join(character for character in value if character.isdigit())
        if len(digits) >= _PHONE_DIGITS and 2 * len(digits) > len(value):
            spellings.add(digits)
        found |= {
            seal.digest(f"{user_id}\0{spelling}", _VALUE)[:_VALUE_HASH_CHARACTERS]
            for spelling in spellings
            if spelling
        }
    return found


def _is_fresh(questions: Questions, answer: Answer, now: datetime) -> bool:
    """Whether everything that is wanted may still be taken from the cache."""
    lives = questions.terms.keep
    if lives is None:
        return False
    if answer.outcome is Outcome.EMPTY:
        return answer.asked_at + lives.empty > now
    wanted = [output for output in questions.terms.gives if output.name in questions.wanted]
    shortest: timedelta = min((output.life or lives.found for output in wanted), default=lives.found)
    return answer.asked_at + shortest > now

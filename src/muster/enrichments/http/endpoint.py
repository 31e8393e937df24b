"""One REST service as its settings describe it: inputs become requests, answers become values.

Answers come from strangers. What is not what the settings say fails the input it was for, and no other; what cannot be
told to belong to one input belongs to none.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from muster.enrichments.http.ask import Reason
from muster.enrichments.http.documents import Unusable, clean, number_of, read_document, text_of
from muster.enrichments.http.paths import Path, parse_path
from muster.enrichments.http.settings import Basic, Batch, Bearer, Confidence, HeaderKey, HttpSettings
from muster.enrichments.http.templates import (
    INDEX,
    Values,
    fill_json,
    known_values,
    parse_header,
    parse_url_template,
)
from muster.enrichments.provider import Kind, Outcome
from muster.errors import InputError
from muster.web.outgoing.addresses import AddressRefused
from muster.web.outgoing.caller import Reply, Request

_REFUSED: Final = {401, 403}
_NO_ANSWER: Final = {3: Reason.HTTP_3XX, 4: Reason.HTTP_4XX, 5: Reason.HTTP_5XX}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one input. values: in the order of the outputs; none unless found."""

    outcome: Outcome
    values: Sequence[str | None] = ()
    confidence: float | None = None
    reason: str | None = None


def failed(reason: Reason) -> Result:
    """A STOPPED input was not asked about: it comes again."""
    return Result(Outcome.UNASKED) if reason is Reason.STOPPED else Result(Outcome.FAILED, reason=reason)


UNUSABLE: Final = Result(Outcome.SKIPPED, reason="input_unusable")
_EMPTY: Final = Result(Outcome.EMPTY)
_INVALID: Final = failed(Reason.ANSWER_INVALID)


class Endpoint:
    """Thread-safe. allow_private: see `web/outgoing/addresses.py`.

    Raises InputError (`address_refused`) for an address that is not called under these rules.
    """

    def __init__(self, settings: HttpSettings, *, allow_private: bool) -> None:
        self._settings = settings
        try:
            self._url = parse_url_template(settings.url, allow_private=allow_private)
        except AddressRefused as error:
            raise InputError(str(error), code="address_refused") from error
        self._headers = [parse_header(name, value) for name, value in settings.headers.items()]
        self._fixed = _fixed_headers(settings)
        self._secrets = {name: secret.get_secret_value() for name, secret in settings.secrets.items()}
        self._outputs = [(parse_path(output.path), output.kind) for output in settings.outputs]
        confidence = settings.confidence
        self._confidence = (
            (parse_path(confidence.path), confidence.most)
            if isinstance(confidence, Confidence)
            else confidence
        )
        self._matching = _Matching(settings.batch) if settings.batch else None

    def calls(self, inputs: Sequence[Values]) -> list[list[int]]:
        """Which inputs go into one call, by their places: one each, or as many as a batch takes.

        No call has two items with the same key, as their results could not be told apart.
        """
        if self._matching is None:
            return [[at] for at in range(len(inputs))]
        calls: list[list[int]] = []
        keys: list[set[str]] = []
        for at, values in enumerate(inputs):
            key = self._matching.key_of(values, at)
            fitting = (
                i for i in range(len(calls)) if len(calls[i]) < self._matching.size and key not in keys[i]
            )
            i = next(fitting, len(calls))
            if i == len(calls):
                calls.append([])
                keys.append(set())
            calls[i].append(at)
            keys[i].add(key)
        return calls

    def request(self, inputs: Sequence[Values]) -> Request:
        """The call about these inputs. Raises InputUnusable."""
        first = known_values(inputs[0] if self._matching is None else {}, self._secrets)
        headers = dict(self._fixed)
        for header in self._headers:
            filled = header.filled(first)
            if filled is not None:
                headers[header.name] = filled
        body = None
        if self._settings.body is not None:
            items = self._matching.items(inputs, self._secrets) if self._matching else None
            body = msgspec.json.encode(fill_json(self._settings.body, first, items))
        elif self._settings.method == "POST":
            body = b""
        return Request(self._url.address, self._settings.method, self._url.target(first), headers, body)

    def results(self, inputs: Sequence[Values], reply: Reply) -> list[Result]:
        """What an answer says about the inputs of its call.

        Raises InputError (`provider_refused`) when the service refuses whoever asks.
        """
        if self._matching is None and reply.status in self._settings.empty_statuses:
            return [_EMPTY]
        if reply.status in _REFUSED:
            raise InputError(
                f"The service refused to answer (status {reply.status}). Check the key and the rights of the "
                "connection, then start the run again; what was answered before is kept.",
                code="provider_refused",
            )
        if not 200 <= reply.status < 300:
            reason = _NO_ANSWER.get(reply.status // 100, Reason.ANSWER_INVALID)
            return [failed(reason)] * len(inputs)
        try:
            document = read_document(reply.body, reply.headers.get("content-type"))
            if self._matching is None:
                return [self._result(document)]
            matched = self._matching.matched(document, inputs)
        except Unusable:
            return [_INVALID] * len(inputs)
        return [found if isinstance(found, Result) else self._result(found) for found in matched]

    def _result(self, document: Any) -> Result:
        try:
            values = [text_of(path.first(document), kind) for path, kind in self._outputs]
        except Unusable:
            return _INVALID
        if not any(value is not None for value in values):
            return _EMPTY
        return Result(Outcome.FOUND, values, self._sure(document))

    def _sure(self, document: Any) -> float | None:
        if not isinstance(self._confidence, tuple):
            return self._confidence
        path, most = self._confidence
        number = number_of(path.first(document))
        # What is no number between nothing and certain says nothing, and that is no reason for trust.
        return number / most if number is not None and 0 <= number <= most else 0.0


class _Matching:
    """Which result of a batch belongs to which of its items."""

    def __init__(self, batch: Batch) -> None:
        self.size = batch.size
        self._item = batch.item
        self._results = parse_path(batch.results)
        self._key: Path | None = parse_path(batch.key) if batch.key else None
        self._key_input = batch.key_input

    def key_of(self, values: Values, at: int) -> str:
        """What the key of a result repeats of an item; its place, where results are matched without."""
        if self._key is None or self._key_input in {None, INDEX}:
            return str(at)
        return clean(values[self._key_input or ""] or "") or ""

    def items(self, inputs: Sequence[Values], secrets: Mapping[str, str]) -> list[Any]:
        return [
            fill_json(self._item, known_values({**values, INDEX: str(at)}, secrets))
            for at, values in enumerate(inputs)
        ]

    def matched(self, document: Any, inputs: Sequence[Values]) -> list[Any]:
        """For each item the part of the answer it gets, or a Result where it gets none. Raises Unusable."""
        results = self._results.first(document)
        if not isinstance(results, list):
            raise Unusable
        if self._key is None:
            if len(results) != len(inputs):
                raise Unusable
            return [_EMPTY if result is None else result for result in results]
        places = {self.key_of(values, at): at for at, values in enumerate(inputs)}
        matched: list[Any] = [_EMPTY] * len(inputs)
        for result in results:
            value = self._key.first(result)
            key = None if isinstance(value, dict | list) else text_of(value, Kind.TEXT)
            at = places.get(key) if key else None
            if at is not None:  # twice the same key: nobody can tell which one is meant
                matched[at] = result if matched[at] is _EMPTY else _INVALID
        return matched


def _fixed_headers(settings: HttpSettings) -> dict[str, bytes]:
    """What every call carries: that JSON is wanted and sent, and who asks."""
    headers = {"Accept": b"application/json"}
    if settings.body is not None:
        headers["Content-Type"] = b"application/json"
    match settings.auth:
        case Bearer(token=token):
            headers["Authorization"] = b"Bearer " + token.get_secret_value().encode()
        case Basic(username=username, password=password):
            pair = f"{username}:{password.get_secret_value()}".encode()
            headers["Authorization"] = b"Basic " + base64.b64encode(pair)
        case HeaderKey(name=name, value=value):
            headers[name] = value.get_secret_value().encode()
    given = {name.lower() for name in settings.headers}
    return {name: value for name, value in headers.items() if name.lower() not in given}

"""Content negotiation: which of the answers we can give does the client want (RFC 9110, section 12)."""

from collections.abc import Sequence

from muster.errors import NotAcceptable

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
PROBLEM = "application/problem+json"


def negotiate(accept: str | None, offered: Sequence[str]) -> str:
    """The media type to answer with: the client's favourite among `offered`, ours first on a tie.

    accept: the Accept header, None when absent (anything will do). Asking only for problem details
    means our JSON for a success. Raises NotAcceptable naming what is offered.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = _weights(accept)
    best, best_quality = None, 0.0
    for media_type in offered:
        quality = _quality(ranges, media_type)
        if media_type == JSON:
            quality = max(quality, ranges.get(PROBLEM, 0.0))
        if quality > best_quality:
            best, best_quality = media_type, quality
    if best is None:
        raise NotAcceptable(f"This answer comes as {' or '.join(offered)}; ask for one of them in `Accept`.")
    return best


def wants_problem(accept: str | None) -> bool:
    """Whether a failure goes out as RFC 9457: problem details are named, and plain JSON not preferred."""
    named = _weights(accept or "").get(PROBLEM, 0.0)
    return named > 0 and named >= _weights(accept or "").get(JSON, 0.0)


def accepts_encoding(accept_encoding: str | None, coding: str) -> bool:
    """Whether the client names `coding` in Accept-Encoding with a weight above zero."""
    return bool(accept_encoding) and _weights(accept_encoding or "").get(coding, 0.0) > 0


def _weights(header: str) -> dict[str, float]:
    weights = {}
    for part in header.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                try:
                    quality = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    quality = 0.0
        if name:
            weights[name.lower()] = quality
    return weights


def _quality(ranges: dict[str, float], media_type: str) -> float:
    # The most specific range decides, so `text/*;q=0, text/csv` still asks for CSV.
    for candidate in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0

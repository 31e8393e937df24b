"""MAP: why an input failed or was not asked about, in words; providers may add codes of their own."""

from typing import Final

from muster.enrichments.model import LEFT

FAILURES: Final = {
    LEFT: "The budget allowed no more calls. Retry with a larger one.",
    "timeout": "No answer came in time. Retry, or give the connection more time.",
    "unreachable": "The service could not be reached. Check its address, then retry.",
    "rate_limited": "The service asked to slow down until it was given up. Retry later, or lower the rate.",
    "http_3xx": "The service pointed to another address, and redirects are not followed. Give that address.",
    "http_4xx": "The service refused the request. Check the connection's address, method and body.",
    "http_5xx": "The service failed. Retry later.",
    "answer_invalid": "The answer was not what the connection says it is. Check the paths of its outputs.",
    "answer_too_large": "The answer was larger than is read.",
    "circuit_open": "The service failed too often in a row, so it was left alone. Retry later.",
    "address_refused": "The address is one that may not be called from here.",
    "network_off": "Providers may not use the network here. The operator can allow it.",
    "nameserver_failed": "The nameservers gave no usable answer. Retry later, or name others.",
    "ambiguous": "Several rows of the other table have this key.",
    "pretended": "A failure this provider was set to pretend.",
}


def failure_words(code: str) -> str:
    """A sentence for a code."""
    return FAILURES.get(code, f"The provider says: {code.replace('_', ' ')}.")

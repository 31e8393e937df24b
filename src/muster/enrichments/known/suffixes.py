"""The registrable part of a domain, by the Public Suffix List that comes with tldextract; nothing is ever fetched."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract


@dataclass(frozen=True, slots=True)
class Split:
    """A domain taken apart. registrable: None for a suffix itself and under endings nobody registers names under.

    subdomain: what stands before it. suffix: the public suffix; both may be empty.
    """

    registrable: str | None
    subdomain: str
    suffix: str


def split_domain(domain: str, *, private: bool = True) -> Split:
    """Take apart a domain in its usual form (lower case, no dot at the end).

    private: names under which a company lends names to others count as suffixes (`acme.myshopify.com` belongs to
    Acme); False: only what registries run does.
    """
    found = _extract()(domain, include_psl_private_domains=private)
    if not found.suffix or not found.domain:
        return Split(None, found.subdomain, found.suffix)
    return Split(f"{found.domain}.{found.suffix}", found.subdomain, found.suffix)


@cache
def _extract() -> "TLDExtract":
    # Imported at first use: it brings an HTTP client along, a tenth of a second for a listing of providers.
    from tldextract import TLDExtract  # noqa: PLC0415

    # Without addresses and without a cache directory it reads its own snapshot only.
    return TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)

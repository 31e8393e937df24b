"""MAP: every provider that comes with Muster, in the order they are listed.

Importing this reads no data set and no large library (they are imported when first asked): commands and processes
that only list providers, or run one, should not wait for all of them.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

import structlog

from muster.enrichments.provider import ENTRY_POINTS, Provider
from muster.enrichments.providers.company_domain import CompanyDomain
from muster.enrichments.providers.country import Country
from muster.enrichments.providers.email_domain import EmailDomain
from muster.enrichments.providers.email_hygiene import EmailHygiene
from muster.enrichments.providers.hashed_ids import HashedIds
from muster.enrichments.providers.http_json import HttpJson
from muster.enrichments.providers.lookup import Lookup
from muster.enrichments.providers.mail_servers import MailServers
from muster.enrichments.providers.names import Names
from muster.enrichments.providers.phone import Phone
from muster.enrichments.providers.pretend import Pretend

log = structlog.get_logger("muster.enrichments")


def built_in() -> tuple[Provider, ...]:
    """Those that are part of Muster."""
    return (
        EmailHygiene(),
        EmailDomain(),
        CompanyDomain(),
        Names(),
        Phone(),
        Country(),
        HashedIds(),
        Lookup(),
        MailServers(),
        HttpJson(),
        Pretend(),
    )


@cache
def all_providers() -> Mapping[str, Provider]:
    """By id: the built-in ones, then those of installed packages; a package that cannot be loaded is logged.

    A package cannot take the id of a built-in provider, or of another package's.
    """
    found = {provider.manifest.id: provider for provider in built_in()}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            provider: Provider = point.load()()
            if provider.manifest.id in found:
                log.error("provider.id_taken", id=provider.manifest.id, package=point.value)
                continue
            found[provider.manifest.id] = provider
        except Exception as error:
            log.error("provider.not_loaded", name=point.name, package=point.value, exc_info=error)
    return found

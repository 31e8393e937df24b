"""MAP: the platforms hashed exports are made for."""

from collections.abc import Mapping
from typing import Final

from muster.exports.platforms import generic, google, meta
from muster.exports.platforms.fields import PlatformId, PlatformRules

PLATFORMS: Final[Mapping[PlatformId, PlatformRules]] = {
    PlatformId.GOOGLE: google.RULES,
    PlatformId.META: meta.RULES,
    PlatformId.SHA256: generic.RULES,
}

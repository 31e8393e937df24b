"""Rows that a probable match holds for the same, as identities."""

from muster.accounts.model import Principal
from muster.segments.keyed import Keyed
from muster.segments.model import Identity
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources


def resolved_match(
    room: SegmentsRoom, principal: Principal, identity: Identity, sources: Sources
) -> Identity:
    raise NotImplementedError


def matched(room: SegmentsRoom, sources: Sources, identity: Identity) -> Keyed:
    raise NotImplementedError

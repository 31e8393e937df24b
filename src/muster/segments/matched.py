"""Rows that a probable match holds for the same, as identities."""

from muster.accounts.model import Principal
from muster.segments.keyed import Keyed
from muster.segments.model import Identity
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources


def cluster_name(upload_id: str, row_id: int) -> str:
    return f"{upload_id} {row_id}"


def resolved_match(
    room: SegmentsRoom, principal: Principal, identity: Identity, sources: Sources
) -> Identity:
    raise NotImplementedError


def matched(room: SegmentsRoom, sources: Sources, identity: Identity) -> Keyed:
    raise NotImplementedError

"""Where things are on a server."""

from ._errors import InvalidRequest

UPLOADS = "/api/audience/batch-upload"
FILES = "/api/audience/files"
TUS = "/api/audience/files/tus"
RULES = "/api/audience/rules"
ENRICHMENTS = "/api/audience/enrichments"
EXPORTS = "/api/audience/exports"
SUPPRESSIONS = "/api/audience/suppressions"
SEGMENTS = "/api/audience/segments"
DUPLICATES = "/api/audience/identity/duplicates"
MATCHES = "/api/audience/identity/matches"


def upload_path(upload_id: str, part: str = "") -> str:
    """The address of an upload, or of a part of it such as `/rows`. Raises InvalidRequest for no id."""
    return f"{UPLOADS}/{_checked(upload_id, 'upload', 'upl_1737000000_...')}{part}"


def rule_path(rule_id: str) -> str:
    """The address of a rule. Raises InvalidRequest for no id."""
    return f"{RULES}/{_checked(rule_id, 'rule', 'rul_...')}"


def enrichment_path(run_id: str, part: str = "") -> str:
    """The address of a run of enrichment, or of a part of it such as `/events`. Raises InvalidRequest for no id."""
    return f"{ENRICHMENTS}/{_checked(run_id, 'run', 'enr_...')}{part}"


def provider_connection_path(connection_id: str, part: str = "") -> str:
    """The address of a provider's kept settings. Raises InvalidRequest for no id."""
    return f"{ENRICHMENTS}/connections/{_checked(connection_id, 'connection', 'con_...')}{part}"


def export_path(export_id: str, part: str = "") -> str:
    """The address of an export, or of a part of it such as `/events`. Raises InvalidRequest for no id."""
    return f"{EXPORTS}/{_checked(export_id, 'export', 'exp_...')}{part}"


def export_connection_path(connection_id: str, part: str = "") -> str:
    """The address of a destination's kept settings. Raises InvalidRequest for no id."""
    return f"{EXPORTS}/connections/{_checked(connection_id, 'connection', 'xcn_...')}{part}"


def export_schedule_path(schedule_id: str, part: str = "") -> str:
    """The address of a schedule of exports. Raises InvalidRequest for no id."""
    return f"{EXPORTS}/schedules/{_checked(schedule_id, 'schedule', 'xsc_...')}{part}"


def suppression_path(entry_id: str) -> str:
    """The address of an entry of the list of people who must not leave. Raises InvalidRequest for no id."""
    return f"{SUPPRESSIONS}/{_checked(entry_id, 'entry', 'sup_...')}"


def segment_path(segment_id: str, part: str = "") -> str:
    """The address of a segment, or of a part of it such as `/members`. Raises InvalidRequest for no id."""
    return f"{SEGMENTS}/{_checked(segment_id, 'segment', 'seg_...')}{part}"


def match_path(match_id: str, part: str = "") -> str:
    """The address of a probable match, or of a part of it such as `/pairs`. Raises InvalidRequest for no id."""
    return f"{MATCHES}/{_checked(match_id, 'match', 'mat_...')}{part}"


def tus_path(upload_id: str) -> str:
    """The address an unfinished file is sent to."""
    return f"{TUS}/{_checked(upload_id, 'upload', 'upl_1737000000_...')}"


def _checked(text: str, kind: str, example: str) -> str:
    if not text or not text.replace("_", "").isalnum() or not text.isascii():
        # Anything else could change the address it is put into.
        raise InvalidRequest(f"{text!r} is no {kind} id; they look like {example}", code="bad_id")
    return text

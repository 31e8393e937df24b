"""MAP: settings → everything long-lived. The only place where parts are chosen and put together."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from muster.accounts.guard import Guard
from muster.accounts.oidc import OidcVerifier
from muster.accounts.oidc_exchange import Client
from muster.accounts.oidc_sign_in import OidcSignIn
from muster.accounts.requests import RequestLog
from muster.accounts.room import AccountsRoom
from muster.accounts.sessions import needs_secure_cookie
from muster.accounts.sweep import sweep as forget_expired
from muster.clock import Clock, utc_now
from muster.db.database import Database
from muster.db.seal import open_seal
from muster.enrichments.forget import purge as purge_answers
from muster.enrichments.room import EnrichmentsRoom
from muster.enrichments.run import enrich_kind
from muster.enrichments.store import held as held_by_enrichments
from muster.enrichments.store import uploads_at_work
from muster.exports.erase import ExportDependants
from muster.exports.erase_job import erase_export_kind
from muster.exports.room import ExportsRoom
from muster.exports.run import export_kind
from muster.exports.schedules import run_due as run_due_exports
from muster.exports.store import held_tables as held_by_exports
from muster.exports.sweep import sweep as sweep_exports
from muster.jobs.kinds import JobKind
from muster.jobs.read import in_work
from muster.jobs.schedule import Schedule
from muster.objects.open import local_directories, open_store
from muster.objects.store import ObjectStore
from muster.rules.room import RulesRoom
from muster.segments import sweep as segments_sweep
from muster.segments.delete import MadeFromUploads
from muster.segments.match_job import match_kind
from muster.segments.match_store import held as held_by_matches
from muster.segments.refresh_job import refresh_kind
from muster.segments.room import SegmentsRoom
from muster.segments.version_store import held as held_by_segments
from muster.settings import Settings
from muster.tables import sweep as tables_sweep
from muster.tables.cache import FileCache
from muster.tables.engine import EngineLimits
from muster.tables.reading import ReadingRoom, open_reading
from muster.tables.room import TablesRoom
from muster.uploads.as_sent import as_sent
from muster.uploads.build_table import build_kind
from muster.uploads.erase_job import erase_kind
from muster.uploads.room import UploadsRoom
from muster.uploads.sweep import sweep
from muster.web.body import BodyLimits, BodyReader
from muster.web.budget import BodyBudget
from muster.web.health import Readiness
from muster.web.idempotency import Idempotency
from muster.web.ratelimit import RateLimiter


@dataclass(frozen=True, slots=True)
class House:
    """All rooms of one server process; `close` when done."""

    settings: Settings
    db: Database
    objects: ObjectStore
    accounts: AccountsRoom
    requests: RequestLog
    tables: TablesRoom
    reading: ReadingRoom
    uploads: UploadsRoom
    rules: RulesRoom
    enrichments: EnrichmentsRoom
    segments: SegmentsRoom
    exports: ExportsRoom
    guard: Guard
    bodies: BodyReader
    idempotency: Idempotency
    readiness: Readiness

    def close(self) -> None:
        self.requests.close()
        self.enrichments.close()
        self.segments.close()
        self.reading.close()
        self.db.close()


def open_database(settings: Settings) -> Database:
    """The metadata database; nothing is connected yet. Raises InputError for a URL nobody reads."""
    return Database(settings.effective_database_url)


def accounts_room(settings: Settings, db: Database, clock: Clock = utc_now) -> AccountsRoom:
    """Accounts alone, for the admin commands."""
    return AccountsRoom(
        db=db,
        base_url=settings.base_url,
        secure_cookies=needs_secure_cookie(settings.base_url),
        session_life=timedelta(hours=settings.session_hours),
        session_idle=timedelta(hours=settings.session_idle_hours),
        upload_token_life=timedelta(hours=settings.upload_token_hours),
        oidc=_bearer_issuer(settings),
        oidc_sign_in=_browser_issuer(settings),
        request_log_life=timedelta(days=settings.request_log_days),
        request_log_rows=settings.request_log_rows,
        clock=clock,
    )


def _bearer_issuer(settings: Settings) -> OidcVerifier | None:
    """Who verifies Bearer tokens; an issuer that is there for browsers alone needs no audience."""
    if not settings.oidc_issuer or (settings.oidc_client_id and not settings.oidc_audience):
        return None
    return OidcVerifier(
        settings.oidc_issuer,
        settings.oidc_audience or "",
        cache_seconds=settings.oidc_jwks_cache_seconds,
    )


def _browser_issuer(settings: Settings) -> OidcSignIn | None:
    if not settings.oidc_client_id:
        return None
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
    return OidcSignIn(
        settings.oidc_issuer or "",
        Client(settings.oidc_client_id, secret or None),
        name=settings.oidc_name,
        base_url=settings.base_url,
        cache_seconds=settings.oidc_jwks_cache_seconds,
    )


def tables_room(settings: Settings, db: Database, objects: ObjectStore, clock: Clock) -> TablesRoom:
    """Tables, with the limits of the engine that reads and writes them."""
    cache = settings.effective_cache_dir
    return TablesRoom(
        db=db,
        objects=objects,
        clock=clock,
        engine=EngineLimits(
            scratch=cache / "engine",
            memory_bytes=settings.engine_memory_bytes,
            threads=settings.engine_threads or os.cpu_count() or 1,
            max_scratch_bytes=settings.cache_bytes,
            directories=(cache, *local_directories(settings.effective_objects_url)),
        ),
        cache=FileCache(cache / "objects", settings.cache_bytes, objects),
        hot=cache / "hot",
    )


def build_house(settings: Settings, clock: Clock = utc_now) -> House:
    """Make every room from the settings."""
    db = open_database(settings)
    objects = open_store(settings.effective_objects_url)
    accounts = accounts_room(settings, db, clock)
    idempotency = Idempotency(db, clock, timedelta(hours=settings.idempotency_hours))
    budget = BodyBudget(settings.max_body_bytes_in_flight)
    tables = tables_room(settings, db, objects, clock)
    reading = open_reading(
        tables, settings.effective_cache_dir / "hot", max_copy_bytes=settings.hot_copy_bytes
    )
    segments = SegmentsRoom(
        db, objects, clock, idempotency, reading, dependants=(ExportDependants("segment"),)
    )
    seal = open_seal(_secret_key(settings), settings.data_dir / "secret.key")
    uploads = UploadsRoom(
        db=db,
        objects=objects,
        clock=clock,
        idempotency=idempotency,
        tables=tables,
        scratch=settings.effective_cache_dir / "scratch",
        max_records=settings.max_batch_size,
        upload_token_life=timedelta(hours=settings.upload_token_hours),
        max_file_bytes=settings.max_file_bytes,
        file_life=timedelta(hours=settings.file_hours),
        dependants=(MadeFromUploads(segments), ExportDependants("upload")),
    )
    return House(
        settings=settings,
        db=db,
        objects=objects,
        accounts=accounts,
        requests=RequestLog(db, rows_of_a_user=settings.request_log_rows),
        tables=tables,
        reading=reading,
        uploads=uploads,
        rules=RulesRoom(db, clock, idempotency, partial(as_sent, uploads), tables.engine),
        enrichments=EnrichmentsRoom(
            db=db,
            clock=clock,
            idempotency=idempotency,
            reading=reading,
            seal=seal,
            allow_network=settings.allow_network_providers,
            allow_private_addresses=settings.allow_private_addresses,
        ),
        segments=segments,
        exports=ExportsRoom(
            db=db,
            objects=objects,
            clock=clock,
            idempotency=idempotency,
            reading=reading,
            uploads=uploads,
            segments=segments,
            seal=seal,
            file_life=timedelta(days=settings.export_days),
            export_dir=settings.export_dir,
            export_buckets=tuple(settings.export_buckets),
            allow_private_addresses=settings.allow_private_addresses,
        ),
        guard=Guard(accounts, RateLimiter(settings.rate_limits)),
        bodies=BodyReader(BodyLimits(settings.max_payload_bytes, settings.max_decoded_bytes), budget),
        idempotency=idempotency,
        readiness=Readiness({"database": db.ping, "objects": objects.ping}),
    )


def _secret_key(settings: Settings) -> str | None:
    return None if settings.secret_key is None else settings.secret_key.get_secret_value()


def job_kinds(house: House) -> Sequence[JobKind]:
    """Every kind of background job a worker of this house can run."""
    return (
        build_kind(house.uploads),
        erase_kind(house.uploads),
        enrich_kind(house.enrichments),
        refresh_kind(house.segments),
        match_kind(house.segments),
        export_kind(house.exports),
        erase_export_kind(house.exports),
    )


def schedules(house: House) -> Sequence[Schedule]:
    """What the workers of this house do from time to time."""
    every = timedelta(minutes=house.settings.sweep_minutes)

    def sweep_uploads() -> None:
        sweep(house.uploads, alone=False)

    def sweep_tables() -> None:
        def busy(table_ids: Sequence[str]) -> set[str]:
            with house.db.read() as connection:
                return in_work(connection, table_ids) | uploads_at_work(connection, table_ids)

        def held(table_ids: Sequence[str]) -> Mapping[str, set[int]]:
            with house.db.read() as connection:
                held: dict[str, set[int]] = {}
                for holder in (held_by_enrichments, held_by_segments, held_by_matches, held_by_exports):
                    for table_id, versions in holder(connection, table_ids).items():
                        held.setdefault(table_id, set()).update(versions)
                return held

        tables_sweep.sweep(house.tables, busy, held)
        for name in ("engine", "scratch"):
            tables_sweep.sweep_scratch(house.settings.effective_cache_dir / name)

    def sweep_segments() -> None:
        def busy(segment_ids: Sequence[str]) -> set[str]:
            with house.db.read() as connection:
                return in_work(connection, segment_ids)

        segments_sweep.sweep(house.segments, busy)

    def sweep_answers() -> None:
        purge_answers(house.enrichments)

    def sweep_accounts() -> None:
        forget_expired(house.accounts)

    def sweep_exported() -> None:
        sweep_exports(house.exports)

    def export_due() -> None:
        run_due_exports(house.exports)

    return (
        Schedule("uploads.sweep", every, sweep_uploads),
        Schedule("tables.sweep", every, sweep_tables),
        Schedule("accounts.sweep", every, sweep_accounts),
        Schedule("enrichments.sweep", every, sweep_answers),
        Schedule("segments.sweep", every, sweep_segments),
        Schedule("exports.sweep", every, sweep_exported),
        Schedule("exports.due", timedelta(minutes=1), export_due),
    )

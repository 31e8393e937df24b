"""MAP: every setting, its default, its unit and what it means.

Sources, first wins: environment, `.env`, `muster.toml` in the working directory. A secret may also come from
a file named by `<NAME>_FILE`. docs/reference/settings.md is generated from this file.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from muster.errors import InputError

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `MUSTER_X_FILE=/path` as the value of `MUSTER_X`, for Docker and Kubernetes secrets."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"MUSTER_{field_name.upper()}_FILE")
        return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, name)
            if value is not None:
                found[name] = value
        return found


class Settings(BaseSettings):
    """Frozen; made once at start by `load_settings` and handed on explicitly."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_",
        env_file=".env",
        toml_file="muster.toml",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    # Where things are
    data_dir: Path = Field(Path("data"), description="Directory of the embedded database and objects.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(3000, ge=0, le=65535, description="Port to listen on; 0 lets the system choose.")
    public_url: str | None = Field(
        None, description="Address users see, for links, e.g. https://muster.example.org."
    )
    studio_dir: Path | None = Field(
        None, description="Directory of a built Studio, for its developers; unset: the one in the package."
    )
    database_url: SecretStr | None = Field(
        None,
        description="`postgresql://user:password@host/name` or `sqlite:///path`; "
        "empty: SQLite in the data directory.",
    )
    objects_url: SecretStr | None = Field(
        None,
        description="`file:///path`, `s3://bucket/prefix`, `gs://...` or `az://...`; "
        "empty: a directory in the data directory.",
    )

    # Limits
    max_batch_size: int = Field(
        50_000,
        ge=1,
        validation_alias=AliasChoices("MUSTER_MAX_BATCH_SIZE", "MAX_BATCH_SIZE", "max_batch_size"),
        description="Records in one batch upload, at most. `MAX_BATCH_SIZE` works too.",
    )
    max_payload_bytes: int = Field(
        5 * MIB, ge=1, description="Bytes of one request body on the wire, at most."
    )
    max_decoded_bytes: int = Field(
        64 * MIB, ge=1, description="Bytes of one request body after decompression, at most."
    )
    max_file_bytes: int = Field(10 * GIB, ge=1, description="Bytes of one uploaded file, at most.")
    max_body_bytes_in_flight: int = Field(
        256 * MIB,
        ge=1,
        description="Bytes of request bodies held in memory at once, per server process; "
        "over it requests wait briefly, then get 503.",
    )
    max_header_bytes: int = Field(32 * KIB, ge=1024, description="Bytes of one request's headers, at most.")
    header_timeout_seconds: float = Field(
        20, gt=0, description="Seconds a client may take to send its request headers."
    )
    body_timeout_seconds: float = Field(
        55, gt=0, description="Seconds a client may take to send a batch body, in all."
    )
    write_timeout_seconds: float = Field(
        55, gt=0, description="Seconds a client may stop reading its answer before it is cut off."
    )
    keep_alive_seconds: int = Field(30, ge=1, description="Seconds an idle connection stays open.")
    drain_seconds: int = Field(
        30, ge=1, description="Seconds requests in flight may take to finish after SIGTERM."
    )
    rate_limits: str = Field(
        "off",
        description="`off`, or limits per signed-in principal, e.g. `20/second; 600/minute`.",
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Browser origins that may call the API, separated by commas; `*` for any.",
    )

    # Keeping
    idempotency_hours: int = Field(24, ge=1, description="Hours an Idempotency-Key is remembered.")
    upload_token_hours: int = Field(24, ge=1, description="Hours a session_token opens its upload.")
    session_hours: int = Field(24 * 14, ge=1, description="Hours a browser session lives, at most.")
    session_idle_hours: int = Field(72, ge=1, description="Hours a browser session may lie idle.")
    sweep_minutes: int = Field(60, ge=1, description="Minutes between sweeps for orphaned objects.")

    file_hours: int = Field(48, ge=1, description="Hours an unfinished resumable upload is kept.")
    job_days: int = Field(30, ge=1, description="Days a finished job and its events are remembered.")

    request_log_days: int = Field(
        7, ge=0, le=3650, description="Days the log of one's own requests is kept; 0: none is kept."
    )
    request_log_rows: int = Field(
        10_000, ge=1, description="Requests of one user in that log, at most; the oldest go first."
    )

    # Working in the background
    jobs_inside: bool = Field(
        True,
        description="`muster serve` runs a worker process for background jobs; off: `muster worker` does it.",
    )
    job_concurrency: int = Field(2, ge=1, description="Jobs one worker runs at a time.")
    jobs_per_user: int = Field(2, ge=1, description="Jobs of one user that run at a time.")
    engine_memory_bytes: int = Field(
        GIB, ge=256 * MIB, description="Memory the table engine may use for one job or one process's queries."
    )
    engine_threads: int = Field(
        0, ge=0, description="Threads of the table engine; 0: one for each processor."
    )
    cache_dir: Path | None = Field(
        None, description="Directory for files that can be made again; empty: `cache` in the data directory."
    )
    cache_bytes: int = Field(
        20 * GIB, ge=GIB, description="Bytes of fetched objects in the cache directory, at most."
    )
    hot_copy_bytes: int = Field(
        8 * GIB,
        ge=64 * MIB,
        description="Bytes of uncompressed copies of tables being looked at in the cache directory, at most.",
    )

    # Calling other services
    secret_key: SecretStr | None = Field(
        None,
        description="At least 32 characters that seal kept secrets of connections and cached answers; "
        "empty: `secret.key` in the data directory, made at the first start.",
    )
    allow_network_providers: bool = Field(
        True, description="Providers of enrichment may ask services on the network."
    )
    allow_private_addresses: bool = Field(
        False,
        description="Services that users name may lie in the own network: private and loopback addresses, "
        "internal names, plain http. Off: only https to public addresses.",
    )

    # Exports
    export_days: int = Field(7, ge=1, description="Days the file of a finished export is kept for download.")
    export_dir: Path | None = Field(
        None,
        description="The one directory of this machine that exports may put files to; unset: none.",
    )
    export_buckets: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Buckets, or folders in them, that exports may put files to, separated by commas, such as "
        "`s3://crm-drop/in`; unset: none.",
    )

    # Signing in with an outside issuer
    oidc_issuer: str | None = Field(
        None, description="OpenID Connect issuer whose JWTs are accepted as Bearer tokens."
    )
    oidc_audience: str | None = Field(None, description="Audience (`aud`) such a JWT must name.")
    oidc_client_id: str | None = Field(
        None, description="Client id of Muster at the issuer; set, people can sign in there with a browser."
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="Client secret that goes with it; empty: a public client, with PKCE alone."
    )
    oidc_name: str = Field(
        "Single sign-on", min_length=1, max_length=60, description="What the issuer's button says."
    )
    oidc_jwks_cache_seconds: int = Field(300, ge=1, description="Seconds the issuer's keys are cached.")

    # Watching
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    log_format: Literal["json", "console"] = Field(
        "json", description="`json` for machines, `console` for eyes."
    )
    metrics_public: bool = Field(
        False, description="Serve /metrics to any address; off: to loopback and to keys with scope `admin`."
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip().rstrip("/") for part in value.split(",") if part.strip()]
        return value

    @field_validator("export_buckets", mode="before")
    @classmethod
    def _split_buckets(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        places = [part.strip().rstrip("/") for part in value.split(",") if part.strip()]
        for place in places:
            if not re.fullmatch(r"(s3|gs|az)://[^/]+(/.+)?", place):
                raise ValueError(f"{place!r} is no bucket; write it like s3://bucket/folder")
        return places

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            env_settings,
            SecretFiles(settings_cls),
            dotenv_settings,
            TomlConfigSettingsSource(settings_cls),
        )

    @property
    def effective_database_url(self) -> str:
        """The database in use; SQLite in the data directory unless set."""
        if self.database_url is not None and self.database_url.get_secret_value():
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'muster.db').absolute()}"

    @property
    def effective_objects_url(self) -> str:
        """The object store in use; a directory in the data directory unless set."""
        if self.objects_url is not None and self.objects_url.get_secret_value():
            return self.objects_url.get_secret_value()
        return (self.data_dir / "objects").absolute().as_uri()

    @property
    def effective_cache_dir(self) -> Path:
        """The cache in use; a directory in the data directory unless set."""
        return (self.cache_dir or self.data_dir / "cache").absolute()

    @property
    def base_url(self) -> str:
        """What to put before a path in a link for people."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else self.host  # noqa: S104
        return f"http://{host}:{self.port}"


def load_settings(overrides: Mapping[str, object] | None = None) -> Settings:
    """Read every source once; raises InputError naming each setting that is wrong and why."""
    try:
        return Settings(**(overrides or {}))  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"MUSTER_{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False)
        ]
        raise InputError(
            "These settings cannot be used: " + "; ".join(lines), code="settings_invalid"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"The settings cannot be read: {error}", code="settings_invalid") from error

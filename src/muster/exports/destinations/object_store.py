"""A file put to a path: in S3, Google Cloud Storage or Azure, or in the directory of this machine the operator allows.

Credentials of the clouds are the operator's, from the environment (docs/operations.md), and they may open more than users
are to write to. So buckets are named by the operator, too.
"""

from pathlib import PurePosixPath
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from muster.errors import InputError
from muster.exports.destination import (
    Call,
    DestinationManifest,
    ExportFile,
    FileDestination,
    Settings,
    Takes,
)
from muster.objects.keys import checked
from muster.objects.open import open_store
from muster.objects.store import ObjectStore
from muster.tables.formats.write import TableFormat

_CLOUDS = ("s3", "gs", "az")


class PathSettings(Settings):
    """Where the file is put."""

    path: str = Field(
        min_length=1,
        max_length=700,
        title="Path",
        description="`s3://bucket/folder/name.csv`, `gs://...`, `az://...`, or `name.csv` in the operator's directory; "
        "buckets and the directory are those the operator allows. "
        "`{name}` stands for the export's own file name, `{id}` for its id.",
    )

    @field_validator("path")
    @classmethod
    def _is_a_path(cls, path: str) -> str:
        scheme, key = _parted(path.replace("{name}", "name").replace("{id}", "id"))
        if (scheme is None and "://" in path) or urlsplit(path).query or urlsplit(path).fragment:
            raise ValueError("Write `s3://`, `gs://`, `az://`, or a name in the operator's directory.")
        try:
            checked(key)
        except InputError as error:
            raise ValueError(
                "Write folders and a name of letters, digits, `.`, `_` and `-`, none of which begins with a dot."
            ) from error
        return path


class ObjectStorePath(FileDestination):
    """Puts the file where it was told."""

    manifest: ClassVar[DestinationManifest] = DestinationManifest(
        id="object_store",
        title="Bucket or directory",
        description="A file in S3, Google Cloud Storage, Azure, or a directory; the operator says which.",
        takes=Takes.FILE,
        settings=PathSettings,
        formats=(TableFormat.CSV, TableFormat.NDJSON, TableFormat.PARQUET, TableFormat.XLSX),
    )

    def check(self, call: Call) -> None:
        assert isinstance(call.settings, PathSettings)  # noqa: S101 - the manifest says so
        bucket, key = _parted(call.settings.path)
        if bucket is not None:
            folders = f"{bucket}/{key}".rpartition("/")[0] + "/"
            if not any(folders.startswith(f"{allowed}/") for allowed in call.export_buckets):
                raise InputError(
                    "The operator does not allow files to be put there. Ask for that bucket, or its folder, in "
                    "MUSTER_EXPORT_BUCKETS.",
                    code="export_place_refused",
                )
        elif call.export_dir is None:
            raise InputError(
                "The operator allows no directory (MUSTER_EXPORT_DIR); give a path in a bucket.",
                code="export_place_refused",
            )

    def probe(self, call: Call) -> str:
        self.check(call)
        store, _ = _place(call, "probe")
        store.ping()
        return "A small file was written, read and deleted."

    def store(self, file: ExportFile, call: Call) -> None:
        self.check(call)
        store, key = _place(call, file.name)
        store.put(key, file.stream())


def _place(call: Call, name: str) -> tuple[ObjectStore, str]:
    assert isinstance(call.settings, PathSettings)  # noqa: S101 - the manifest says so
    path = call.settings.path.replace("{name}", name).replace("{id}", call.export_id)
    scheme, key = _parted(path)
    if scheme is None:
        assert call.export_dir is not None  # noqa: S101 - `check` says so
        return open_store(call.export_dir.absolute().as_uri()), key
    return open_store(scheme), key


def _parted(path: str) -> tuple[str | None, str]:
    """The bucket's address, None for the operator's directory, and the key in it."""
    parts = urlsplit(path)
    if parts.scheme in _CLOUDS and parts.netloc:
        return f"{parts.scheme}://{parts.netloc}", parts.path.lstrip("/")
    return None, str(PurePosixPath(path))

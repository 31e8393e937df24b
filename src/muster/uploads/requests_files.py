"""What requests that bring files say, parsed once at the edge."""

from dataclasses import replace

from muster.errors import InputError, Issue
from muster.records.parse import name_problem
from muster.uploads.file_model import FileWish, clean_file_name, clean_media_type
from muster.web.form import FormFile, is_form
from muster.web.stream import file_too_large

_SAYS_NOTHING = frozenset({"application/octet-stream", "application/x-www-form-urlencoded"})


def file_wish(
    upload_name: str | None, file_name: str | None, content_type: str, *, is_auto: bool
) -> FileWish:
    """What query and headers say about a file. Raises InputError for a name no upload can have."""
    return FileWish(
        upload_name=None if upload_name is None else _checked_name(upload_name),
        file_name=clean_file_name(file_name),
        media_type=None if is_form(content_type) else _media_type(content_type),
        is_auto=is_auto,
    )


def form_wish(wish: FileWish, form: FormFile) -> FileWish:
    """`wish` with what the form adds; the query counts more than a field of the form. Raises InputError."""
    upload_name = wish.upload_name
    if upload_name is None and "upload_name" in form.fields:
        upload_name = _checked_name(form.fields["upload_name"])
    auto = form.fields.get("auto", "true").strip().lower()
    if auto not in {"true", "false"}:
        message = "`auto` is `true` or `false`."
        raise InputError(
            message,
            code="parameter_invalid",
            issues=[Issue(None, "auto", "/auto", "parameter_invalid", message)],
        )
    return replace(
        wish,
        upload_name=upload_name,
        file_name=wish.file_name or clean_file_name(form.file_name),
        media_type=_media_type(form.media_type),
        is_auto=wish.is_auto and auto == "true",
    )


def check_announced(announced_bytes: int | None, limit: int) -> None:
    """Raise PayloadTooLarge when a Content-Length says that the file is over the limit."""
    if announced_bytes is not None and announced_bytes > limit:
        raise file_too_large(limit, f"Content-Length says {announced_bytes}")


def _checked_name(name: str) -> str:
    problem = name_problem(name)
    if problem is not None:
        raise InputError(problem.message, code=problem.code, issues=[problem])
    return name


def _media_type(text: str | None) -> str | None:
    media_type = clean_media_type(text)
    return None if media_type in _SAYS_NOTHING else media_type

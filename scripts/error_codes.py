"""Find every stable error code the source can answer with: its status and what it says.

Codes stand where they are raised, not in one list, so this reads the syntax trees of src/muster:
`raise NotFound("...", code="user_not_found")`, `Refusal(400, "...", "...")`, calls of functions that only
pass a code or a message on to one of these, and the maps of muster.records.issues.
Used by gen_reference.py and tests/test_docs.py.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from muster import errors
from muster.records import issues
from muster.uploads.tus import STATUS_OF_CODE
from muster.web.errors import STATUS_OF_KIND

SOURCE = Path(__file__).resolve().parent.parent / "src" / "muster"
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What the client raises is not the server's answer, and the other commands only pass answers on.
NOT_OURS = re.compile(r"client/|cli/(?!serve\.py)")
START_FILES = re.compile(r"settings\.py|wiring\.py|cli/serve\.py|db/migrate\.py")
START_CODES = {
    "database_url_invalid",
    "objects_url_invalid",
    "objects_of_another_database",
    "secret_key_invalid",
}
# Where one code stands for many sentences, the one that covers them.
SUMMARIES = {
    "address_refused": "The address is reserved, or lies in the server's own network, where services of users are not called.",
    "body_invalid": "A member of the body has the wrong type; the message names it.",
    "database_url_invalid": "MUSTER_DATABASE_URL cannot be read; write `sqlite:///path` or `postgresql://user:password@host/name`.",
    "file_bomb": "The file unpacks to far more than its size allows, so it was not opened; for a workbook, save the sheet as CSV.",
    "file_damaged": "The file is damaged; save or pack it again.",
    "file_encrypted": "The file is protected by a password; save it without one and send it again.",
    "file_unreadable": "The file cannot be read any further; the message says why.",
    "filter_field_invalid": "Give `field`, the name of a field, as text.",
    "filter_group_not_array": "Give `all` and `any` an array of conditions.",
    "filter_ignore_case_unfit": "`ignore_case` cannot be used in this condition; the message says why.",
    "filter_invalid": "The filter cannot be used; `errors` names each problem.",
    "filter_malformed": "The filter is not JSON, or holds something that is neither a condition nor a group.",
    "filter_unknown_field": "There is no such field; the message names close ones.",
    "filter_unknown_operator": "There is no such operator; the message names the one that may be meant.",
    "filter_value_invalid": "The value of a condition cannot be used; the message says what the operator takes.",
    "form_malformed": "The form cannot be read; the message says why.",
    "internal_error": "Something broke on our side. Nothing to change in the request; report the request id.",
    "key_invalid": "This key cannot be made; the message says why.",
    "layout_invalid": "A member of the layout cannot be used; the message says which and why.",
    "mapping_invalid": "This mapping cannot be used; `errors` points at what is wrong.",
    "mapping_missing": "Nobody said how the columns are named: send `mapping` or `use_template`, or ask with `auto=true`.",
    "member_invalid": "A member of the body has a value that is not possible; the message says which and why.",
    "member_missing": "A member of the body is missing; the message says which.",
    "parameter_invalid": "A parameter or filter has a value that is not possible; the message says which and why.",
    "row_malformed": "A corrected row cannot be read; the message says why.",
    "rows_invalid": "The corrected rows cannot be used; `errors` names each problem.",
    "rule_invalid": "This rule cannot be used; `errors` points at every mistake in it.",
    "selection_unclear": "Members exclude each other, or none of them is there; the message says which.",
    "settings_invalid": "A setting cannot be used; the message names it and says what it may be.",
    "sheet_too_large": "More than a sheet of a workbook can hold; ask for another format.",
    "sort_malformed": "Write the sort as `-employees,last_name` or as a JSON array of `field` and `descending`.",
    "sort_too_many_keys": "Sort by fewer fields; the message says how many.",
    "sort_unknown_field": "There is no such field; the message names close ones.",
    "template_misfits": "The template reads columns this file lacks; `errors` names them.",
    "upload_expired": "The time to go on with this upload is over; start a new one.",
    "upload_busy": "A job works on this upload; wait for it, or cancel it first.",
    "workbook_too_large": "The workbook unpacks to more than is read here. Save the sheet as CSV and send that.",
}


class Place(Enum):
    """Where a code shows up."""

    ANSWER = "of an answer"
    ISSUE = "of one member, inside `errors`"
    ROW = "of one row"
    JOB = "of work that failed"
    START = "of a server that does not start"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code. status: of the answer; 0 where there is none. said_by: of a row's code, who says it.

    other_statuses: where the same thing is refused in another way elsewhere.
    """

    code: str
    status: int
    message: str
    place: Place
    said_by: str = ""
    other_statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Passer:
    """A function that makes an error of `kind`, or an Issue (None), from its own arguments `code` and `message`."""

    kind: type[errors.MusterError] | None
    parameters: tuple[str, ...]
    code: str | None


Names = dict[str, ast.expr]


def _tree_classes() -> dict[str, type[errors.MusterError]]:
    found: dict[str, type[errors.MusterError]] = {}
    queue: list[type[errors.MusterError]] = [errors.MusterError]
    while queue:
        kind = queue.pop()
        found[kind.__name__] = kind
        queue.extend(kind.__subclasses__())
    return found


CLASSES = _tree_classes()
_SAID_BEHIND = {"Failed": 0, "Detected": 4}
"""Calls that carry a code and, behind it, a message; the place of the code among their arguments."""


def status_of_kind(kind: type[errors.MusterError]) -> int:
    """The HTTP status of a class of refusals."""
    return next(status for known, status in STATUS_OF_KIND if issubclass(kind, known))


def _text(node: ast.expr | None, names: Names) -> str | None:
    """The constant text of an expression; what is filled in at run time becomes `…`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "…"
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, names), _text(node.right, names)
        return None if left is None and right is None else f"{left or '…'}{right or '…'}"
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        enum = getattr(issues, node.value.id, None)
        return str(getattr(enum, node.attr)) if enum is not None else None
    if isinstance(node, ast.Name) and node.id in names:
        return _text(names[node.id], {})
    return None


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _of_kind(kind: type[errors.MusterError], code: str | None, message: str | None) -> Iterator[ErrorCode]:
    if code == kind.code:  # said in many places; the class says what they have in common
        message = (kind.__doc__ or "").splitlines()[0]
    if code:
        yield ErrorCode(code, STATUS_OF_CODE.get(code, status_of_kind(kind)), message or "", Place.ANSWER)


def _from_call(call: ast.Call, names: Names, passers: dict[str, Passer]) -> Iterator[ErrorCode]:
    name = _name(call.func)
    keywords: Names = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if name in CLASSES:
        kind = CLASSES[name]
        code = _text(keywords["code"], names) if "code" in keywords else kind.code
        yield from _of_kind(kind, code, _text(call.args[0] if call.args else keywords.get("message"), names))
    elif name in passers:
        passer = passers[name]
        given = dict(zip(passer.parameters, call.args, strict=False)) | keywords
        code = passer.code or _text(given.get("code"), names)
        message = _text(given.get("message"), names)
        if passer.kind is not None:
            yield from _of_kind(passer.kind, code, message)
        elif code:
            yield ErrorCode(code, 0, message or "", Place.ISSUE)
    elif name == "Issue" and len(call.args) == 5:
        code = _text(call.args[3], names)
        if code:
            yield ErrorCode(code, 0, _text(call.args[4], names) or "", Place.ISSUE)
    elif name in _SAID_BEHIND:
        # What a file is like is found out without refusing it; asked to read it all the same, it is refused.
        at = _SAID_BEHIND[name]
        said = [_text(argument, names) for argument in call.args[at : at + 2]]
        said += [_text(keywords.get(member), names) for member in ("problem_code", "problem")][len(said) :]
        if said[0]:
            yield from _of_kind(errors.InputError, said[0], said[1])
    elif name == "RetryOutcome" and len(call.args) == 4:
        code = _text(call.args[1], names)
        if code:
            yield ErrorCode(code, 0, _text(call.args[3], names) or "", Place.ISSUE)
    elif call.args and isinstance(call.args[0], ast.Attribute) and _name(call.args[0].value) == "JobState":
        code, message = (_text(argument, names) for argument in (*call.args, None, None)[1:3])
        if code and CODE.fullmatch(code) and "_" in code:
            yield ErrorCode(code, 0, message or "", Place.JOB)
    else:
        # Refusal(400, "code", "message") and the like.
        for at, node in enumerate(call.args[:-1]):
            if isinstance(node, ast.Constant) and isinstance(node.value, int) and 400 <= node.value < 600:
                code = _text(call.args[at + 1], names)
                message = _text(call.args[at + 2], names) if len(call.args) > at + 2 else None
                if code and CODE.fullmatch(code):
                    yield ErrorCode(code, node.value, message or "", Place.ANSWER)


def _passers(functions: Iterable[ast.FunctionDef | ast.AsyncFunctionDef]) -> dict[str, Passer]:
    found: dict[str, Passer] = {}
    for function in functions:
        parameters = tuple(argument.arg for argument in function.args.args if argument.arg != "self")
        if not {"code", "message"} & set(parameters):
            continue
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if _name(call.func) == "Issue":
                found.setdefault(function.name, Passer(None, parameters, None))
            if _name(call.func) in CLASSES:
                codes = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
                fixed = _text(codes[0], {}) if codes else CLASSES[_name(call.func)].code
                found[function.name] = Passer(CLASSES[_name(call.func)], parameters, fixed)
    return found


def _from_file(path: Path) -> Iterator[ErrorCode]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    top = _assignments(tree.body)
    passers = _PASSED_ON | _passers(functions)
    for name, value in top.items():
        if name.endswith("_MESSAGES") and isinstance(value, ast.Dict):
            for key, message in zip(value.keys, value.values, strict=True):
                yield from _of_kind(errors.InputError, _text(key, {}), _text(message, {}))
    seen: set[int] = set()
    for scope in [*functions, tree]:
        names = top | _assignments(ast.walk(scope))
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and id(node) not in seen:
                seen.add(id(node))
                yield from _from_call(node, names, passers)


def _shared_passers() -> dict[str, Passer]:
    """Functions that rooms call to make a refusal from a code and a message of their own."""
    tree = ast.parse((SOURCE / "web" / "json_body.py").read_text(encoding="utf-8"))
    return _passers(node for node in tree.body if isinstance(node, ast.FunctionDef))


_PASSED_ON = _shared_passers()


def _assignments(nodes: Iterable[ast.AST]) -> Names:
    found: Names = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
    return found


def _all() -> Iterator[ErrorCode]:
    for batch_code, message in issues.BATCH_CODES.items():
        yield ErrorCode(batch_code, 400, message, Place.ANSWER)
    for row_code, message in (*issues.RECORD_CODES.items(), *issues.RULE_CODES.items()):
        yield ErrorCode(row_code, 0, message, Place.ROW, issues.said_by(row_code))
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if NOT_OURS.match(name):
            continue
        for entry in _from_file(path):
            at_start = START_FILES.fullmatch(name) or entry.code in START_CODES
            yield ErrorCode(entry.code, 0, entry.message, Place.START) if at_start else entry


def error_codes() -> list[ErrorCode]:
    """Every code once, by status then code; the first message found stands for a code with several."""
    found: dict[str, ErrorCode] = {}
    for read in _all():
        entry = replace(read, message=SUMMARIES.get(read.code, read.message))
        known = found.get(entry.code)
        if known is None:
            found[entry.code] = entry
        else:
            better = entry if known.place is not Place.ANSWER and entry.place is Place.ANSWER else known
            said = {status for each in (known, entry) for status in (each.status, *each.other_statuses)}
            found[entry.code] = replace(
                better,
                message=better.message or known.message or entry.message,
                said_by=known.said_by,
                status=min(said - {0}, default=0),
                other_statuses=tuple(sorted(said - {0}))[1:],
            )
    return sorted(found.values(), key=lambda entry: (entry.status, entry.code))

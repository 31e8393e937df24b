"""Find every stable error code the source can answer with: its status and what it says.

Codes stand where they are raised, not in one list, so this reads the syntax trees of src/muster:
`raise NotFound("...", code="user_not_found")`, `Refusal(400, "...", "...")`, and the two maps of
muster.records.issues. Used by gen_reference.py and tests/test_docs.py.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from muster import errors
from muster.records import issues
from muster.web.errors import STATUS_OF_KIND

SOURCE = Path(__file__).resolve().parent.parent / "src" / "muster"
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What these raise ends a command or the start of the server; it is no answer to a request.
NOT_ANSWERS = {"client", "cli", "settings.py", "wiring.py"}


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code. status: None for codes that only stand inside `errors`, for one record or member."""

    code: str
    status: int | None
    message: str


def _tree_classes() -> dict[str, type[errors.MusterError]]:
    found: dict[str, type[errors.MusterError]] = {}
    queue: list[type[errors.MusterError]] = [errors.MusterError]
    while queue:
        kind = queue.pop()
        found[kind.__name__] = kind
        queue.extend(kind.__subclasses__())
    return found


CLASSES = _tree_classes()


def status_of_kind(kind: type[errors.MusterError]) -> int:
    """The HTTP status of a class of refusals."""
    return next(status for known, status in STATUS_OF_KIND if issubclass(kind, known))


def _text(node: ast.expr | None, names: dict[str, ast.expr]) -> str | None:
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


def _from_call(call: ast.Call, names: dict[str, ast.expr]) -> Iterator[ErrorCode]:
    name = _name(call.func)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in CLASSES:
        kind = CLASSES[name]
        code = _text(keywords.get("code"), names) if "code" in keywords else kind.code
        message = _text(call.args[0] if call.args else keywords.get("message"), names)
        if code == kind.code:  # said in many places; the class says what they have in common
            message = (kind.__doc__ or "").splitlines()[0]
        if code:
            yield ErrorCode(code, status_of_kind(kind), message or "")
    elif name == "Issue" and len(call.args) == 5:
        code = _text(call.args[3], names)
        if code:
            yield ErrorCode(code, None, _text(call.args[4], names) or "")
    else:
        # Refusal(400, "code", "message") and the like.
        for at, node in enumerate(call.args[:-1]):
            if isinstance(node, ast.Constant) and isinstance(node.value, int) and 400 <= node.value < 600:
                code = _text(call.args[at + 1], names)
                message = _text(call.args[at + 2], names) if len(call.args) > at + 2 else None
                if code and CODE.fullmatch(code):
                    yield ErrorCode(code, node.value, message or "")


def _from_file(path: Path) -> Iterator[ErrorCode]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    top = _assignments(tree.body)
    seen: set[int] = set()
    for scope in [*scopes, tree]:
        names = top | _assignments(list(ast.walk(scope)))
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and id(node) not in seen:
                seen.add(id(node))
                yield from _from_call(node, names)


def _assignments(nodes: list[ast.AST] | list[ast.stmt]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found[node.target.id] = node.value
    return found


def error_codes() -> list[ErrorCode]:
    """Every code once, by status then code; the first message found stands for a code with several."""
    found: dict[str, ErrorCode] = {}
    for batch_code, message in issues.BATCH_CODES.items():
        found[batch_code] = ErrorCode(batch_code, 400, message)
    for record_code, message in issues.RECORD_CODES.items():
        found[record_code] = ErrorCode(record_code, None, message)
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] in NOT_ANSWERS or path.stem == "migrate":
            continue
        for entry in _from_file(path):
            known = found.get(entry.code)
            if known is None or (known.status is None and entry.status) or not known.message:
                status = entry.status if known is None or known.status is None else known.status
                found[entry.code] = ErrorCode(
                    entry.code, status, entry.message or (known.message if known else "")
                )
    return sorted(found.values(), key=lambda entry: (entry.status or 0, entry.code))

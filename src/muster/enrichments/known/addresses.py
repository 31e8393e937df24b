"""Columns of e-mail addresses: the rules' own check of them, asked only where it is not plain to see."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(frozen=True, slots=True)
class Checked:
    """As many values each as there were addresses.

    normal: the usual spelling, also of an address that stands in something else; null where there is none.
    is_valid: whether it is one as it stands. problem: the rules' code of what is wrong, null for nothing.
    """

    normal: pa.Array
    is_valid: pa.Array
    problem: pa.Array


def checked(emails: pa.Array) -> Checked:
    """Check addresses (large_string in lower case; null counts as none at all)."""
    # Imported at first use, like all that knows addresses: a listing of providers need not wait for it.
    from muster.records.checks.emails import ORDINARY, ORDINARY_MAX_BYTES, check_email  # noqa: PLC0415

    ordinary = pc.and_(
        pc.less_equal(pc.binary_length(emails), ORDINARY_MAX_BYTES),
        pc.match_substring_regex(emails, ORDINARY),
    )
    normal = pc.if_else(ordinary, emails, pa.scalar(None, pa.large_string()))
    problem = pa.nulls(len(emails), pa.large_string())
    is_odd = pc.and_not(emails.is_valid(), pc.fill_null(ordinary, False))
    if not pc.any(is_odd).as_py():
        return Checked(normal, emails.is_valid(), problem)
    odd = emails.filter(is_odd).to_pylist()
    verdicts = [check_email(email) for email in odd]
    spelt = [
        email if verdict.is_ok and verdict.fixed is None else verdict.fixed
        for email, verdict in zip(odd, verdicts, strict=True)
    ]
    codes = [None if verdict.is_ok else str(verdict.code) for verdict in verdicts]
    normal = pc.replace_with_mask(normal, is_odd, pa.array(spelt, pa.large_string()))
    problem = pc.replace_with_mask(problem, is_odd, pa.array(codes, pa.large_string()))
    return Checked(normal, pc.and_(normal.is_valid(), problem.is_null()), problem)


def parts(normal: pa.Array) -> tuple[pa.Array, pa.Array]:
    """(what stands before the last @, the domain behind it); null where there is no address."""
    found = pc.extract_regex(normal, r"(?s)^(?P<local>.*)@(?P<domain>[^@]*)$")
    local, domain = (pc.struct_field(found, name) for name in ("local", "domain"))
    return pc.if_else(normal.is_valid(), local, None), pc.if_else(normal.is_valid(), domain, None)


def truth(flags: pa.Array) -> pa.Array:
    """`true` and `false` for a column of booleans."""
    return flags.cast(pa.large_string())

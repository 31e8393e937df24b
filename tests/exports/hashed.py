"""One row through the hasher, for tests of the platforms' rules."""

from collections.abc import Mapping

import pyarrow as pa

from muster.exports.hashing import HashColumn, Hashed, Hasher, HashPlan
from muster.exports.platforms import PLATFORMS
from muster.exports.platforms.fields import Failure, Field, PlatformId


def hashed(platform: PlatformId, row: Mapping[Field, str | None], region: str | None = None) -> Hashed:
    rules = PLATFORMS[platform].rules
    columns = tuple(HashColumn(field, field, rules[field].names) for field in row)
    plan = HashPlan(platform, region, columns, country=Field.COUNTRY if Field.COUNTRY in row else None)
    batch = pa.record_batch(
        {str(field): pa.array([value], pa.large_string()) for field, value in row.items()}
    )
    return Hasher(plan).hash(batch)


def hashed_cell(
    platform: PlatformId, field: Field, value: str, region: str | None = None
) -> str | Failure | None:
    """What one cell becomes, or why it becomes nothing."""
    result = hashed(platform, {field: value}, region)
    if result.unhashed:
        assert all(column[0].as_py() is None for column in result.columns)
        return result.unhashed[0].code
    found: str | None = result.columns[0][0].as_py()
    return found

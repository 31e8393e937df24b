"""The rows that failed in an earlier run, as the table remembers them."""

import pyarrow as pa
import pyarrow.compute as pc

from muster.enrichments.model import FailedOf
from muster.tables.model import ROW_ID, Manifest
from muster.tables.reading import ReadingRoom


def failed_rows(reading: ReadingRoom, manifest: Manifest, again: FailedOf) -> pa.Array:
    """Ids of the rows concerned, ascending; none when the table does not know that run any more."""
    added = next((added for added in manifest.added if added.run_id == again.run_id), None)
    if added is None or added.failures is None:
        return pa.array([], pa.int64())
    found = pa.Table.from_batches(list(reading.files.batches(added.failures)))
    if again.step is not None:
        found = found.filter(pc.equal(found["step"], again.step))
    if again.codes is not None:
        found = found.filter(pc.is_in(found["code"], pa.array(again.codes, pa.large_string())))
    unique = pc.unique(found[ROW_ID])
    return unique.take(pc.sort_indices(unique))

"""Build the profile of a finished table again, in a process of its own, and say how long it took each time.

usage: python table_profile.py DATA_DIR UPLOAD_ID TIMES     (prints JSON: seconds of each time, columns, rows)
"""

import json
import sys
import time
from pathlib import Path

from muster.clock import utc_now
from muster.objects.open import open_store
from muster.settings import load_settings
from muster.tables.manifest import load_manifest
from muster.tables.model import TableId
from muster.tables.profile import build_profile
from muster.wiring import open_database, tables_room

data, upload_id, times = sys.argv[1:]
settings = load_settings({"data_dir": Path(data)})
database = open_database(settings)
room = tables_room(settings, database, open_store(settings.effective_objects_url), utc_now)
manifest = load_manifest(room, TableId(upload_id), 1)
taken = []
for _ in range(int(times)):
    began_at = time.perf_counter()
    profile = build_profile(room, manifest)
    taken.append(time.perf_counter() - began_at)
database.close()
print(json.dumps({"seconds": taken, "columns": len(profile.columns), "rows": profile.rows}))

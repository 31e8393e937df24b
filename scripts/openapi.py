"""Write openapi.json from the code, or (--check) say whether it still agrees with the code.

usage: python scripts/openapi.py [--check]
"""

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = ROOT / "openapi.json"


def generated() -> str:
    """The schema of a server with default settings; the caller's environment and files play no part."""
    for name in [name for name in os.environ if name.startswith("MUSTER_") or name == "MAX_BATCH_SIZE"]:
        del os.environ[name]
    from muster.app import create_app  # noqa: PLC0415  (after the environment is clean)
    from muster.settings import load_settings  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)  # no .env or muster.toml there
        app = create_app(load_settings({"data_dir": Path(directory)}))
        schema = app.openapi()
        os.chdir(ROOT)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    text = generated()
    if "--check" not in sys.argv[1:]:
        SNAPSHOT.write_text(text, encoding="utf-8")
        return 0
    if SNAPSHOT.exists() and SNAPSHOT.read_text(encoding="utf-8") == text:
        return 0
    print("openapi.json is not what the code generates. Run `make docs`, look at the difference, commit it.")
    return 1


if __name__ == "__main__":
    sys.exit(main())

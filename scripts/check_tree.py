"""Facts about the tree that no linter knows: lock files, machine paths, one version number.

usage: python scripts/check_tree.py      (exit 1 and one line per finding)
"""

import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

ROOT = Path(__file__).resolve().parent.parent

# A lock file with an address in it installs from that address and nowhere else.
ADDRESS = re.compile(
    r"://|^\s*--(index-url|extra-index-url|find-links|trusted-host)|^\s*-[if]\s|\"resolved\"", re.M
)
HOME = re.compile(r"(?<![\w.~/-])(/home/(?!\*|<|user\b|you\b)[\w.-]+|/Users/[\w.-]+|/root/[\w.-]+)")


def tree_files() -> list[Path]:
    """Every file that belongs to the tree: what .gitignore leaves, whether git is there or not."""
    ignored = GitIgnoreSpec.from_lines((ROOT / ".gitignore").read_text(encoding="utf-8").splitlines())
    found: list[Path] = []
    for directory, folders, names in os.walk(ROOT):
        inside = Path(directory).relative_to(ROOT)
        folders[:] = [
            name for name in folders if name != ".git" and not ignored.match_file(f"{inside / name}/")
        ]
        found.extend(ROOT / inside / name for name in names if not ignored.match_file(str(inside / name)))
    return sorted(path for path in found if path.is_file())


def lock_files_with_addresses(files: list[Path]) -> Iterator[str]:
    """Lock files pin by hash and name no address (and so no registry)."""
    for path in files:
        is_lock = path.parent.name == "requirements" or ("lock" in path.stem and path.suffix != ".sh")
        if is_lock and path.suffix in {".txt", ".in", ".json", ".lock", ".yaml", ".toml"}:
            match = ADDRESS.search(path.read_text(encoding="utf-8"))
            if match:
                yield f"{path.relative_to(ROOT)}: a lock file holds an address: {match[0]!r}"


def unhashed_requirements() -> Iterator[str]:
    """Each pinned requirement has at least one hash."""
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            if line.strip() and not line.lstrip().startswith("#") and "--hash=sha256:" not in line:
                yield f"{path.relative_to(ROOT)}: no hash: {line.strip()[:60]}"


def machine_paths(files: list[Path]) -> Iterator[str]:
    """No file names the place this checkout lies at, or anybody's home directory."""
    here = re.compile(rf"(?<![\w.~/-]){re.escape(str(ROOT))}(?![\w-])")
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            match = here.search(line) or HOME.search(line)
            if match:
                yield f"{path.relative_to(ROOT)}:{number}: names a path of one machine: {match[0]}"


def version_findings() -> Iterator[str]:
    """The version is the same in pyproject.toml, the package and the newest CHANGELOG heading."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        expected = tomllib.load(file)["project"]["version"]
    places = {
        "src/muster/__init__.py": re.compile(r'^__version__ = "([^"]+)"', re.M),
        "CHANGELOG.md": re.compile(r"^## \[(\d[^\]]*)\]", re.M),
    }
    for name, pattern in places.items():
        match = pattern.search((ROOT / name).read_text(encoding="utf-8"))
        found = match[1] if match else "none"
        if found != expected:
            yield f"{name}: version {found}, but pyproject.toml says {expected}"


def main() -> int:
    files = tree_files()
    findings = [
        *lock_files_with_addresses(files),
        *unhashed_requirements(),
        *machine_paths(files),
        *version_findings(),
    ]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

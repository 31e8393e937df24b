"""The documentation is true: every documented call behaves, every setting, code, target and command exists.

The calls run against a real server, started here by its own command.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from muster.cli.main import run
from muster.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from error_codes import error_codes  # noqa: E402  (a script, found by the line above)
from gen_reference import env_names  # noqa: E402

MUSTER = Path(sys.executable).with_name("muster")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])
TEXT = {page: page.read_text(encoding="utf-8") for page in PAGES}
EVERYTHING = "\n".join(TEXT.values())

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
SOURCE_PATH = re.compile(r"`((?:src|tests|scripts|bench|docs|requirements|examples|\.ci)/[\w./-]*)`")
MAKE_TARGET = re.compile(r"(?:`make|^make) ([a-z][a-z-]*)", re.M)
# A command is what stands at the start of a shell line or of inline code.
COMMAND = re.compile(r"(?:^|`|&& |exec muster )(?:\.venv/bin/)?muster ((?:[a-z][a-z-]* ?)+)", re.M)


@dataclass(frozen=True)
class Running:
    """A server and a key for it."""

    url: str
    key: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`muster serve` on a free port with a user and a key made by `muster admin`."""
    place = tmp_path_factory.mktemp("server")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    environment |= {"MUSTER_DATA_DIR": str(place / "data"), "PYTHONUNBUFFERED": "1"}

    def muster(*arguments: str) -> dict[str, str]:
        done = subprocess.run(
            [MUSTER, *arguments, "--json"],
            cwd=place,
            env=environment,
            check=True,
            capture_output=True,
            timeout=60,
        )
        made: dict[str, str] = json.loads(done.stdout)
        return made

    muster("admin", "user", "create", "reader@example.com", "--role", "owner")
    key = muster("admin", "key", "create", "--user", "reader@example.com")["key"]
    log = (place / "log").open("wb")
    process = subprocess.Popen(
        [MUSTER, "serve", "--port", "0"],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = next((line.split()[-1] for line in process.stdout if "listening on" in line), "")
        assert url, (place / "log").read_text()
        wait_until_ready(url)
        yield Running(url, key)
    finally:
        process.terminate()
        process.communicate(timeout=40)
        log.close()


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{url}/api/health/ready", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            assert time.monotonic() < deadline, "the server did not become ready in 30 seconds"
            time.sleep(0.05)


def run_script(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / name, *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def test_every_documented_call_answers_as_documented(server: Running) -> None:
    ran = run_script("smoke.sh", MUSTER_URL=server.url, MUSTER_API_KEY=server.key)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    calls = [line for line in ran.stdout.splitlines() if line.startswith("ok ")]
    written = sum(len(re.findall(r"\bcurl ", block)) for kind, block in fences() if kind == "bash")
    # Loops and functions make more calls than there are lines; a lost block would make fewer.
    assert len(calls) >= written


def test_the_smoke_test_notices_a_wrong_status(server: Running, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text('```bash\ncurl "$MUSTER_URL/api/nothing-here"\n```\n')
    ran = run_script("smoke.sh", str(page), MUSTER_URL=server.url, MUSTER_API_KEY=server.key)
    assert ran.returncode == 1
    assert "expected 2??, got 404" in ran.stdout


def test_the_specifications_own_five_tests_pass(server: Running) -> None:
    ran = run_script("test-batch-upload-api.sh", server.url, server.key)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("PASS") == 5


def test_the_specifications_own_five_tests_fail_with_a_wrong_key(server: Running) -> None:
    ran = run_script("test-batch-upload-api.sh", server.url, "muster_wrong", MAX_BATCH_SIZE="100")
    assert ran.returncode == 1
    assert ran.stdout.count("FAIL") == 5


def test_the_containers_health_check_finds_the_server_well_and_misses_a_stopped_one(server: Running) -> None:
    line = re.search(
        r"HEALTHCHECK [^\n]*\n\s+CMD (\[.*\])", (ROOT / "Dockerfile").read_text(encoding="utf-8")
    )
    assert line
    command = [sys.executable, *json.loads(line[1])[1:]]
    port = server.url.rsplit(":", 1)[1]
    for tried, expected in ((port, 0), ("1", 1)):
        ran = subprocess.run(
            command, env=os.environ | {"MUSTER_PORT": tried}, capture_output=True, timeout=30, check=False
        )
        assert ran.returncode == expected


def fences() -> list[tuple[str, str]]:
    """(language, text) of every fenced block that readers see as code."""
    return [found for text in TEXT.values() for found in FENCE.findall(text)]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    for variable in env_names(name, Settings.model_fields[name]):
        assert f"`{variable}`" in TEXT[ROOT / "docs/reference/settings.md"]


def test_every_setting_the_pages_name_exists() -> None:
    known = {env for name, field in Settings.model_fields.items() for env in env_names(name, field)}
    known |= {f"{env}_FILE" for env in known} | {"MUSTER_URL", "MUSTER_API_KEY", "MUSTER_STUDIO"}
    assert set(re.findall(r"\bMUSTER_[A-Z_]*[A-Z]\b", EVERYTHING)) <= known


def test_an_error_code_has_one_status() -> None:
    assert [
        (code.code, code.status, code.other_statuses) for code in error_codes() if code.other_statuses
    ] == []


def test_every_error_code_is_documented() -> None:
    page = TEXT[ROOT / "docs/reference/error-codes.md"]
    missing = [entry.code for entry in error_codes() if f"`{entry.code}`" not in page]
    assert missing == []


def test_every_error_code_the_pages_name_exists() -> None:
    known = {entry.code for entry in error_codes()}
    named = set(re.findall(r"^\| \d{3} \| (.+?) \|", TEXT[ROOT / "README.md"], re.M))
    codes = {code for cell in named for code in re.findall(r"`([a-z_]+)`", cell)}
    assert codes
    assert codes <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(TEXT[page]):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists() or (fragment and fragment not in anchors(place)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """GitHub's anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.M)
    return {
        "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")
        for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_a_page_names_exists(page: Path) -> None:
    missing = [name for name in SOURCE_PATH.findall(TEXT[page]) if not (ROOT / name).exists()]
    assert missing == []


def test_every_page_is_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    queue = [ROOT / "README.md"]
    while queue:
        page = queue.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        local = [t for t in LINK.findall(page.read_text(encoding="utf-8")) if not re.match(r"[a-z]+:", t)]
        queue.extend((page.parent / target.partition("#")[0]).resolve() for target in local)
    assert {page for page in PAGES if page.is_relative_to(ROOT / "docs")} <= seen


def test_make_alone_lists_every_target() -> None:
    shown = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.M)
    assert phony
    rules = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M))
    assert set(re.findall(r"^  make ([a-z-]+)", shown, re.M)) == rules == set(phony[1].split())


def test_every_make_target_the_pages_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M))
    assert set(MAKE_TARGET.findall(EVERYTHING)) <= rules


def test_a_make_recipe_is_at_most_three_lines() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipes = re.findall(r"^[a-z][a-z-]*:.*\n((?:\t.*\n)*)", makefile, re.M)
    assert max(recipe.count("\n") for recipe in recipes) <= 3


def test_every_command_the_pages_name_exists() -> None:
    shells = "\n".join(text for kind, text in fences() if kind in {"sh", "bash"})
    inline = "\n".join(re.findall(r"`muster [^`]*`", EVERYTHING))
    wanted = {tuple(found.split()) for found in COMMAND.findall(f"{shells}\n{inline}")}
    assert wanted
    unknown = [words for words in sorted(wanted) if not knows_command(words)]
    assert unknown == []


def knows_command(words: tuple[str, ...]) -> bool:
    """Whether `muster WORDS --help` helps; words behind a complete command are its arguments."""
    return run([*words, "--help"]) == 0

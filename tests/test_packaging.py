"""What is installed: the wheel's contents, the bare package without the server, locks, the container files."""

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import hatch_build
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from check_tree import tree_files  # noqa: E402  (a script, found by the line above)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with wheel and sdist as they would be published, built without touching the network."""
    target = tmp_path_factory.mktemp("package")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return target


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob("*.whl")))


@pytest.fixture
def sdist(built: Path, tmp_path: Path) -> Path:
    """The sdist, unpacked."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as packed:
        packed.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    return unpacked


def names_in(requirements: str) -> set[str]:
    return {
        re.split(r"[\s<>=;\[]", line, maxsplit=1)[0].lower().replace(".", "-")
        for line in requirements.splitlines()
        if line.strip() and not line.startswith(("#", "-", " "))
    }


def test_the_wheel_holds_every_source_file_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    studio = "muster/studio_dist/"
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name and not name.startswith(studio)}
    inside = ROOT / "src"
    assert packed == {str(path.relative_to(inside)) for path in tree_files() if path.is_relative_to(inside)}


def test_the_wheel_carries_studio(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert "muster/studio_dist/index.html" in names
    assert any(re.fullmatch(r"muster/studio_dist/assets/index-[\w-]{8}\.js\.br", name) for name in names)
    assert not any("node_modules" in name for name in names)


def test_an_installation_from_the_sdist_needs_no_node(sdist: Path) -> None:
    assert not (sdist / "studio/node_modules").exists()
    # The stamp fits the sources beside it, so the hook asks for nothing and builds nothing.
    assert hatch_build.is_current(sdist)


def test_a_changed_source_means_another_build(sdist: Path) -> None:
    page = sdist / "studio/index.html"
    page.write_text(page.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not hatch_build.is_current(sdist)


def test_the_wheel_carries_its_licence_and_its_command(wheel: zipfile.ZipFile) -> None:
    info = f"muster-{PROJECT['version']}.dist-info"
    assert "Apache License" in wheel.read(f"{info}/licenses/LICENSE").decode()
    assert "muster = muster.cli.main:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_the_client_and_its_commands_start_without_the_servers_libraries() -> None:
    server_only = {
        re.split(r"[<>=;\[\s]", requirement, maxsplit=1)[0].replace("-", "_")
        for requirement in PROJECT["optional-dependencies"]["server"]
    }
    # Packages whose module has another name; idna comes with the client's own HTTP library.
    modules = (server_only - {"idna"}) | {"jwt", "starlette", "pydantic", "argon2", "ibis", "re2"}
    script = (
        "import sys\n"
        f"missing = {sorted(modules)!r}\n"
        "for name in missing: sys.modules[name] = None\n"
        "import muster.client, muster.cli.main\n"
        "sys.argv = ['muster', '--help']\n"
        "muster.cli.main.main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "upload" in ran.stdout


def test_everything_the_package_asks_for_is_locked_with_a_hash() -> None:
    wanted = names_in("\n".join([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["server"]]))
    asked = names_in((ROOT / "requirements/base.in").read_text(encoding="utf-8"))
    assert wanted == asked - {"hatchling"}, "requirements/base.in and pyproject.toml name different packages"
    for kind in ("base", "dev"):
        locked = names_in((ROOT / f"requirements/{kind}.txt").read_text(encoding="utf-8"))
        assert wanted <= locked


def test_the_two_locks_agree_on_every_version() -> None:
    pins = [
        dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / f"requirements/{kind}.txt").read_text(), re.M))
        for kind in ("base", "dev")
    ]
    assert {name: pins[1].get(name) for name in pins[0]} == pins[0]


def test_the_image_is_built_from_what_the_build_context_lets_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied: set[str] = set()
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied.update(line.split()[1:-1])
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_runs_as_a_plain_user_and_writes_to_its_volume_only() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = dockerfile.rsplit("\nFROM ", 1)[1]
    user = re.search(r"^USER (\d+):(\d+)$", final, re.M)
    assert user
    assert int(user[1]) > 0
    assert re.search(r"MUSTER_DATA_DIR=(\S+)", final)[1] == re.search(r"^VOLUME (\S+)$", final, re.M)[1]  # type: ignore[index]
    health = re.search(r"HEALTHCHECK [^\n]*\n\s+CMD (\[.*\])", final)
    assert health
    assert "/api/health/ready" in json.loads(health[1])[-1]


def test_compose_waits_for_the_database_and_takes_secrets_from_files() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    muster, postgres = compose["services"]["muster"], compose["services"]["postgres"]
    assert muster["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "pg_isready" in postgres["healthcheck"]["test"][-1]
    assert muster["read_only"] is True
    for service in (muster, postgres):
        used = {value for value in service["environment"].values() if str(value).startswith("/run/secrets/")}
        assert used == {f"/run/secrets/{name}" for name in service["secrets"]}
        assert set(service["secrets"]) <= set(compose["secrets"])
    assert all("file" in secret for secret in compose["secrets"].values())

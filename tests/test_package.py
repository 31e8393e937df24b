"""What a stranger installs: the wheel and the sdist carry Studio, ready to be served."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import hatch_build
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a wheel and an sdist of the working tree."""
    out = tmp_path_factory.mktemp("package")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return out


def test_the_wheel_carries_studio(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert "muster/studio_dist/index.html" in names
    assert any(
        name.startswith("muster/studio_dist/assets/index-") and name.endswith(".js.br") for name in names
    )
    assert not any("node_modules" in name for name in names)


def test_an_installation_from_the_sdist_needs_no_node(built: Path, tmp_path: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert not (unpacked / "studio/node_modules").exists()
    # The stamp fits the sources beside it, so the hook asks for nothing and builds nothing.
    assert hatch_build.is_current(unpacked)


def test_a_changed_source_means_another_build(built: Path, tmp_path: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    page = unpacked / "studio/index.html"
    page.write_text(page.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert not hatch_build.is_current(unpacked)

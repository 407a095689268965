"""The wheel works where nothing of this checkout is."""

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_wheel_carries_types_template_and_policies(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"albconn/py.typed", "albconn/report/page.html.jinja"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    apart = ("tests/", "worlds/", "benchmarks/", "data/", "notebooks/")
    assert not [name for name in names if name.startswith(apart)]


@pytest.mark.long
def test_source_distribution_builds_what_it_carries(tmp_path: Path) -> None:
    """Without its headers the compiled reader would be left out in silence: it is optional."""
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--outdir", str(tmp_path), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as carried:
        names = {name.partition("/")[2] for name in carried.getnames()}
    lines = ROOT / "albconn/logs/lines"
    headers = {p.relative_to(ROOT).as_posix() for p in lines.glob("regular_c/*.h")}
    assert len(headers) > 5
    assert (
        headers | {"albconn/logs/lines/_regular.c", "ARCHITECTURE.md", "worlds/lines.py"} <= names
    )


@pytest.mark.long
def test_wheel_installs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(
        [home / "bin/python", "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [home / "bin/albconn", "--help"],
        cwd=elsewhere, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "convert" in done.stdout

"""The front door is cheap and complete."""

import json
import subprocess
import sys
from pathlib import Path

import albconn

HEAVY = ("pandas", "pyarrow", "matplotlib", "s3fs", "fsspec", "duckdb", "numpy", "tqdm", "jinja2")


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_import_loads_nothing_heavy() -> None:
    assert _loaded_by("import albconn").isdisjoint(HEAVY)


def test_a_name_loads_only_its_own_wing() -> None:
    loaded = _loaded_by("import albconn; albconn.read_connections")
    assert "albconn.logs" in loaded
    assert loaded.isdisjoint({"pandas", "matplotlib", "duckdb", "albconn.charts"})


def test_every_public_name_is_there() -> None:
    for name in albconn.__all__:
        assert getattr(albconn, name) is not None
    assert set(albconn.__all__) <= set(dir(albconn))


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(albconn, "no_such_name")


def test_convert_imports_no_pandas(tmp_path: Path) -> None:
    log = Path(__file__).parents[2] / "data/sample/first_case.log"
    loaded = _loaded_by(f"import albconn; albconn.convert({str(log)!r}, {str(tmp_path / 'd')!r})")
    assert "albconn.dataset.parts.write" in loaded
    assert loaded.isdisjoint({"pandas", "matplotlib", "duckdb", "s3fs", "numpy.typing"})

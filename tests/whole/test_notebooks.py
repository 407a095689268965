"""Every notebook runs top to bottom, and is committed as STYLE asks: small, without outputs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
LONGEST_CELL = 12


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace('"../out/notebook-dataset"', repr(str(tmp_path)))
            cell.source = cell.source.replace("../data", str(path.parent.parent / "data"))
    client = NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    printed = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert any(out.output_type in ("execute_result", "display_data") for out in printed)
    assert not [out.text for out in printed if out.get("name") == "stderr" and "Error" in out.text]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_small(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert max(len(cell.source.splitlines()) for cell in code) <= LONGEST_CELL
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1

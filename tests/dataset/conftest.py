"""Log files that several rooms' tests convert."""

from pathlib import Path

import pytest

from tests.dataset.three_files import write_three_files


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Give ``three_files``; a module or room may have logs of its own."""
    return write_three_files(tmp_path / "logs")

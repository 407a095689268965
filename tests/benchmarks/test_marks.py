"""A measured text goes where its marks are, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.marks import marks_of, replace_block

BEGIN, END = marks_of("hits")
MARKED = f"before\n{BEGIN}old\n{END}after\n"


def test_the_text_is_put_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(MARKED)
    replace_block(page, "hits", "new\n")
    assert page.read_text() == MARKED.replace("old", "new")
    page.write_text(MARKED.replace(END, ""))
    with pytest.raises(SystemExit, match=r"page\.md: no <!-- hits --> … <!-- end of hits -->"):
        replace_block(page, "hits", "new\n")

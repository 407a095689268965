"""What the README shows is true: its Python runs, its pictures are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_ten_lines_of_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"## Ten lines of Python\n\n```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    assert len([line for line in code[1].splitlines() if line.strip()]) <= 12
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data")
    with pytest.warns(Warning, match="more fields than the 15 known"):
        exec(compile(code[1], "README.md", "exec"), {})
    assert (tmp_path / "failure_rate.png").stat().st_size > 10_000


def test_pictures_and_files_that_it_names_are_there() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).exists(), picture
    for name in ("LICENSE", "CHANGELOG.md", "data/sample", "notebooks"):
        assert name in README
        assert (ROOT / name).exists()


def test_make_pictures_makes_every_picture_anew() -> None:
    """A picture that no command makes shows what was, some day."""
    shown = set(re.findall(r"\(docs/(\w+)\.png\)", README))
    assert shown == {path.stem for path in (ROOT / "docs").glob("*.png")}
    makefile = (ROOT / "Makefile").read_text()
    lists = re.findall(r"^GALLERY\w* := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    made = {name for names in lists for name in names.replace("\\", " ").split()}
    assert shown == made | set(re.findall(r"docs/(\w+)\.png$", makefile, re.MULTILINE))


def test_the_two_commands_are_in_the_makefile() -> None:
    targets = re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)
    assert targets[:2] == ["demo", "test"]
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(targets) <= set(made)

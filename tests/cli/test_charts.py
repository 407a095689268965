"""Every chart has its command: it draws what its analysis prints, to a file of any kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from albconn import charts
from albconn.cli import app
from albconn.cli.charts import OVER_TIME, PICTURES
from tests.cli.running import FIRST_CASE, ROOT

POLICY = "ELBSecurityPolicy-TLS13-1-3-2021-06"
REQUESTS = str(ROOT / "tests/data/requests.log")
MORE = {
    "requests": ["--requests", REQUESTS],
    "felt": ["--requests", REQUESTS],
    "exceptions": [POLICY, "--requests", REQUESTS],
    "agreement": ["--requests", REQUESTS],
    "policy-impact": [POLICY],
    "policy-clients": [POLICY],
    "certificates": ["--as-of", "2023-12-06"],
    "stopped-working": ["--since", "2023-12-05T14:00Z"],
    "compare": ["--incident", "2023-12-05T14:30Z/2023-12-05T15:00Z",
                "--baseline", "2023-12-05T14:00Z/2023-12-05T14:30Z"],
    "usual": ["--incident", "2023-12-05T14:30Z/2023-12-05T15:00Z",
              "--baseline", "2023-12-05T14:00Z/2023-12-05T14:30Z"],
}  # fmt: skip


def chart(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["chart", *arguments])
    return done.exit_code, done.stdout, f"{done.stderr}{done.exception or ''}"


def test_every_chart_has_a_command() -> None:
    drawn = {name for name in charts.__all__ if name.startswith("plot_")}
    assert {picture.plot for picture in PICTURES.values()} == drawn
    marked = {name for name in drawn if "mark" in getattr(charts, name).__annotations__}
    assert marked == OVER_TIME


@pytest.mark.parametrize("name", sorted(set(PICTURES) - {"coverage", "reconcile"}))
def test_each_writes_its_picture_and_says_where(name: str, tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    code, out, err = chart(
        name, FIRST_CASE, *MORE.get(name, []), "-o", str(file), "--title", "Mine <b>"
    )
    assert code == 0, err
    assert out.strip() == str(file)
    assert ">Mine &lt;b&gt;</text>" in file.read_text()


def test_the_options_of_the_analysis_and_of_the_chart_hold(tmp_path: Path) -> None:
    file = tmp_path / "rates.svg"
    code, _, err = chart(
        "rates", FIRST_CASE, "--every", "1h", "--by", "elb", "--start", "2023-12-05T00:00Z",
        "-o", str(file), "--size", "8x4", "--timezone", "Europe/Berlin", "--log", "y",
        "--mark", "2023-12-05T14:40Z=deploy", "--palette", "#123456,#654321",
    )  # fmt: skip
    assert code == 0, err
    drawn = file.read_text()
    for said in ("Europe/Berlin", "bins of 1 h", ">deploy<", "#123456", 'width="576pt"'):
        assert said in drawn


def test_kinds_of_pictures_go_by_the_ending(tmp_path: Path) -> None:
    for ending, begin in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        code, _, err = chart("totals", FIRST_CASE, "-o", str(tmp_path / f"t.{ending}"))
        assert code == 0, err
        assert (tmp_path / f"t.{ending}").read_bytes().startswith(begin)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-o", "t.gif"], 2, "is no picture's name"),
        (["-o", "t.png", "--size", "large"], 2, "is not a size; expected 10x5"),
        (["-o", "t.png", "--timezone", "Mars/Base"], 2, "is not known"),
        (["-o", "t.png", "--palette", "nocolour"], 2, "is not a colour"),
        (["-o", "nowhere/t.png"], 1, "nowhere: there is no such folder; make it first"),
        ([], 2, "Missing option"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, out, err = chart("totals", FIRST_CASE, *arguments)
    assert found == code
    assert said in " ".join(err.replace("│", " ").split())
    assert out == ""
    assert not list(tmp_path.iterdir())

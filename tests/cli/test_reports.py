"""The report from the command line: what was written, and windows that are read from text."""

import json
from html import unescape
from pathlib import Path

import pytest

from albconn.cli import app
from albconn.errors import AlbconnError
from tests.analysis.tls.describing import described
from tests.cli.running import TRUTH, albconn


def test_it_prints_the_finding_and_where_the_page_is(dataset: str, tmp_path: Path) -> None:
    window = "/".join(TRUTH["incident"][end] for end in ("start", "end"))
    done = albconn(
        "report", dataset, str(tmp_path / "out"), "--incident", window, "--load-balancer", "shop",
        "--mark", "2026-09-23T09:30Z=deploy", "--timezone", "Europe/Berlin",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *told, page = done.stdout.split("\n\n")
    assert page.strip() == str(tmp_path / "out/index.html")
    assert told[0].startswith("TLS failures on app/shop, 2026-09-23 12:00 to 12:40 CEST")
    written = plain((tmp_path / "out/index.html").read_text())
    assert all(plain(sentence) in written for sentence in told[1:-1])


def test_the_finding_comes_before_the_charts_are_drawn(
    dataset: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []

    def finish(*_: object) -> dict[str, object]:
        said.append(capsys.readouterr().out)
        raise AlbconnError("stop here")

    monkeypatch.setattr("albconn.report.studio.Studio.finish", finish)
    with pytest.raises(AlbconnError, match="stop here"):
        app(["report", dataset, str(tmp_path / "out")], standalone_mode=False)
    assert said[0].startswith("Client certificates expired on app/shop, 2026-09-23 10:00 to 10:40")


def test_a_summary_is_the_finding_as_text_markdown_or_json(dataset: str) -> None:
    told = {
        how: albconn("summary", dataset, "--format", how).stdout
        for how in ("text", "markdown", "json")
    }
    title = "Client certificates expired on app/shop, 2026-09-23 10:00 to 10:40 UTC"
    assert told["text"].splitlines()[0] == title
    assert max(map(len, told["text"].splitlines())) <= 100
    assert told["markdown"].startswith(f"## {title}".replace(":", r"\:"))
    assert "| failures | **394** | of 1,066 connections |" in told["markdown"]
    parsed = json.loads(told["json"])
    assert parsed["title"] == title
    assert {"name": "failures", "value": "394", "note": "of 1,066 connections"} in parsed["facts"]


@pytest.mark.parametrize("command", ["report", "summary"])
def test_about_nothing_it_says_one_line(command: str, dataset: str, tmp_path: Path) -> None:
    out = [str(tmp_path / "out")] if command == "report" else []
    done = albconn(command, dataset, *out, "--load-balancer", "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "albconn: 3 of 30,716 lines rejected\n"
        f"albconn: {dataset}: load_balancer: nothing is of 'nowhere'; there are 'api' and 'shop'\n"
    )


def test_a_place_that_is_a_file_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = albconn("report", str(tmp_path / "nowhere"), str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"albconn: out: {tmp_path / 'file'} is a file; give a folder\n"


def plain(text: str) -> str:
    return " ".join(unescape(text).split())


def test_it_asks_about_a_policy_of_ones_own(dataset: str, tmp_path: Path) -> None:
    told = described("ELBSecurityPolicy-Own", ["TLSv1.3"], ["TLS_AES_128_GCM_SHA256"])
    (tmp_path / "policies.json").write_text(json.dumps({"SslPolicies": [told]}))
    asked = ("--policies", str(tmp_path / "policies.json"), "--policy", "ELBSecurityPolicy-Own")
    done = albconn("report", dataset, str(tmp_path / "out"), *asked)
    assert done.returncode == 0, done.stderr
    assert "ELBSecurityPolicy-Own: of " in (tmp_path / "out/index.html").read_text()

"""The report from the command line: what was written, and windows that are read from text."""

import json
from pathlib import Path

from tests.cli.running import TRUTH, albconn


def test_it_prints_what_the_page_says(dataset: str, tmp_path: Path) -> None:
    window = "/".join(TRUTH["incident"][end] for end in ("start", "end"))
    done = albconn(
        "report", dataset, str(tmp_path / "out"), "--incident", window, "--load-balancer", "shop",
        "--mark", "2026-09-23T09:30Z=deploy", "--format", "json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (tmp_path / "out/index.html").exists()
    assert (
        f"{told['failures']:,} of {told['tls_connections']:,}"
        in (tmp_path / "out/index.html").read_text()
    )

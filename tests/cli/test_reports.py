"""The report from the command line: what was written, and windows that are read from text."""

import re
from pathlib import Path

from tests.cli.running import TRUTH, albconn


def test_it_prints_what_the_page_says(dataset: str, tmp_path: Path) -> None:
    window = "/".join(TRUTH["incident"][end] for end in ("start", "end"))
    done = albconn(
        "report", dataset, str(tmp_path / "out"), "--incident", window, "--load-balancer", "shop",
        "--mark", "2026-09-23T09:30Z=deploy",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = dict(re.split(r"\s{2,}", text, maxsplit=1) for text in done.stdout.splitlines())
    page = tmp_path / "out/index.html"
    assert told["page"] == str(page)
    assert f"{told['failures']} of {told['tls connections']} TLS connections" in page.read_text()

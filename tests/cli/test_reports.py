"""The report from the command line: what was written, and windows that are read from text."""

import json
import re
from pathlib import Path

from tests.analysis.tls.describing import described
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


def test_it_asks_about_a_policy_of_ones_own(dataset: str, tmp_path: Path) -> None:
    told = described("ELBSecurityPolicy-Own", ["TLSv1.3"], ["TLS_AES_128_GCM_SHA256"])
    (tmp_path / "policies.json").write_text(json.dumps({"SslPolicies": [told]}))
    asked = ("--policies", str(tmp_path / "policies.json"), "--policy", "ELBSecurityPolicy-Own")
    done = albconn("report", dataset, str(tmp_path / "out"), *asked)
    assert done.returncode == 0, done.stderr
    assert "ELBSecurityPolicy-Own: of " in (tmp_path / "out/index.html").read_text()

"""The sample, converted by the command line."""

from __future__ import annotations

import json

import pytest

from tests.cli.running import SAMPLE, TRUTH, albconn


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> str:
    dest = str(tmp_path_factory.mktemp("cli") / "dataset")
    done = albconn("convert", SAMPLE, dest, "--format", "json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["lines"], facts["rows"], facts["rejected"]) == (
        TRUTH["lines"], TRUTH["rows"], TRUTH["rejected"],
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1
    return dest

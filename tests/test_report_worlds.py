"""The page's summary names the true cause of worlds in which it is known, and else claims none."""

from pathlib import Path

import pyarrow as pa
import pytest

from albconn.opened import Opened
from albconn.report.findings import summarize
from albconn.report.page import Folder
from albconn.report.question import Asked
from albconn.report.report import ask, compare
from albconn.schema.connections import MEMORY_SCHEMA
from tests.worlds import KINDS, Kind, plant

SHORT, LONG = 2, 50


def summary(kind: Kind, seed: int, folder: Path) -> tuple[str, dict[str, str]]:
    world = plant(kind, seed)
    table = pa.Table.from_pandas(world.connections, preserve_index=False)
    for missing in [f for f in MEMORY_SCHEMA if f.name not in table.column_names]:
        table = table.append_column(missing, pa.nulls(len(table), missing.type))
    opened = Opened(
        table, files=1, foreign=0, lines=len(table), rows=len(table), rejected=0, damaged=0
    )
    question = ask(opened, Asked(), Folder(folder))
    return " ".join(summarize(question, compare(question))), world.truth


def is_right(kind: Kind, seed: int, folder: Path) -> bool:
    """Say whether the summary says what happened, and nothing else."""
    text, truth = summary(kind, seed, folder)
    quiet = "No time range stands out" in text
    slow = "successful handshakes took longer" in text
    if kind in ("quiet", "slow"):
        return quiet and slow == (kind == "slow")
    return not quiet and not slow and all(value in text for value in truth.values())


@pytest.mark.parametrize("kind", KINDS)
def test_the_summary_says_what_happened(kind: Kind, tmp_path: Path) -> None:
    assert [is_right(kind, seed, tmp_path) for seed in range(SHORT)] == [True] * SHORT


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_summaries_say_what_happened(kind: Kind, tmp_path: Path) -> None:
    right = sum(is_right(kind, seed, tmp_path) for seed in range(LONG))
    assert right >= LONG * 0.95

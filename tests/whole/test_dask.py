"""convert on a Dask cluster of two worker processes, one of which is killed at work."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

import albconn.dataset.converting.convert as converting
from albconn import convert
from albconn.dataset import check
from tests.dataset.on_disk import rows_on_disk
from worlds.lines import line
from worlds.trees import log_path, moments, write_log

distributed = pytest.importorskip("distributed")


@pytest.mark.long
@pytest.mark.timeout(180)
@pytest.mark.filterwarnings("ignore")  # distributed's own sockets and loops, at the kill
def test_a_killed_worker_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "EXECUTOR_LIMITS", (2, 1 << 28))
    logs, dest = tmp_path / "logs", tmp_path / "out"
    files, lines = 60, 5_000
    for n in range(files):
        stamps = moments("2026-09-23T23:00:00Z", lines, step_seconds=1.3)
        write_log(log_path(logs, "20260924T0005Z", n=n), [line(m) for m in stamps])
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())

        def kill() -> None:
            while not list(dest.glob("manifest/00000003.json")):
                time.sleep(0.005)
            os.kill(pids[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        conversion = convert(logs, dest, executor=client.get_executor())
        killer.join()
        assert pids[0] not in client.run(os.getpid).values()
    assert conversion.batches == files // 2
    rows = rows_on_disk(dest)
    assert len(rows) == len(set(rows)) == conversion.written == files * lines
    assert check(dest, logs).faults == ()
    assert not (dest / "staging").exists()

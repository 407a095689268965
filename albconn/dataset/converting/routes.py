"""The two routes by which AWS delivers a connection, where one of them is preferred.

Files of the preferred route are committed first; of the others, connections that the dataset then
has are left out. So it does not matter in which batch, on which worker or in which run both come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from albconn.dataset.converting.plan import Task
from albconn.dataset.converting.work import Delivery
from albconn.logs.find.sources import LogFile
from albconn.logs.preferring import by_route
from albconn.logs.reading import Reading
from albconn.logs.twins import has_twins, route_of
from albconn.schema.table import LogTable


def split_by_route(tasks: Sequence[Task], reading: Reading) -> tuple[list[Task], list[Task]]:
    """Return tasks of files of the preferred route, and those of all others after them."""
    if reading.prefer is None or not has_twins(reading.table):
        return list(tasks), []
    first: list[Task] = []
    later: list[Task] = []
    for task in tasks:
        for files, some in zip(by_route(task.log_files, reading), (first, later), strict=True):
            if files:
                some.append(_of(task, files))
    return first, later


def has_vended(deliveries: Iterable[Delivery], table: LogTable) -> bool:
    """Say whether some of what was written came from CloudWatch, and may be there twice."""
    formats = {told for delivery in deliveries for told in delivery.formats}
    return has_twins(table) and any(route_of(told) == "vended" for told in formats)


def _of(task: Task, files: Sequence[LogFile]) -> Task:
    """Return what a task has to do with some of its files."""
    urls = {log_file.url for log_file in files}
    taken_over = tuple(pair for pair in task.takes_over if pair[0] in urls)
    return replace(task, log_files=tuple(files), takes_over=taken_over)

"""Evidence about the evidence: is anything missing, and does CloudWatch agree?"""

from __future__ import annotations

import pandas as pd

from albconn import analysis
from albconn.analysis.delivery.coverage import coverage
from albconn.logs.books import RejectedLine
from albconn.opened.doubts import Doubts, doubts_of
from albconn.report import tables
from albconn.report.drawing import Chart
from albconn.report.folder import Folder
from albconn.report.page import Section
from albconn.report.question import Question
from albconn.words import counted, instant, number, one_line, zone_name


def missing(question: Question, folder: Folder) -> Section | None:
    """Show what is not in the numbers: intervals without a file, rejected lines, damaged files."""
    section = Section("coverage", "Is anything missing?")
    _intervals(question, folder, section)
    _doubts(question, folder, section)
    return section if section.paragraphs else None


def _intervals(question: Question, folder: Folder, section: Section) -> None:
    """Show which nodes' intervals have no log file, where the source knows its files."""
    if not question.connections.knows_files:
        return
    intervals = coverage(question.connections)
    if intervals.empty:
        return
    holes = intervals[~intervals["seen"]]
    section.paragraphs.append(
        f"{number(intervals['seen'].sum())} of {number(len(intervals))} expected node-intervals of "
        "five minutes have a log file."
    )
    folder.save_table(intervals, "coverage")
    chart = Chart("coverage", "plot_coverage", intervals, question.over_time())
    section.figures.append(folder.draw(chart))
    if len(holes):
        section.paragraphs.append(
            "What is missing is in no count above: it is unknown, not zero. First: "
            f"{_hole(question, holes.iloc[0])}."
        )
        section.tables.append(
            tables.save_and_print(
                folder, holes, "coverage_holes", "Missing intervals", tables.HOLES
            )
        )


def _doubts(question: Question, folder: Folder, section: Section) -> None:
    """Name the lines that were not understood, and the files that could not be read."""
    opened = question.connections
    if opened.lines is None:
        return
    doubts = doubts_of(opened)
    if opened.rejected:
        section.paragraphs.append(
            f"{counted(opened.rejected, 'line was', 'lines were')} not understood and "
            f"{'is' if opened.rejected == 1 else 'are'} in no count."
        )
        rejected = pd.DataFrame(doubts.rejected, columns=list(RejectedLine._fields))
        section.tables += [
            tables.save_and_print(
                folder, by_reason(doubts), "rejected_reasons", "Rejected lines, by what is wrong",
                tables.REJECTED_BY_REASON,
            ),
            tables.save_and_print(
                folder, rejected, "rejected_lines", "Rejected lines", tables.REJECTED
            ),
        ]  # fmt: skip
    if doubts.damaged:
        section.paragraphs.append(
            f"{counted(len(doubts.damaged), 'log file is', 'log files are')} damaged; what could "
            "be salvaged is counted, the rest is unknown."
        )
        damaged = pd.DataFrame(doubts.damaged)
        section.tables.append(
            tables.save_and_print(
                folder, damaged, "damaged_files", "Damaged log files", tables.DAMAGED
            )
        )
    if not opened.rejected and not doubts.damaged:
        section.paragraphs.append("No line was rejected, and no log file is damaged.")


def by_reason(doubts: Doubts) -> pd.DataFrame:
    """Return how many rejected lines have the same thing wrong with them, and the first of them."""
    lines = pd.DataFrame(doubts.rejected, columns=list(RejectedLine._fields))
    first = lines["source_file"].astype("str") + ":" + lines["line_number"].astype("str")
    listed = lines.assign(first=first).groupby("reason", sort=False)
    counts = listed.agg(lines=("lines", "sum"), first=("first", "first")).reset_index()
    return counts.sort_values("lines", ascending=False, kind="stable", ignore_index=True)


def cloudwatch(question: Question, folder: Folder) -> Section | None:
    """Show log failures beside CloudWatch's metric."""
    if question.asked.metric is None:
        return None
    both = analysis.reconcile_metric(question.connections, question.asked.metric)
    text = (
        f"The log has {number(both['log_failures'].sum())} failures, the metric "
        f"ClientTLSNegotiationErrorCount {number(both['metric_errors'].sum())}. Nobody states that "
        "they are equal: the metric includes clients that reject the server's certificate, and "
        "log delivery is best effort. Look for the same shape; a gap is a hole."
    )
    chart = Chart("reconcile_metric", "plot_reconcile_metric", both, question.over_time())
    return Section(
        "cloudwatch",
        "Do the numbers agree with CloudWatch?",
        [text],
        figures=[folder.draw(chart)],
        tables=[
            tables.save_and_print(
                folder,
                both.reindex(both["difference"].abs().sort_values(ascending=False).index),
                "reconcile_metric",
                "Largest differences first",
                tables.CLOUDWATCH,
            )
        ],
    )


def _hole(question: Question, row: pd.Series) -> str:
    end = question.local(row["interval_end"])
    node = f"node {row['ip_address']} of {one_line(row['elb'])}"
    return f"{node}, ending {instant(end)} {zone_name(end)}"

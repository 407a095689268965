"""Evidence about the evidence: is anything missing, and does CloudWatch agree?"""

from __future__ import annotations

import pandas as pd

from albconn import analysis, charts
from albconn.analysis.delivery.coverage import coverage
from albconn.report import tables
from albconn.report.page import Section
from albconn.report.question import Question
from albconn.words import instant, number


def missing(question: Question) -> Section | None:
    """Show which nodes' intervals have no log file, where the source knows its files."""
    if not question.connections.knows_files:
        return None
    intervals = coverage(question.connections)
    if intervals.empty:
        return None
    holes = intervals[~intervals["seen"]]
    text = (
        f"{number(intervals['seen'].sum())} of {number(len(intervals))} expected node-intervals of "
        "five minutes have a log file."
    )
    section = Section("coverage", "Is anything missing?", [text])
    folder = question.folder
    folder.save_table(intervals, "coverage")
    drawn = charts.plot_coverage(intervals, **question.over_time())
    section.figures.append(folder.save_chart(drawn, "coverage"))
    if len(holes):
        section.paragraphs.append(
            "What is missing is in no count above: it is unknown, not zero. First: "
            f"{_hole(holes.iloc[0])}."
        )
        section.tables.append(
            tables.save_and_print(
                folder, holes, "coverage_holes", "Missing intervals", tables.HOLES
            )
        )
    return section


def cloudwatch(question: Question) -> Section | None:
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
    folder = question.folder
    drawn = charts.plot_reconcile_metric(both, **question.over_time())
    return Section(
        "cloudwatch",
        "Do the numbers agree with CloudWatch?",
        [text],
        figures=[folder.save_chart(drawn, "reconcile_metric")],
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


def _hole(row: pd.Series) -> str:
    return f"node {row['ip_address']} of {row['elb']}, ending {instant(row['interval_end'])} UTC"

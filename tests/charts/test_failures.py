"""Reasons, clients, heat map and matrix say the table's numbers."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch

from albconn.charts import (
    plot_cipher_matrix,
    plot_failing_clients,
    plot_failure_heatmap,
    plot_failure_reasons,
)
from albconn.charts.drawing.style import GREY
from albconn.errors import TableError
from tests.charts.small_tables import FIRST, bins, caption_of, rates, row_labels, subtitle, texts


def reasons(names: list[Any], failures: list[int], **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {**columns, "failure_reason": names, "failures": failures, "connections": 200}
    )


def notes(ax: Any) -> list[str]:
    return texts(ax, "bar note")


class TestReasons:
    def test_stack_adds_up_in_every_bin(self) -> None:
        names = ["ClientCertExpired", "UnmappedConnectionError", "ClientCertExpired", None]
        ax = plot_failure_reasons(reasons(names, [5, 2, 4, 1], bin_start=bins([0, 0, 1, 1])))
        lowest, middle, highest = [p for p in ax.patches if isinstance(p, StepPatch)]
        np.testing.assert_array_equal(lowest.get_data()[0], [5, 4])
        np.testing.assert_array_equal(middle.get_data()[0], [7, 4])
        np.testing.assert_array_equal(highest.get_data()[0], [7, 5])
        assert to_hex(middle.get_facecolor()) == GREY.lower()
        legend = ax.get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == [
            "no code logged  1",
            "UnmappedConnectionError  2",
            "ClientCertExpired  9",
        ]
        assert subtitle(ax).startswith("12 failed TLS connections · 2026-11-20 10:00 – 10:10 UTC")

    def test_bin_without_failures_stays_empty(self) -> None:
        ax = plot_failure_reasons(reasons(["A", "A"], [5, 4], bin_start=bins([0, 3])))
        # The smallest distance is the only hint of the width unless the analysis noted it.
        table = reasons(["A", "A"], [5, 4], bin_start=bins([0, 3]))
        table.attrs["every"] = "5min"
        ax = plot_failure_reasons(table)
        (stack,) = [p for p in ax.patches if isinstance(p, StepPatch)]
        np.testing.assert_array_equal(stack.get_data()[0], [5, np.nan, 4])

    def test_bars_are_sorted_and_carry_n_and_share(self) -> None:
        ax = plot_failure_reasons(reasons(["B", "A", None], [1, 6, 3]))
        assert row_labels(ax) == ["A", "no code logged", "B"]
        assert [bar.get_width() for bar in ax.patches] == [6, 3, 1]  # type: ignore[attr-defined]
        assert notes(ax) == ["6  (60 %)", "3  (30 %)", "1  (10 %)"]
        assert subtitle(ax) == "10 of 200 TLS connections failed (5.0 %)"

    def test_rare_reasons_are_added_up(self) -> None:
        ax = plot_failure_reasons(reasons(["A", "B", "C"], [9, 2, 1]), top=1)
        assert row_labels(ax) == ["A", "other"]
        assert notes(ax) == ["9  (75 %)", "3  (25 %)"]

    @pytest.mark.parametrize("columns", [{}, {"bin_start": bins([0])}])
    def test_empty_table_says_so(self, columns: Any) -> None:
        ax = plot_failure_reasons(reasons(["A"], [1], **columns).iloc[:0])
        assert "no failures" in [text.get_text() for text in ax.texts]


class TestClients:
    def table(self, count: int = 2) -> pd.DataFrame:
        names = [f"192.0.2.{host}" for host in range(count)]
        table = rates([100] * count, [50 - host % 40 for host in range(count)], client_ip=names)
        return table.assign(first_failure=FIRST, last_failure=FIRST + pd.Timedelta("3h"))

    def test_bars_and_dots_carry_share_rate_and_n(self) -> None:
        ax = plot_failing_clients(self.table())
        assert row_labels(ax) == ["192.0.2.0", "192.0.2.1"]
        assert [bar.get_width() for bar in ax.patches] == [50, 49]  # type: ignore[attr-defined]
        assert notes(ax) == ["50  (51 %)", "49  (49 %)"]
        beside = ax.figure.axes[1]
        np.testing.assert_allclose(np.asarray(beside.lines[0].get_xdata(), float), [0.5, 0.49])
        assert texts(beside, "row note") == ["50 % of 100", "49 % of 100"]
        whisker = beside.collections[0].get_segments()[0]  # type: ignore[attr-defined]
        np.testing.assert_allclose(whisker[:, 0], [0.25, 0.75])
        assert "99 failed TLS connections · 2 clients shown" in subtitle(ax)
        assert "2026-11-20 10:00 – 13:00 UTC" in subtitle(ax)

    def test_200_clients_fold_into_other_and_nothing_is_lost(self) -> None:
        table = pd.concat(
            [self.table(200), rates([1000], [7], client_ip=["other"])], ignore_index=True
        )
        ax = plot_failing_clients(table, top=20)
        widths = [bar.get_width() for bar in ax.patches]  # type: ignore[attr-defined]
        assert len(widths) == 21
        assert sum(widths) == table["failures"].sum()
        assert row_labels(ax)[-1] == "other"
        assert texts(ax.figure.axes[1], "row note")[-1].endswith("of 19,000")

    def test_one_and_no_client(self) -> None:
        one = plot_failing_clients(self.table(1))
        assert "1 client shown" in subtitle(one)
        one.figure.canvas.draw()
        none = plot_failing_clients(self.table(0))
        assert "no failing clients" in [text.get_text() for text in none.texts]


class TestHeatmap:
    def mesh(self, ax: Any) -> np.ndarray:
        (mesh,) = [one for one in ax.collections if isinstance(one, QuadMesh)]
        values = mesh.get_array()
        assert values is not None
        return np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)

    def test_cells_are_rates_and_holes_are_masked(self) -> None:
        table = rates(
            [10, 20, 40], [1, 10, 10], bin_start=bins([0, 2, 1]), client_ip=["a", "a", "b"]
        )
        ax = plot_failure_heatmap(table)
        assert row_labels(ax) == ["a  11 / 30", "b  10 / 40"]
        np.testing.assert_allclose(
            self.mesh(ax), [[0.1, np.nan, 0.5], [np.nan, 0.25, np.nan]], equal_nan=True
        )
        assert ax.patch.get_hatch()
        assert caption_of(ax).startswith("Hatched: no connections seen.")

    def test_top_rows_are_those_with_most_failures(self) -> None:
        names = [f"c{rank:03d}" for rank in range(200)]
        table = rates([50] * 200, list(range(200))[:50] * 4, bin_start=bins([0] * 200), elb=names)
        ax = plot_failure_heatmap(table, top=4)
        assert [label.split()[0] for label in row_labels(ax)] == ["c049", "c099", "c149", "c199"]
        assert "4 with most failures of 200" in subtitle(ax)

    def test_month_is_drawn_in_wider_cells_that_add_up(self) -> None:
        count = 8928
        failures = [0] * count
        failures[5000] = 1
        table = rates([1] * count, failures, bin_start=bins(range(count)), client_ip="a")
        ax = plot_failure_heatmap(table)
        cells = self.mesh(ax)
        assert cells.shape[1] <= 400
        assert "cells of 2 h" in subtitle(ax)
        assert np.nanmax(cells) == pytest.approx(1 / 24)  # one failure among 24 bins of one each
        assert np.count_nonzero(cells > 0) == 1

    def test_unmapped_failures_are_named_in_a_handshake_split(self) -> None:
        table = rates([10, 0], [0, 0], [0, 3], bin_start=bins([0, 0]), tls_protocol=["a", "b"])
        ax = plot_failure_heatmap(table)
        assert "3 failures with UnmappedConnectionError are drawn apart" in caption_of(ax)
        assert row_labels(ax) == ["a  0 / 10"]

    def test_unsplit_and_empty_tables(self) -> None:
        with pytest.raises(TableError, match="table: not split"):
            plot_failure_heatmap(rates([1], [0], bin_start=bins([0])))
        empty = rates([1], [0], bin_start=bins([0]), client_ip=["a"]).iloc[:0]
        ax = plot_failure_heatmap(empty)
        assert "no TLS connections" in [text.get_text() for text in ax.texts]


class TestMatrix:
    def words(self, ax: Any) -> list[str]:
        return [text.get_text() for text in ax.texts if text.get_gid() is None]

    def test_cells_carry_rate_and_n_and_unmapped_stand_apart(self) -> None:
        table = rates(
            [1000, 40, 1],
            [10, 20, 1],
            [7, 0, 0],
            tls_protocol=["TLSv1.2", "TLSv1.2", "TLSv1.3"],
            tls_cipher=["A", "B", "C"],
        )
        ax = plot_cipher_matrix(table)
        assert row_labels(ax) == ["C", "A", "B", "unmapped"]
        assert [label.get_text() for label in ax.get_xticklabels()] == ["TLSv1.2", "TLSv1.3"]
        assert sorted(self.words(ax)) == [
            "1.0 % of 1,000",
            "100 % of 1",
            "50 % of 40",
            "7 failures; version and cipher unknown",
        ]
        assert subtitle(ax) == "31 of 1,041 TLS connections failed (3.0 %) · 7 unmapped apart"
        assert "not the client's" in caption_of(ax)

    def test_one_failure_of_one_does_not_stand_out(self) -> None:
        table = rates([1, 400], [1, 400], tls_protocol=["v", "v"], tls_cipher=["one", "many"])
        ax = plot_cipher_matrix(table)
        light = {patch.get_y(): sum(patch.get_facecolor()[:3]) for patch in ax.patches}  # type: ignore[attr-defined]
        assert light[max(light)] > 2.8  # "one", nearly white
        assert light[min(light)] < 0.6  # "many", dark
        assert "Pale: fewer than 20 connections." in caption_of(ax)

    def test_bins_are_added_up(self) -> None:
        table = rates(
            [10, 30], [1, 1], bin_start=bins([0, 1]), tls_protocol=["v"] * 2, tls_cipher=["A"] * 2
        )
        assert self.words(plot_cipher_matrix(table)) == ["5.0 % of 40"]

    def test_only_unmapped_and_empty(self) -> None:
        table = rates([0], [0], [7], tls_protocol=["TLSv1.2"], tls_cipher=["A"])
        ax = plot_cipher_matrix(table)
        assert self.words(ax) == ["7 failures; version and cipher unknown"]
        ax.figure.canvas.draw()
        assert self.words(plot_cipher_matrix(table.iloc[:0])) == ["no TLS connections"]


def test_ciphers_without_end_are_one_row() -> None:
    many = 5_000
    ciphers = [f"C{n}" for n in range(many)]
    table = rates([9, *[1] * (many - 1)], [1, *[0] * (many - 1)],
                  tls_protocol=[f"V{n}" for n in range(many)], tls_cipher=ciphers)  # fmt: skip
    ax = plot_cipher_matrix(table)
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert (len(rows), rows[-1], len(ax.get_xticklabels())) == (41, "other", 9)
    assert ax.figure.get_tightbbox().height < 25  # [inch]
    written = [text.get_text() for text in ax.texts]
    assert sum(int(t.split(" of ")[1].replace(",", "")) for t in written
               if re.fullmatch(r"\S+ % of [\d,]+", t)) == many + 8  # fmt: skip

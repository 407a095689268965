"""Small tables on their way into a picture: checked, grouped, the long tail folded.

Charts never count. The only arithmetic here adds numerators and denominators that were
already counted, where a picture has room for fewer rows than the table has.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from albconn.charts.drawing.labels import joined, label_of, noun_of, short_balancers
from albconn.errors import TableError

OTHER = "other"
RATE_COLUMNS = (
    "bin_start",
    "connections",
    "failures",
    "unmapped_failures",
    "failure_rate",
    "rate_low",
    "rate_high",
)
HANDSHAKE_COLUMNS = ("tls_protocol", "tls_cipher", "tls_keyexchange")
COUNTS = ["connections", "failures", "unmapped_failures"]


def require_columns(table: pd.DataFrame, columns: Sequence[str], made_by: str) -> None:
    """Refuse a table that lacks columns.

    Raises
    ------
    TableError
        Columns are missing; the message lists all of them and the analysis that makes them.
    """
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise TableError(
            [
                f"table: no column {name!r}; expected the table that {made_by}() returns"
                for name in missing
            ]
        )


def split_columns(table: pd.DataFrame, fixed: Sequence[str]) -> list[str]:
    """Return the columns that the table was split by: all that are not of its fixed set."""
    return [name for name in table.columns if name not in fixed]


def split_title(noun: str, by: Sequence[str]) -> str:
    """Return a title such as "TLS failure rate by cipher and TLS version"."""
    return noun if not by else f"{noun} by {' and '.join(noun_of(name) for name in by)}"


def group_labels(table: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """Return one label for each row: the values of `by`, joined."""
    if not by:
        return pd.Series("", index=table.index, dtype=object)
    # Beside a node, a load balancer's short name does; alone it is all that tells which one.
    short = "elb" if len(by) > 1 else ""
    parts = [_labels(table[name].astype(object), is_short=name == short) for name in by]
    labels = [joined(row) for row in zip(*parts, strict=True)]
    return pd.Series(labels, index=table.index, dtype=object)


def _labels(values: pd.Series, *, is_short: bool) -> list[str]:
    """Return the labels of a column; a value recurs in every bin, its label is made once."""
    several = values.unique()
    known = short_balancers(several) if is_short else {one: label_of(one) for one in several}
    return [known[value] if value in known else label_of(value) for value in values]


def largest_groups(table: pd.DataFrame, labels: pd.Series, top: int) -> list[str]:
    """Return the labels of the `top` groups with most failures, then most connections."""
    counts = table[["failures", "connections"]].groupby(labels.to_numpy(), sort=True).sum()
    counts = counts[counts["connections"] > 0]
    order = counts.sort_values(["failures", "connections"], ascending=False, kind="stable")
    return [str(label) for label in order.index[:top]]


def fold_labels(labels: Sequence[str], counts: pd.Series, top: int) -> pd.Series:
    """Return the labels of each row, those that are not of the `top` largest as "other"."""
    named = pd.Series(list(labels), index=counts.index, dtype=object)
    sums = counts.groupby(named.to_numpy(), sort=True).sum()
    largest = sums.sort_values(ascending=False, kind="stable").index[:top]
    return named.where(named.isin(largest), OTHER)


def add_counts(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add up numerators and denominators over `keys`; the rate is their quotient.

    Returns
    -------
    DataFrame
        `keys`, connections, failures, unmapped_failures, failure_rate (NaN for no connections).
    """
    summed = table.groupby(keys, observed=True, sort=True, dropna=False)[COUNTS].sum()
    summed = summed.reset_index()
    positive = summed["connections"].where(summed["connections"] > 0)
    summed["failure_rate"] = (summed["failures"] / positive).astype("float64")
    return summed


def unmapped_apart(table: pd.DataFrame, by: Sequence[str]) -> int:
    """Return the failures that a split by `by` leaves out of its groups' rates."""
    return int(table["unmapped_failures"].sum()) if set(by) & set(HANDSHAKE_COLUMNS) else 0


def require_top(top: int) -> None:
    """Refuse a `top` that would draw nothing.

    Raises
    ------
    TableError
        `top` is less than one.
    """
    if top < 1:
        raise TableError(f"top: {top!r} draws nothing; expected a whole number from 1")


def only_row(table: pd.DataFrame, made_by: str) -> pd.Series | None:
    """Return the one row of a table of totals; None for an empty table.

    Raises
    ------
    TableError
        There are several rows, so it is another table.
    """
    if len(table) > 1:
        raise TableError(f"table: {len(table)} rows; expected the one row that {made_by}() returns")
    return None if table.empty else table.iloc[0]

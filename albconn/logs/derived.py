"""Parsed lines become the table: derived columns, the key's facts, and each row's identity.

Derived values come from the few distinct texts of a column, not from its rows: a block of
twenty thousand lines has two or three verify statuses and a handful of certificates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from albconn.arrow import by_code, category, missing_of, numbers, values_of
from albconn.logs.find.keys import LogKey
from albconn.schema.connections import MEMORY_SCHEMA
from albconn.schema.field import INSTANT

if TYPE_CHECKING:
    import numpy.typing as npt

    Indices = npt.NDArray[np.int32]
    Integers = npt.NDArray[np.int64]


_VALIDITY = re.compile(r"NotBefore=(?P<before>[^;]+);NotAfter=(?P<after>[^;]+)$")
_FAILED = "Failed"

# Columns of the line from which a derived column is made.
NEEDED_FOR = {
    "outcome": "tls_verify_status",
    "failure_reason": "tls_verify_status",
    "cert_not_before": "leaf_client_cert_validity",
    "cert_not_after": "leaf_client_cert_validity",
}


def build_table(
    parsed: pa.Table,
    *,
    columns: Sequence[str],
    files: Indices,
    line_numbers: Integers,
    urls: Sequence[str],
    keys: Sequence[LogKey],
) -> pa.Table:
    """Return the table of connections, in the order and types of ``MEMORY_SCHEMA``.

    Parameters
    ----------
    parsed : pyarrow.Table, one chunk a column
        What ``parse_block`` returned.
    columns : sequence of str
        The columns to make.
    files, line_numbers : arrays of int32 and int64, shape (rows,)
        For each row its file (a place in ``urls`` and ``keys``) and its line in that file.
    """
    made: dict[str, Callable[[], pa.Array]] = {
        "elb": lambda: _line_or_key(_one(parsed, "elb"), files, [k.elb for k in keys]),
        "ip_address": lambda: _line_or_key(
            _one(parsed, "ip_address"), files, [k.ip_address for k in keys]
        ),
        "outcome": lambda: _map_category(_one(parsed, "tls_verify_status"), outcome_of),
        "failure_reason": lambda: _map_category(_one(parsed, "tls_verify_status"), reason_of),
        "cert_not_before": lambda: _map_instants(_validity(parsed), lambda v: validity_of(v)[0]),
        "cert_not_after": lambda: _map_instants(_validity(parsed), lambda v: validity_of(v)[1]),
        "account_id": lambda: _by_file(files, [k.account_id for k in keys]),
        "region": lambda: _by_file(files, [k.region for k in keys]),
        "source_file": lambda: _by_file(files, urls),
        "line_number": lambda: numbers(line_numbers, pa.int64()),
    }
    arrays = [made[name]() if name in made else _one(parsed, name) for name in columns]
    return pa.Table.from_arrays(
        arrays, schema=pa.schema([MEMORY_SCHEMA.field(name) for name in columns])
    )


def outcome_of(status: str) -> str | None:
    """Return ``success``, ``failed``, or None for a status that says neither.

    Examples
    --------
    >>> outcome_of("Failed:ClientCertExpired")
    'failed'
    """
    if status == "Success":
        return "success"
    return "failed" if status == _FAILED or status.startswith(_FAILED + ":") else None


def reason_of(status: str) -> str | None:
    """Return the code after ``Failed:``, verbatim; None where there is none."""
    return status.partition(":")[2] or None if outcome_of(status) == "failed" else None


def validity_of(text: str) -> tuple[int | None, int | None]:
    """Return NotBefore and NotAfter [µs since 1970 UTC]; None where the text says no time."""
    found = _VALIDITY.match(text)
    if found is None:
        return None, None
    return _microseconds(found["before"]), _microseconds(found["after"])


def _microseconds(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return None
        since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):  # no time, or one outside the years 1 to 9999
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _validity(parsed: pa.Table) -> pa.DictionaryArray:
    return _one(parsed, "leaf_client_cert_validity")


def _one(parsed: pa.Table, name: str) -> pa.Array:
    column = parsed[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _map_category(
    logged: pa.DictionaryArray, meaning: Callable[[str], str | None]
) -> pa.DictionaryArray:
    """Map a category's distinct values; where the meaning is None the row is null."""
    return category(logged.indices, [meaning(text) for text in logged.dictionary.to_pylist()])


def _map_instants(logged: pa.DictionaryArray, meaning: Callable[[str], int | None]) -> pa.Array:
    instants = [meaning(text) for text in logged.dictionary.to_pylist()]
    return by_code(logged.indices, instants, INSTANT)


def _by_file(files: Indices, values: Sequence[str | None]) -> pa.DictionaryArray:
    """Return each row's value by its file."""
    return category(numbers(files, pa.int32()), values)


def _line_or_key(
    logged: pa.DictionaryArray, files: Indices, from_keys: Sequence[str | None]
) -> pa.DictionaryArray:
    """Return the line's own value, and the key's where the line has none."""
    if not logged.null_count:
        return logged
    keyed = _by_file(files, from_keys)
    if logged.null_count == len(logged):
        return keyed
    values = list(dict.fromkeys([*logged.dictionary.to_pylist(), *keyed.dictionary.to_pylist()]))
    known = by_code(logged.indices, range(len(logged.dictionary)), pa.int32())
    given = [values.index(value) for value in keyed.dictionary.to_pylist()]
    from_key = by_code(keyed.indices, given, pa.int32())
    missing = missing_of(known)
    assert missing is not None, "handled above"
    codes = np.where(missing, values_of(from_key), values_of(known))
    no_key = missing_of(from_key)
    neither = None if no_key is None else missing & no_key
    return category(numbers(codes, pa.int32(), neither), values)

"""What a dataset tells about clients, when it is handed to others.

``truncate`` keeps the network of an address: /24 of IPv4, /48 of IPv6. ``pseudonymize`` puts a
keyed token in its place: the same client is the same token in every dataset made with the same
key, nobody without the key can find the address, and all tokens are equally long, so none is
the beginning of another. The key is never stored, only a fingerprint that tells keys apart.
Any column of text can be written as such tokens. A dropped column stays in the files, all null:
there is one schema. What holds the values of a column that is hidden is dropped with it: a whole
request tells its query.

References
----------
RFC 2104, HMAC: Keyed-Hashing for Message Authentication.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from albconn.arrow import category
from albconn.errors import DatasetError, TableError, shown
from albconn.logs.rejected import RejectedLine
from albconn.schema.table import LogTable

ClientIp = Literal["keep", "truncate", "pseudonymize"]

SHORTEST_KEY = 16  # [bytes]
TOKEN_CHARACTERS = 32
_MASKED = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3})\.x+$")
_MASKED_FURTHER = re.compile(r"[\dx]{1,3}(\.[\dx]{1,3}){1,2}\.x+$")


@dataclass(frozen=True)
class Privacy:
    """How a dataset is written; the same for all of its batches."""

    client_ip: ClientIp = "keep"
    key: bytes | None = field(default=None, repr=False)
    drop_columns: tuple[str, ...] = ()
    pseudonymize_columns: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what records keep: never the key, but what tells it from another."""
        told = {
            "client_ip": self.client_ip,
            "client_ip_key": _fingerprint(self.key) if self.key else None,
            "drop_columns": list(self.drop_columns),
        }
        if self.pseudonymize_columns:  # records from before say nothing of it
            told["pseudonymize_columns"] = list(self.pseudonymize_columns)
        return told

    def apply(self, rows: pa.Table, table: LogTable) -> pa.Table:
        """Return rows of a table, with one dictionary a column, as the dataset may tell them."""
        dropped = self._dropped(table)
        for name in dropped:
            kind = table.memory_schema.field(name)
            rows = _with_column(rows, name, pa.nulls(len(rows), kind.type))
        hidden = table.private if self.client_ip != "keep" else ()
        meanings = dict.fromkeys(hidden, truncated if self.client_ip == "truncate" else self._token)
        meanings |= dict.fromkeys(self.pseudonymize_columns, self._token)
        for name, meaning in meanings.items():
            if name not in dropped:
                chunks = [_told(chunk, meaning) for chunk in rows[name].chunks]
                kind = table.memory_schema.field(name)
                rows = _with_column(rows, name, pa.chunked_array(chunks, type=kind.type))
        return rows

    def retell(self, line: RejectedLine) -> RejectedLine:
        """Return a rejected line as the dataset may tell it: its text and value hold anything."""
        if self == Privacy():
            return line
        return line._replace(value=None, raw_text=None if line.raw_text is None else "")

    def _dropped(self, table: LogTable) -> tuple[str, ...]:
        """Return what is left null: what was named, and what tells of what is hidden."""
        hidden = {*self.drop_columns, *self.pseudonymize_columns}
        telling = (f.name for f in table.fields if f.name not in hidden and hidden & {*f.tells})
        return (*self.drop_columns, *telling)

    def _token(self, text: str) -> str:
        assert self.key is not None, "make_privacy asks for it"
        return pseudonym(text, self.key)


def _told(chunk: pa.Array, meaning: Callable[[str], str | None]) -> pa.Array:
    """Return a chunk of texts with another text for each, asked once for each distinct one."""
    coded = chunk if isinstance(chunk, pa.DictionaryArray) else chunk.dictionary_encode()
    told = category(coded.indices, [meaning(text) for text in coded.dictionary.to_pylist()])
    return told if isinstance(chunk, pa.DictionaryArray) else told.dictionary_decode()


def _with_column(rows: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), column)


def make_privacy(
    table: LogTable,
    client_ip: ClientIp = "keep",
    client_ip_key: bytes | None = None,
    drop_columns: Sequence[str] = (),
    pseudonymize_columns: Sequence[str] = (),
) -> Privacy:
    """Check how a table of a dataset is to be written.

    Raises
    ------
    TableError
        A choice, key or column does not fit; the message lists every problem.
    """
    dropped = table.select(drop_columns, "drop_columns")
    as_tokens = table.select(pseudonymize_columns, "pseudonymize_columns")
    problems = [
        f"drop_columns: {name} cannot be dropped; it tells rows apart"
        for name in table.never_null
        if name in dropped
    ]
    problems += _problems_of_tokens(table, as_tokens, dropped)
    if not isinstance(client_ip, str) or client_ip not in ("keep", "truncate", "pseudonymize"):
        problems.append(
            f"client_ip: {shown(client_ip)}; expected 'keep', 'truncate' or 'pseudonymize'"
        )
    elif client_ip == "pseudonymize" or as_tokens:
        if not isinstance(client_ip_key, bytes) or len(client_ip_key) < SHORTEST_KEY:
            problems.append(
                f"client_ip_key: pseudonymize needs a secret of at least {SHORTEST_KEY} bytes; "
                "make one with secrets.token_bytes(32) and keep it"
            )
    elif client_ip_key is not None:
        problems.append("client_ip_key: only client_ip='pseudonymize' uses a key; leave it out")
    if problems:
        raise TableError(problems)
    return Privacy(client_ip, client_ip_key, dropped, as_tokens)


def _problems_of_tokens(
    table: LogTable, as_tokens: Sequence[str], dropped: Sequence[str]
) -> list[str]:
    """Return what is wrong with columns that are to be tokens."""
    problems = []
    for name in as_tokens:
        if name in table.private:
            why = "is the client's address: say client_ip='pseudonymize'"
        elif name in table.never_null:
            why = "tells rows apart"
        elif not table.field(name).kind.is_text:
            why = "holds no text"
        elif name in dropped:
            why = "is dropped, too; leave it out of one of them"
        else:
            continue
        problems.append(f"pseudonymize_columns: {name} {why}")
    return problems


def refuse_other_privacy(location: str, held: dict[str, Any], asked: dict[str, Any]) -> None:
    """Refuse to add rows that tell more or less than those which a dataset holds.

    Raises
    ------
    DatasetError
        The settings differ; the message says in what.
    """
    differing = [
        f"{name} is {shown(held.get(name))} there and {shown(asked.get(name))} here"
        for name in {**asked, **held}
        if held.get(name) != asked.get(name)
    ]
    if differing:
        raise DatasetError(
            f"{location}: the dataset was written with other privacy settings "
            f"({'; '.join(differing)}); use the same, or convert into a new folder"
        )


def truncated(text: str) -> str | None:
    """Return the network of an address: /24 of IPv4, /48 of IPv6, as its first address.

    An address that was masked further already stays; text that is no address becomes null,
    because nobody knows what it tells.

    Examples
    --------
    >>> truncated("203.0.113.77"), truncated("2001:db8:1:2::3"), truncated("54.92.36.xxx")
    ('203.0.113.0', '2001:db8:1::', '54.92.36.0')
    """
    address = _address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return str(ipaddress.IPv4Network((int(address), 24), strict=False).network_address)
    if address is not None:
        return str(ipaddress.IPv6Network((int(address), 48), strict=False).network_address)
    if masked := _MASKED.match(text):
        return f"{masked[1]}.0"
    return text if _MASKED_FURTHER.match(text) else None


def pseudonym(text: str, key: bytes) -> str:
    """Return the token of an address under a key: 32 hex digits, whatever its spelling."""
    address = _address(text)
    plain = text if address is None else address.compressed
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()[:TOKEN_CHARACTERS]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # ::ffff:192.0.2.1 is an IPv4 client; as IPv6 its /48 would be all of IPv4.
    return getattr(address, "ipv4_mapped", None) or address


def _fingerprint(key: bytes) -> str:
    return hmac.new(key, b"albconn client_ip_key", hashlib.sha256).hexdigest()[:16]

"""What an object's key says: whose log it is, of which load balancer, node and interval.

The name of a log file is the only source of account and region, and of load balancer and node for
lines too old to carry them. The same folders hold connection logs, access logs, health-check logs
and test markers: what is not looked for is *foreign* and recognised by name. A renamed file says
nothing; it still reads, with nulls.

References
----------
AWS, "Connection logs for your Application Load Balancer", section "Connection log files".
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

ANCHOR = "AWSLogs/"  # a bucket prefix cannot contain it, so its first occurrence starts the tree

# conn_log_<account>_elasticloadbalancing_<region>_app.<name>.<hex>_<end>_<node>_<random>.log.gz
_NAME = (
    r"(?P<account_id>[^_/]+)_elasticloadbalancing_(?P<region>[a-z0-9-]+)"
    r"_(?P<elb>app\.[A-Za-z0-9-]+\.[0-9a-zA-Z]+)_(?P<end>\d{8}T\d{4}Z)"
    r"_(?P<node>[^_/]+)_[^_/.]+(?:\.log)?(?:\.gz)?$"
)
_LOGS = {
    "connection_log": re.compile(rf"conn_log[._]{_NAME}"),
    "access_log": re.compile(_NAME),
}
_ACCESS_LOG = re.compile(r"[^_/]+_elasticloadbalancing_[a-z0-9-]+_app\.")
# …/<account>/elasticloadbalancing/<region>/<yyyy>/<mm>/<dd>/, also in its hive form
_FOLDERS = re.compile(
    r"(?:^|/)(?:aws-account-id=)?(?P<account_id>\d{12}|X{12})/elasticloadbalancing/"
    r"(?:region=)?(?P<region>[a-z]{2}[a-z0-9-]*-\d)/"
    r"(?:(?:year=)?(?P<year>\d{4})/(?:month=)?(?P<month>\d\d)/(?:day=)?(?P<day>\d\d)/)?"
)
_FOREIGN = (
    ("test_marker", re.compile(r"ELB\w*TestFile$")),
    ("health_check_log", re.compile(r"health_check_log[._]")),
    ("nlb_log", re.compile(r"[^_/]+_elasticloadbalancing_[a-z0-9-]+_net\.")),
    ("access_log", re.compile(r"[^_/]+_elasticloadbalancing_[a-z0-9-]+_")),  # ALB's and classic
)
_LOG_ENDINGS = (".gz", ".log", ".txt")
_COPY = re.compile(r" ?\(\d+\)(?=(?:\.log)?(?:\.gz)?$)")  # what a browser adds to a second download


class LogKey(NamedTuple):
    """What a key says; None where it says nothing.

    ``interval_end`` closes the interval whose connections the file holds; ``folder_date`` is
    the day of delivery.
    """

    account_id: str | None = None
    region: str | None = None
    elb: str | None = None
    ip_address: str | None = None
    interval_end: datetime | None = None
    folder_date: date | None = None


def parse_key(key: str, log: str = "connection_log") -> LogKey:
    """Return what a key, path or URL of a log file says; ``log`` is what its table's files are.

    Examples
    --------
    >>> parse_key("conn_log_1_elasticloadbalancing_us-east-2_app.my-lb.12ab"
    ...           "_20220215T2340Z_172.160.001.192_20sg8hgm.log.gz").elb
    'app/my-lb/12ab'
    """
    folders = _FOLDERS.search(key)
    named = _LOGS[log].match(_own_name(key))
    told = (folders.groupdict() if folders else {}) | (named.groupdict() if named else {})
    return LogKey(
        account_id=_shared(told.get("account_id")),
        region=_shared(told.get("region")),
        elb=_shared(told["elb"].replace(".", "/")) if "elb" in told else None,
        ip_address=_plain_address(told["node"]) if "node" in told else None,
        interval_end=_interval_end(told.get("end")),
        folder_date=_folder_date(told),
    )


def delivered_name(key: str) -> str | None:
    """Return what identifies the file that AWS delivered, wherever it was copied to.

    AWS's file name ends in a random part, so one name is one delivery: in a moved folder, under
    another scheme, inflated, or with a browser's " (1)". None for a file that was renamed.

    Examples
    --------
    >>> name = "conn_log_1_elasticloadbalancing_us-east-2_app.lb.12_20260923T1005Z_10.0.0.1_ab"
    >>> delivered_name(f"s3://logs/{name}.log.gz") == delivered_name(f"/tmp/{name}.log (1).gz")
    True
    """
    name = _own_name(key)
    return stored_stem(name) if _is_delivered(name) else None


def stored_stem(name: str) -> str:
    """Return a file's name without what tells how it is stored."""
    return name.removesuffix(".gz").removesuffix(".log")


def foreign_kind(key: str, log: str = "connection_log") -> str | None:
    """Return what a key holds when it is not a log of that kind, else None.

    One of ``test_marker``, ``health_check_log``, ``nlb_log``, ``access_log``; where access logs are
    looked for, ``connection_log`` or ``classic_log`` (a classic load balancer's) instead of that.
    """
    name = key.rpartition("/")[2]
    if name.startswith("conn_log"):
        return None if log == "connection_log" else "connection_log"
    kind = next((kind for kind, pattern in _FOREIGN if pattern.match(name)), None)
    if kind != log:
        return kind
    return None if _ACCESS_LOG.match(name) else "classic_log"


def looks_like_log(key: str) -> bool:
    """Say whether a file found in a folder may be a log; a README beside the logs is not."""
    name = key.rpartition("/")[2]
    return name.endswith(_LOG_ENDINGS) or _is_delivered(name)


def log_of(key: str) -> str:
    """Return which log a file is of by its name; what says nothing is a connection log."""
    return "access_log" if _LOGS["access_log"].match(_own_name(key)) else "connection_log"


def _is_delivered(name: str) -> bool:
    return any(pattern.match(name) for pattern in _LOGS.values())


def _own_name(key: str) -> str:
    name = key.rpartition("/")[2]
    return _COPY.sub("", name) if name.find("(") > 0 else name


def _shared(text: str | None) -> str | None:
    """Return one string for equal ones: thousands of keys name one balancer."""
    return None if text is None else sys.intern(text)


@lru_cache(maxsize=1024)  # a balancer has few nodes and each of them thousands of files
def _plain_address(node: str) -> str:
    """Undo the zero-padding of documented node addresses: 172.160.001.192."""
    octets = node.split(".")
    if len(octets) == 4 and all(octet.isascii() and octet.isdigit() for octet in octets):
        return ".".join(str(int(octet)) for octet in octets)
    return node


def _interval_end(text: str | None) -> datetime | None:
    try:  # Python reads ISO 8601 ten times faster than strptime a format
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None


def _folder_date(told: dict[str, str | None]) -> date | None:
    try:
        return date(int(told["year"] or ""), int(told["month"] or ""), int(told["day"] or ""))
    except (KeyError, ValueError):
        return None

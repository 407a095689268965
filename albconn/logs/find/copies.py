"""One delivered file is read once, under however many names it lies there.

AWS's file name has a random part, so a second file of that name is the same delivery: a folder
that was moved, what `aws s3 sync` left elsewhere, a browser's second download. A file on a disk is
also known by its inode, so a link is no second file.

Of several the one below ``AWSLogs/`` stays, else the largest as it is stored (a download that broke
off is shorter), else the first by its URL.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from albconn.logs.find.keys import ANCHOR, delivered_name, stored_stem
from albconn.logs.find.listing import Copy, LogFile


def without_copies(
    log_files: Iterable[LogFile], identities: dict[str, tuple[int, int]]
) -> tuple[list[LogFile], list[Copy]]:
    """Return the files that are to be read, and those that are left.

    Parameters
    ----------
    log_files : iterable of LogFile
        By their URLs; those that stay keep their order.
    identities : dict of str to (int, int)
        Device and inode of local ones.
    """
    files, links = _first_of_each(log_files, lambda log_file: identities.get(log_file.url))
    deliveries, copies = _first_of_each(files, _alike)
    return deliveries, sorted([*links, *copies])


def _first_of_each(
    log_files: Iterable[LogFile], identity: Callable[[LogFile], Hashable | None]
) -> tuple[list[LogFile], list[Copy]]:
    groups: dict[Hashable, list[LogFile]] = {}
    for log_file in log_files:
        known = identity(log_file)
        groups.setdefault(log_file.url if known is None else known, []).append(log_file)
    stay, copies = [], []
    for group in groups.values():
        kept = min(group, key=_preference) if len(group) > 1 else group[0]
        stay.append(kept)
        copies += [Copy(f.url, f.size, kept.url, kept.size) for f in group if f is not kept]
    return sorted(stay, key=lambda log_file: log_file.url) if copies else stay, copies


def _alike(log_file: LogFile) -> str | None:
    """Return what names the delivery; a name without a node is none that AWS gave."""
    name = log_file.url.rpartition("/")[2]
    if log_file.key.ip_address is None:
        return None
    # The quick way, for there are thousands: nothing but a second download has a parenthesis.
    return delivered_name(name) if "(" in name else stored_stem(name)


def _preference(log_file: LogFile) -> tuple[bool, bool, int, str]:
    url = log_file.url
    is_inflated = not url.endswith(".gz")
    return "/" + ANCHOR not in url, is_inflated, -log_file.size, url

"""One delivered file is read once, under however many names it lies there.

AWS's file name has a random part, so a second file of that name is the same delivery: a folder
that was moved, what `aws s3 sync` left elsewhere, a browser's second download. A file on a disk is
also known by its inode, so a link is no second file.

Of several the one below ``AWSLogs/`` stays, else the largest as it is stored (a download that broke
off is shorter), else the first by its URL.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from albconn.logs.find.keys import ANCHOR, delivered_name
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
    one_file = _first_of_each(log_files, lambda log_file: identities.get(log_file.url))
    one_delivery = _first_of_each(one_file[0], lambda log_file: delivered_name(log_file.url))
    return one_delivery[0], sorted([*one_file[1], *one_delivery[1]])


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


def _preference(log_file: LogFile) -> tuple[bool, bool, int, str]:
    url = log_file.url
    is_inflated = not url.endswith(".gz")
    return "/" + ANCHOR not in url, is_inflated, -log_file.size, url

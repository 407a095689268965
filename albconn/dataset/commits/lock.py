"""One writer at a time.

The lock is a file that only one can create. It says who holds it and since when, is refreshed
while held, and expires: who died without a word (a signal that nobody turns into an exception is
such a death) is replaced after two minutes, at once when it was a process of this machine. Clocks
of machines that write to one dataset should agree within a minute. Should a writer sleep through
its own expiry, it notices before its next commit; and if even that were missed, the commit
record's number is taken (see ``layout``).

Who takes over the lock of a dead writer, or finds the mark of one that failed, knows that files
may lie about that no record claims; who finds neither knows that there are none (see ``sweep``).
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from albconn.dataset.commits.layout import LOCK, UNFINISHED
from albconn.errors import SHOWN_CHARACTERS, DatasetError
from albconn.storage.faults import ConflictError
from albconn.storage.store import Store
from albconn.words import one_line

REFRESH_SECONDS = 20.0
LIFETIME = timedelta(seconds=120)
LONGEST = 1 << 16  # [bytes] of a lock that says anything


class Lock:
    """The right to write to a dataset; a resource: use it with ``with``.

    Attributes
    ----------
    taken_over : bool
        It was the lock of a writer that died at work.

    Raises
    ------
    DatasetError
        Another writer holds it; the message says who, since when, and what to do.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._token = secrets.token_hex(8)
        self._since = _now()
        self._version = ""
        self._lost = False
        self._left = False
        self.taken_over = False
        self._released = threading.Event()
        self._refresher = threading.Thread(
            target=self._keep_fresh, name="albconn-lock", daemon=True
        )

    def __enter__(self) -> Lock:
        self._acquire()
        self._refresher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._refresher.join()
        if self._left:
            return
        with suppress(ConflictError, FileNotFoundError):
            self._store.remove(LOCK, self._version)

    @contextmanager
    def marked_if_it_fails(self) -> Iterator[None]:
        """Leave a mark when the work inside fails, and the lock where not even that can be left."""
        try:
            yield
        except BaseException:
            try:
                self.mark()
            except Exception:  # what went wrong is being said already
                self._left = True
            raise

    def mark(self) -> None:
        """Say that files may lie about that no record claims."""
        with suppress(FileExistsError):
            self._store.create(UNFINISHED, b"{}")

    def verify(self) -> None:
        """Make sure, before a commit, that the lock is still ours.

        Raises
        ------
        DatasetError
            Another writer took it over.
        """
        try:
            ours = self._is_ours(self._store.read(LOCK))
        except FileNotFoundError:
            ours = False
        if self._lost or not ours:
            raise DatasetError(
                f"{self._store.location}: lost the lock to another writer; nothing of this "
                "batch was committed; run again when the other is done"
            )

    def _acquire(self) -> None:
        content = self._content()
        try:
            self._store.create(LOCK, content)
        except FileExistsError:
            self._take_over(content)
        else:
            with suppress(FileNotFoundError):
                found, self._version = self._store.version(LOCK)
                if self._is_ours(found):
                    return
        self.verify()

    def _take_over(self, content: bytes) -> None:
        try:
            found, version = self._store.version(LOCK)
            told = read_lock(found)
            if not is_stale(told):
                raise _held(self._store.location, told)
            self._version = self._store.replace(LOCK, content, version)
            self.taken_over = True
        except (ConflictError, FileNotFoundError) as error:
            raise DatasetError(
                f"{self._store.location}: another writer came or went at this moment; run again"
            ) from error

    def _is_ours(self, content: bytes) -> bool:
        return read_lock(content).get("token") == self._token

    def _keep_fresh(self) -> None:
        while not self._released.wait(REFRESH_SECONDS):
            try:
                self._version = self._store.replace(LOCK, self._content(), self._version)
            except ConflictError:
                self._lost = True
                return
            except (DatasetError, OSError):
                continue  # a passing failure of the store; the lock lives on for a while

    def _content(self) -> bytes:
        now = _now()
        told = {
            "host": os.uname().nodename,
            "pid": os.getpid(),
            "user": _user(),
            "processes": _process_space(),
            "token": self._token,
            "since": self._since.isoformat(),
            "refreshed_at": now.isoformat(),
            "expires": (now + LIFETIME).isoformat(),
        }
        return json.dumps(told, indent=1).encode()


def read_lock(content: bytes) -> dict[str, Any]:
    """Return what a lock file says; an unreadable one says nothing and has expired."""
    if len(content) > LONGEST:
        return {}
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def is_stale(told: dict[str, Any]) -> bool:
    """Say whether a lock may be taken over: expired, or its process on this machine is gone."""
    try:
        expired = datetime.fromisoformat(told["expires"]) < _now()
    except (KeyError, TypeError, ValueError):
        return True
    # Process numbers mean the same only within one boot and one container.
    here = told.get("processes") == _process_space() and told.get("host") == os.uname().nodename
    return expired or (here and not _is_alive(told.get("pid")))


def _held(location: str, told: dict[str, Any]) -> DatasetError:
    user, host, pid, since, expires = (
        one_line(told.get(name), SHOWN_CHARACTERS)
        for name in ("user", "host", "pid", "since", "expires")
    )
    return DatasetError(
        f"{location}: another writer is at work: {user} on {host}, process {pid}, since {since}; "
        f"wait until it is done. Should it be dead, its lock expires at {expires}"
    )


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int):
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _process_space() -> str:
    """Identify within what process numbers are unique; the host's name is no proof.

    Only Linux tells. On macOS the host's name has to do: the lock of a process that died before
    a restart may be taken for that of another with its number, until it expires.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return os.uname().nodename


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


def _now() -> datetime:
    return datetime.now(UTC)

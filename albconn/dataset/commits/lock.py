"""One writer at a time.

The lock is a file that only one can create. It says who holds it and since when, is refreshed
while held, and expires: who died without a word (a signal that nobody turns into an exception is
such a death) is replaced after two minutes, at once when it was a process of this machine. Clocks
of machines that write to one dataset should agree within a minute. Should a writer sleep through
its own expiry, it notices before its next commit; and if even that were missed, the commit
record's number is taken (see ``layout``).
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from albconn.dataset.commits.layout import LOCK
from albconn.errors import DatasetError
from albconn.storage.faults import ConflictError
from albconn.storage.store import Store

REFRESH_SECONDS = 20.0
LIFETIME = timedelta(seconds=120)


class Lock:
    """The right to write to a dataset; a resource: use it with ``with``.

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
        with suppress(ConflictError, FileNotFoundError):
            self._store.remove(LOCK, self._version)

    def verify(self) -> None:
        """Make sure, before a commit, that the lock is still ours.

        Raises
        ------
        DatasetError
            Another writer took it over.
        """
        try:
            ours = json.loads(self._store.read(LOCK)).get("token") == self._token
        except (FileNotFoundError, ValueError):
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
            _, self._version = self._store.version(LOCK)
        except FileExistsError:
            self._take_over(content)
        self.verify()

    def _take_over(self, content: bytes) -> None:
        try:
            found, version = self._store.version(LOCK)
            told = read_lock(found)
            if not is_stale(told):
                raise _held(self._store.location, told)
            self._version = self._store.replace(LOCK, content, version)
        except (ConflictError, FileNotFoundError) as error:
            raise DatasetError(
                f"{self._store.location}: another writer came or went at this moment; run again"
            ) from error

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
            "host": socket.gethostname(),
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
    try:
        told = json.loads(content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def is_stale(told: dict[str, Any]) -> bool:
    """Say whether a lock may be taken over: expired, or its process on this machine is gone."""
    try:
        expired = datetime.fromisoformat(told["expires"]) < _now()
    except (KeyError, TypeError, ValueError):
        return True
    # Process numbers mean the same only within one boot and one container.
    here = told.get("processes") == _process_space() and told.get("host") == socket.gethostname()
    return expired or (here and not _is_alive(told.get("pid")))


def _held(location: str, told: dict[str, Any]) -> DatasetError:
    return DatasetError(
        f"{location}: another writer is at work: {told.get('user')} on {told.get('host')}, "
        f"process {told.get('pid')}, since {told.get('since')}; wait until it is done. Should it "
        f"be dead, its lock expires at {told.get('expires')}"
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
        return socket.gethostname()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


def _now() -> datetime:
    return datetime.now(UTC)

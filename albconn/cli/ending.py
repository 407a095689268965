"""How a command ends: with its exit code, and with one line on stderr where it does not end well.

0: done. 1: albconn's own error, a check that found faults, or something that was asked for and is
not in what was printed. 2: usage. 130 and 143: interrupted, by Ctrl-C or SIGTERM; both unwind, so
a lock is given back, and it is said what was kept. What nobody thought of is one line, too: a
traceback is for whoever mends albconn, and ``ALBCONN_TRACEBACK=1`` shows it.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn, TextIO

from albconn.cli.printing import say
from albconn.errors import AlbconnError, AlbconnWarning, IncompleteWarning, shown

TRACEBACK = "ALBCONN_TRACEBACK"
_SIGNALS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


class OutputError(AlbconnError):
    """What was to be printed cannot be written."""


class Stopped(SystemExit):
    """A signal asks to stop; what knows how much was kept adds a note."""


class Output:
    """A stream that says what is wrong when it cannot be written to; None is a closed one."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        return self._try(lambda stream: stream.write(text))

    def flush(self) -> None:
        """Write what waits in buffers."""
        if self._stream is not None:
            self._try(lambda stream: stream.flush())

    def isatty(self) -> bool:
        """Say whether a person looks at it."""
        return self._stream is not None and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _try(self, act: Callable[[TextIO], Any]) -> Any:
        if self._stream is None:
            raise OutputError("standard output is closed; nothing can be printed")
        try:
            return act(self._stream)
        except BrokenPipeError as error:
            raise OutputError("standard output was closed before all was printed") from error
        except OSError as error:
            why = error.strerror or str(error)
            raise OutputError(f"standard output: {why}; not all was printed") from error


def run(command: Callable[[], Any]) -> int:
    """Carry out a command line; return its exit code, when all that it printed is written."""
    told: list[type[Warning]] = []

    def tell(message: Warning | str, kind: type[Warning], *_: Any, **__: Any) -> None:
        told.append(kind)
        say(str(message))

    for number, usual in _SIGNALS.items():
        if signal.getsignal(number) is usual:
            signal.signal(number, _stop)
    warnings.simplefilter("always", AlbconnWarning)
    warnings.showwarning = tell
    standard = sys.stdout
    sys.stdout = Output(_buffered(standard))  # type: ignore[assignment]
    try:
        code = _carried_out(command)
    finally:
        sys.stdout = standard
    return code or int(any(issubclass(kind, IncompleteWarning) for kind in told))


def _buffered(stream: TextIO | None) -> TextIO | None:
    """Return a stream that writes all of a text or raises.

    Under PYTHONUNBUFFERED (images of Python set it) Python writes what fits and forgets the rest.
    """
    raw = getattr(stream, "buffer", None)
    if stream is None or not isinstance(raw, io.RawIOBase):
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(raw),  # type: ignore[type-var]
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=True,
    )


def _carried_out(command: Callable[[], Any]) -> int:
    try:
        code = _code_of(command)
        sys.stdout.flush()
    except OutputError as error:
        _forget_output()
        say(str(error))
    except AlbconnError as error:
        say(str(error))
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        say(
            f"unexpected {type(error).__name__}: {shown(str(error))}; this is a fault of albconn: "
            f"{TRACEBACK}=1 shows where"
        )
    else:
        return code
    return 1


def _code_of(command: Callable[[], Any]) -> int:
    try:
        command()
    except Stopped as stopped:
        say("; ".join(["interrupted", *getattr(stopped, "__notes__", ())]))
        return int(str(stopped.code))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _forget_output() -> None:
    """Let Python not try again to write what waits, at its own end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _stop(number: int, _: FrameType | None) -> NoReturn:
    raise Stopped(128 + number)

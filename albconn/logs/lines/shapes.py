"""Lines whose fields were shifted on the way, told by the shapes of their values.

Where quotes get lost (a shell, a CSV tool, mail), a subject with a space becomes two fields and
every later value stands one field further on: a serial number where the status was. Some values
say where they belong: a validity begins with ``NotBefore=``, a trace id with ``TID_``. So a line is
shifted where a value that does not look like its field's

- begins as another field's values do, or
- comes with another such value, and one of the two is of a field to whose values AWS adds none, or
- comes with a field further on that begins so.

One new status, or ids of a new kind, are none of these: they are values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from albconn.logs.lines.layout import Layout
from albconn.schema.field import Shape


class Misfit(NamedTuple):
    """A value that does not look like its field's."""

    name: str
    shape: Shape
    text: str


def find_shift(texts: Sequence[str | None], layout: Layout) -> Misfit | None:
    """Return the first value of a line that stands in a wrong field, None where none does.

    Parameters
    ----------
    texts : sequence of str or None
        The fields of the line, in the layout's order; fewer where the line has fewer.

    Examples
    --------
    >>> from albconn.logs.formats import legacy
    >>> from albconn.schema.connections import CONNECTIONS
    >>> line = "t 192.0.2.1 1 443 - - - CN=a b,O=c NotBefore=x 02 Success TID_1"
    >>> find_shift(line.split(), legacy.layout(CONNECTIONS)).text
    'b,O=c'
    """
    misfits = [
        Misfit(layout.names[place], shape, text)
        for place, shape in layout.shaped
        if place < len(texts) and (text := texts[place]) and not shape.fits(text)
    ]
    return misfits[0] if misfits and _are_shifted(misfits, texts, layout) else None


def _are_shifted(misfits: list[Misfit], texts: Sequence[str | None], layout: Layout) -> bool:
    known = tuple(text for _, shape in layout.shaped for text in shape.begins)
    if any(misfit.text.startswith(known) for misfit in misfits):
        return True
    if not any(misfit.shape.begins for misfit in misfits):
        return False
    if len(misfits) > 1 and not all(misfit.shape.grows for misfit in misfits):
        return True
    shaped = {place for place, _ in layout.shaped}
    others = (n for n in range(min(shaped) + 1, len(texts)) if n not in shaped)
    return any((texts[n] or "").startswith(known) for n in others)

"""Lines whose fields were shifted on the way, told by the shapes of their values.

Where quotes get lost (a shell, a CSV tool, mail), a subject with a space becomes two fields and
every later value stands one field further on: a serial number where the status was. Some values
say where they belong: a validity begins with ``NotBefore=``, a trace id with ``TID_``. So a line is
shifted where a value that does not look like its field's

- begins as another field's values do, or
- comes with another such value, and one of the two is of a field to whose values AWS adds none, or
- comes with a field or a word further on that begins so; where a certificate has a subject and no
  validity, that is enough.

One new status, or ids of a new kind, are none of these: they are values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from albconn.logs.lines.layout import Layout
from albconn.schema.field import Shape


class Misfit(NamedTuple):
    """A value that does not look like its field's."""

    name: str
    shape: Shape
    text: str


def find_shift(
    texts: Sequence[str | None], layout: Layout, tail: str | None = None
) -> Misfit | None:
    """Return the first value of a line that stands in a wrong field, None where none does.

    Parameters
    ----------
    texts : sequence of str or None
        The fields of the line, in the layout's order; fewer where the line has fewer.
    tail : str, optional
        What follows them.

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
    alone = [
        Misfit(layout.names[place], layout.fields[place].shape or Shape(), "-")
        for place, beside in layout.companions
        if max(place, beside) < len(texts) and texts[beside] and not texts[place]
    ]
    if not (misfits or alone):
        return None
    known = tuple(text for _, shape in layout.shaped for text in shape.begins)
    shifted = _disagree(misfits, known) or (
        (alone or any(misfit.shape.begins for misfit in misfits))
        and any(text.startswith(known) for text in _further_on(texts, layout, tail))
    )
    return (misfits or alone)[0] if shifted else None


def _disagree(misfits: list[Misfit], known: tuple[str, ...]) -> bool:
    if any(misfit.text.startswith(known) for misfit in misfits):
        return True
    has_beginnings = any(misfit.shape.begins for misfit in misfits)
    grow = all(misfit.shape.grows for misfit in misfits)
    return len(misfits) > 1 and has_beginnings and not grow


def _further_on(texts: Sequence[str | None], layout: Layout, tail: str | None) -> Iterator[str]:
    """Yield what stands behind the first shaped field and in none of them."""
    shaped = {place for place, _ in layout.shaped}
    for place in range(min(shaped) + 1, len(texts)):
        if place not in shaped:
            yield texts[place] or ""
    yield from (tail or "").split(layout.delimiter.decode())

_Texts = tuple[bytes, bytes]
_Column = tuple[int, bytes, bytes | None, _Texts | None]

def count_lines(text: bytes | memoryview, /) -> int: ...
def read(
    texts: tuple[bytes | memoryview, ...],
    kinds: bytes,
    wanted: bytes,
    fewest: int,
    delimiter: bytes,
    null: bytes,
    seed: int,
    shapes: tuple[bytes, ...] = (),
    ways: tuple[bytes, ...] = (),
    /,
) -> tuple[int, int, list[_Column | None], bytes]: ...

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
    shapes: tuple[bytes, ...],
    seed: int,
    /,
) -> tuple[int, int, list[_Column | None], bytes]: ...

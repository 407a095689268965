_Texts = tuple[bytes, bytes]
_Column = tuple[int, bytes, bytes | None, _Texts | None]

def count_lines(text: bytes, /) -> int: ...
def read(
    text: bytes, kinds: bytes, wanted: bytes, fewest: int, is_utf8: bool, seed: int, /
) -> tuple[int, int, list[_Column | None], bytes]: ...

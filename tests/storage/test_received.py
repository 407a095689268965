"""All bytes that were listed came, or it is an error that says how many did."""

from __future__ import annotations

import pytest

from albconn.storage.received import AnswerError, require_length


@pytest.mark.parametrize("came", [0, 2, 4])
def test_all_bytes_that_were_listed_or_an_error(came: int) -> None:
    require_length(bytes(3), 3)
    with pytest.raises(AnswerError, match=f"^{came} bytes came of the 3 that were listed$"):
        require_length(bytes(came), 3)

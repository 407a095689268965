"""A PNG is read back by others as it was written."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from albconn.report.png import png_of


@pytest.mark.parametrize(("high", "wide", "depth"), [(1, 1, 4), (3, 700, 3), (211, 97, 4)])
def test_it_is_read_back_the_same(high: int, wide: int, depth: int) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (high, wide, depth)).astype(np.uint8)
    with Image.open(io.BytesIO(png_of(pixels, 160))) as image:
        image.load()
        assert image.mode == "RGB"
        assert (np.asarray(image) == pixels[:, :, :3]).all()
        assert image.info["dpi"] == pytest.approx((160, 160), abs=0.1)


def test_a_part_of_an_image_is_an_image() -> None:
    pixels = np.arange(4 * 6 * 4, dtype=np.uint8).reshape(4, 6, 4)[::-1, ::2]
    with Image.open(io.BytesIO(png_of(pixels, 100))) as image:
        assert (np.asarray(image) == pixels[:, :, :3]).all()

"""The report's page in a real browser: nothing is cut off, wherever it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

import albconn as ac
from albconn.report import write_report
from tests.browser import ARTEFACTS, needs_chromium, open_browser

pytestmark = [pytest.mark.long, needs_chromium]
SAMPLE = Path(__file__).parents[2] / "data/sample/AWSLogs"
CUT_OFF = """() => [...document.querySelectorAll(".scroll")]
    .filter(box => box.scrollWidth > box.clientWidth)
    .map(box => box.querySelector("caption").textContent)"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.warns(ac.AlbconnWarning, match="more fields"):
        written = write_report(SAMPLE, tmp_path_factory.mktemp("page"))
    return written.page.as_uri()


def test_no_table_is_cut_off_on_a_desk_or_on_paper(page: str) -> None:
    with open_browser() as browser:
        shown = browser.new_page(viewport={"width": 1280, "height": 900})
        shown.goto(page)
        assert shown.evaluate(CUT_OFF) == []
        shown.screenshot(path=ARTEFACTS / "page_desk.png", full_page=True)
        shown.emulate_media(media="print")
        shown.set_viewport_size({"width": 680, "height": 970})  # A4 less its margins
        assert shown.evaluate(CUT_OFF) == []
        shown.pdf(path=ARTEFACTS / "page.pdf", format="A4", print_background=True)


def test_a_phone_scrolls_tables_and_never_the_page(page: str) -> None:
    with open_browser() as browser:
        shown = browser.new_page(viewport={"width": 390, "height": 844})
        shown.goto(page)
        assert shown.evaluate("document.documentElement.scrollWidth") == 390
        shown.screenshot(path=ARTEFACTS / "page_phone.png", full_page=True)


def test_it_asks_the_network_for_nothing_and_is_dark_at_night(page: str) -> None:
    with open_browser() as browser:
        shown = browser.new_page(color_scheme="dark")
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(page)
        assert [url for url in asked if not url.startswith(("data:", page))] == []
        assert (
            shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 29)"
        )
        shown.screenshot(path=ARTEFACTS / "page_dark.png", full_page=True)

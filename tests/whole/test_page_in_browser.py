"""The report's page in a real browser: it can be read on a desk, a phone, paper, and at night."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

import albconn as ac
from albconn.report import write_report
from tests.browser import ARTEFACTS, needs_chromium, open_browser
from tests.cases import CASES, case_of

pytestmark = [pytest.mark.long, needs_chromium, pytest.mark.timeout(600)]
# What is wider than the box that it scrolls in; only charts that have no narrow drawing may be.
CUT_OFF = """() => [...document.querySelectorAll(".scroll")]
    .filter(box => box.scrollWidth > box.clientWidth)
    .map(box => box.querySelector("caption").textContent)"""
# WCAG's contrast of each text with what lies behind it, where that is below AA.
TOO_PALE = """() => {
    const channel = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    const parts = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
    const behind = node => {
        for (; node; node = node.parentElement) {
            const colour = parts(getComputedStyle(node).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const pale = [];
    const texts = "h1, h2, p, dt, dd, a, th, td, li, caption, summary";
    for (const node of document.querySelectorAll(texts)) {
        if (!node.textContent.trim() || !node.getClientRects().length) continue;
        const style = getComputedStyle(node);
        const [one, other] = [light(parts(style.color)), light(behind(node))].sort((a, b) => b - a);
        const points = parseFloat(style.fontSize), isBold = parseInt(style.fontWeight) >= 600;
        const least = points >= 24 || (isBold && points >= 18.7) ? 3 : 4.5;
        if ((one + .05) / (other + .05) < least) pale.push(node.textContent.trim().slice(0, 40));
    }
    return pale;
}"""


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ac.AlbconnWarning)
        out = tmp_path_factory.mktemp(request.param)
        source = case_of(request.param, out / "log").source
        return request.param, write_report(source, out / "page").page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def test_on_a_desk_and_on_paper_no_table_is_cut_off(case: Any, browser: Browser) -> None:
    name, page = case
    shown = browser.new_page(viewport={"width": 1280, "height": 900})
    shown.goto(page.as_uri())
    assert shown.evaluate(CUT_OFF) == []
    assert shown.evaluate("document.documentElement.scrollWidth") == 1280
    shown.screenshot(path=ARTEFACTS / f"page_{name}_desk.png", full_page=True)
    # The lead picture is in the first screen, nearly all of it.
    lead = shown.locator(".lead img").first.bounding_box()
    assert lead is not None
    assert lead["y"] + 0.8 * lead["height"] < 900
    shown.emulate_media(media="print")
    shown.set_viewport_size({"width": 680, "height": 970})  # A4 less its margins
    assert shown.evaluate(CUT_OFF) == []
    shown.pdf(path=ARTEFACTS / f"page_{name}.pdf", format="A4", print_background=True)
    shown.close()


def test_a_phone_scrolls_nothing_sideways_and_has_a_lead_of_its_own(
    case: Any, browser: Browser
) -> None:
    name, page = case
    shown = browser.new_page(viewport={"width": 390, "height": 844})
    shown.goto(page.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") == 390
    assert shown.evaluate(CUT_OFF) == []
    leads = "[...document.querySelectorAll('.lead img')]"
    assert shown.evaluate(f"{leads}.every(image => image.currentSrc != image.src)")
    assert shown.evaluate(f"{leads}.every(image => image.naturalWidth < 460)")
    first = shown.evaluate(
        "[...document.querySelectorAll('td')].map(cell => [cell.className, cell.offsetTop])"
    )
    assert {kind for kind, _ in first} >= {"number"}
    shown.screenshot(path=ARTEFACTS / f"page_{name}_phone.png", full_page=True)
    shown.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_by_day_and_at_night_it_can_be_read(case: Any, scheme: Any, browser: Browser) -> None:
    name, page = case
    shown = browser.new_page(color_scheme=scheme)
    asked: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    problems: list[str] = []
    shown.on("console", lambda message: problems.append(message.text))
    shown.goto(page.as_uri())
    assert [url for url in asked if not url.startswith(("data:", page.as_uri()))] == []
    assert problems == []
    assert shown.evaluate(TOO_PALE) == []
    background = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(18, 24, 29)") is (scheme == "dark")
    inverted = shown.evaluate("getComputedStyle(document.querySelector('figure img')).filter")
    assert ("invert" in inverted) is (scheme == "dark")
    shown.screenshot(path=ARTEFACTS / f"page_{name}_{scheme}.png", full_page=True)
    shown.close()


def test_links_lead_somewhere_and_pictures_say_what_they_show(case: Any, browser: Browser) -> None:
    _, page = case
    shown = browser.new_page()
    shown.goto(page.as_uri())
    links = shown.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    for link in links:
        if link.startswith("#"):
            assert shown.locator(link).count() == 1, link
        else:
            inside = (page.parent / link).is_file()
            assert inside or link.startswith("https://docs.aws.amazon.com/"), link
    alts = shown.evaluate("[...document.querySelectorAll('img')].map(image => image.alt)")
    assert all(alts)
    assert not any("\n" in alt for alt in alts)
    # The lead picture's text is the finding, with a number that a tile has.
    values = shown.evaluate("[...document.querySelectorAll('dd.value')].map(e => e.textContent)")
    told = [value.replace("\xa0", " ") for value in values]
    assert any(value in alts[0] for value in told[:3]), (alts[0], told)
    assert shown.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    folded = shown.locator("details").first
    if folded.count():
        folded.locator("summary").click()
        assert folded.locator("table").is_visible()
    shown.close()

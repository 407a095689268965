"""A page of hostile logs in a real browser: nothing in it runs, and nothing is fetched.

Whoever connects chooses the subject of a certificate; whoever writes to the bucket, all of a line.
A server of our own listens for what the page might ask for. And if the escaping failed one day,
the page's Content-Security-Policy would hold by itself: the same is put into the page raw.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from albconn.report import write_report
from tests.browser import needs_chromium, open_browser
from worlds.lines import line

pytestmark = [pytest.mark.long, needs_chromium]
RAN = "window.ran=1"


def attacks(server: str) -> list[str]:
    """Return what would run or fetch where HTML, CSS, SVG or an attribute takes it as its own."""
    return [
        f"<script>{RAN}; new Image().src = '{server}/ran'</script>",
        f"<script src={server}/script.js></script>",
        f"<img src={server}/img.png onerror={RAN}>",
        f"</style><style>body{{background:url({server}/css.png)}}</style>",
        f"<svg onload={RAN}><image href={server}/svg.png /></svg>",
        f"<iframe src={server}/frame.html></iframe>",
        f"<object data={server}/object.svg></object><embed src={server}/embed>",
        f"<link rel=stylesheet href={server}/link.css><link rel=prefetch href={server}/pre>",
        f"<meta http-equiv=refresh content=0;url={server}/refresh>",
        f"<form action={server}/form><button id=go>go</button></form>",
        f"<base href={server}/>",
        f"<a href=javascript:{RAN}>x</a>",
        f"' onmouseover={RAN} x='",
        "--> ]]> <!-- <![CDATA[ &lt; &#x0; {{ 7*7 }} {% raw %} $x^$ \\frac \u202e\u2066\u200f",
    ]


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Listening)) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()


def seen_in_browser(*pages: Path) -> list[dict[str, Any]]:
    """Open pages, point at all of each, press what can be pressed; return what happened."""
    with open_browser() as browser:
        return [seen_on(browser.new_page(), page.as_uri()) for page in pages]


def seen_on(shown: Page, url: str) -> dict[str, Any]:
    asked: list[str] = []
    dialogs: list[str] = []
    shown.on("request", lambda request: asked.append(request.url))
    shown.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
    shown.goto(url)
    shown.evaluate(
        """() => {
            for (const one of document.querySelectorAll("*"))
                one.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
            for (const one of document.querySelectorAll("button, a:not([href^='#'])"))
                one.click();
        }"""
    )
    shown.wait_for_timeout(500)
    background = "getComputedStyle(document.body || document.documentElement).backgroundColor"
    return {
        "ran": shown.evaluate("window.ran"),
        "asked": [one for one in asked if not one.startswith(("data:", url))],
        "dialogs": dialogs,
        "background": shown.evaluate(background),
        "scripts": shown.evaluate("document.getElementsByTagName('script').length"),
    }


NOTHING = {"ran": None, "asked": [], "dialogs": []}


def test_hostile_logs_run_nothing_and_fetch_nothing(
    server: tuple[str, list[str]], tmp_path: Path
) -> None:
    place, asked = server
    written = []
    for n, attack in enumerate(attacks(place) * 30):
        word = attack.replace(" ", "\xa0").replace('"', "'")  # a field that is not quoted
        fails = 120 <= n < 240
        written.append(
            line(
                f"2026-09-23T10:{n // 10:02d}:{n % 10:02d}.000000Z",
                client_ip=f"203.0.113.{n % 40}",
                tls_verify_status=f"Failed:{word}" if fails else "Success", tls_protocol=word,
                leaf_client_cert_subject="CN=" + attack.replace('"', "'"), tls_cipher=word,
                leaf_client_cert_serial_number=f"{n:04X}", tls_keyexchange=word,
                elb=f"app/{word}/1", ip_address=word,
            )
        )  # fmt: skip
    (tmp_path / "hostile.log").write_text("".join(f"{text}\n" for text in written))
    page = write_report(tmp_path / "hostile.log", tmp_path / "out").page
    text = page.read_text()
    assert "&lt;script" in text  # it is on the page, as text
    assert not any(character in text for character in "\u202e\u2066\u200f")
    pictures = (tmp_path / "out/charts").glob("*.svg")  # opened by themselves, as documents
    for seen in seen_in_browser(page, *pictures):
        assert {name: seen[name] for name in NOTHING} == NOTHING
        assert seen["scripts"] == 0
    assert asked == []


def test_were_the_escaping_to_fail_the_policy_would_hold(
    server: tuple[str, list[str]], tmp_path: Path
) -> None:
    place, asked = server
    (tmp_path / "one.log").write_text(line("2026-09-23T10:00:00.000000Z") + "\n")
    page = write_report(tmp_path / "one.log", tmp_path / "out").page
    (clean,) = seen_in_browser(page)
    raw = "\n".join(attack for attack in attacks(place) if "=refresh" not in attack)
    attacked = page.read_text().replace("<main>", f"<main>{raw}")
    page.write_text(attacked)
    (seen,) = seen_in_browser(page)
    assert seen["scripts"] > 0  # they are in the page, and did not run
    assert {name: seen[name] for name in ("ran", "dialogs")} == {"ran": None, "dialogs": []}
    assert asked == []
    assert seen["background"] == clean["background"] == "rgb(255, 255, 255)"  # its own style is let
    page.write_text(attacked.replace("Content-Security-Policy", "X-None"))
    seen_in_browser(page)  # and without it they would have: the attacks are real
    assert {"/ran", "/script.js", "/css.png", "/img.png", "/frame.html"} <= set(asked)

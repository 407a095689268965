"""The notebooks in a real JupyterLab, in a real browser: cells run, figures appear."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from playwright.sync_api import Page, TimeoutError

from tests.browser import ARTEFACTS, needs_chromium, open_browser

pytestmark = [pytest.mark.long, needs_chromium, pytest.mark.timeout(420)]
ROOT = Path(__file__).parents[2]
STARTED, RUN = 90, 240  # [s]
EXPLORER = """import albconn as ac
from albconn.lab import explore

explore(ac.read_connections("../data/sample/AWSLogs"))"""


class Lab(NamedTuple):
    """Where JupyterLab answers, and the notebooks that it shows."""

    address: str
    notebooks: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a copy of the notebooks."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    shutil.copytree(ROOT / "data", home / "data")
    explorer = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(EXPLORER)])
    explorer.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(explorer, home / "notebooks/explorer.ipynb")
    address = f"http://127.0.0.1:{(port := free_port())}"
    places = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    places["IPYTHONDIR"] = str(home / "ipython")
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={home}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    log = (home / "lab.log").open("w")
    quiet = home / "CONFIG/lab/user-settings/@jupyterlab/apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    process = subprocess.Popen(
        command, env={**os.environ, **places}, stdout=log, stderr=subprocess.STDOUT, cwd=home
    )
    try:
        wait_for(address, process, home / "lab.log")
        yield Lab(address, home / "notebooks")
    finally:
        stop(process)
        log.close()


def stop(process: subprocess.Popen[bytes]) -> None:
    """End JupyterLab; it ends its kernels."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTED
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=2).close()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise AssertionError(f"JupyterLab did not start: {log.read_text()[-2000:]}")


def wait_for_kernel(address: str, notebook: str) -> None:
    until = time.monotonic() + STARTED
    sessions: list[dict] = []
    while time.monotonic() < until:
        with urllib.request.urlopen(f"{address}/api/sessions", timeout=10) as answer:
            sessions = json.load(answer)
        states = [s["kernel"]["execution_state"] for s in sessions if s["name"] == notebook]
        if states == ["idle"]:
            return
        time.sleep(0.3)
    raise AssertionError(f"no idle kernel for {notebook}: {sessions}")


def run_all(page: Page, address: str, notebook: str) -> None:
    """Open a notebook, run all cells through the menu, wait until the kernel has no more to do."""
    page.goto(f"{address}/lab/tree/notebooks/{notebook}?reset")
    page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for(timeout=60_000)
    wait_for_kernel(address, notebook)  # cells that run before it is there are lost
    page.locator('.jp-NotebookPanel [data-status="idle"]').first.wait_for(timeout=60_000)
    dialog = page.locator("dialog.jp-Dialog")  # at times it asks which kernel; the one there is
    page.add_locator_handler(
        dialog, lambda: dialog.locator("button.jp-mod-accept").click(), no_wait_after=True
    )
    begun = page.locator(".jp-CodeCell .jp-InputPrompt").filter(
        has_text=re.compile(r"\[(\*|\d+)\]")
    )
    for _ in range(5):  # a menu that opens while the page still settles runs nothing
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator('[data-command="runmenu:run-all"]').click()
        with suppress(TimeoutError):
            begun.first.wait_for(timeout=10_000)
            return
    raise AssertionError("no cell began to run")


def saved_cells(page: Page, notebook: Path) -> list[dict]:
    """Save through the keyboard; return the code cells, none while they are being written."""
    page.keyboard.press("Control+s")
    try:
        cells = json.loads(notebook.read_text())["cells"]
    except ValueError:
        return []
    return [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]


def wait_until_run(page: Page, notebook: Path) -> None:
    until = time.monotonic() + RUN
    cells: list[dict] = []
    while time.monotonic() < until:
        cells = saved_cells(page, notebook)
        failed = [o for cell in cells for o in cell["outputs"] if o["output_type"] == "error"]
        assert not failed, failed[0]["traceback"]
        if cells and all(cell["execution_count"] for cell in cells):
            return
        time.sleep(1)
    raise AssertionError(f"not run: {[c['source'] for c in cells if not c['execution_count']]}")


@pytest.mark.parametrize(
    ("notebook", "figures"), [("02_failure_rates.ipynb", 9), ("04_incident_review.ipynb", 6)]
)
def test_notebook_runs_in_the_browser(lab: Lab, notebook: str, figures: int) -> None:
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        run_all(page, lab.address, notebook)
        wait_until_run(page, lab.notebooks / notebook)
        pictures = page.locator(".jp-OutputArea-output img")
        pictures.nth(figures - 1).wait_for(state="attached", timeout=30_000)
        assert pictures.count() == figures
        widths = pictures.evaluate_all("found => found.map(picture => picture.naturalWidth)")
        assert min(widths) > 300
        assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
        for number in (0, figures - 1):
            pictures.nth(number).scroll_into_view_if_needed()
            page.wait_for_timeout(1_000)  # [ms]; what comes into view is drawn a little later
            page.screenshot(path=ARTEFACTS / f"lab_{notebook[:2]}_{number}.png")


def test_the_explorer_follows_a_click(lab: Lab) -> None:
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        run_all(page, lab.address, "explorer.ipynb")
        picture = page.locator("img.widget-image")
        picture.wait_for(timeout=120_000)
        before = picture.get_attribute("src")
        page.locator(".widget-dropdown select").first.select_option(label="failure reason")
        page.get_by_text("UnmappedConnectionError").first.wait_for(timeout=60_000)
        page.wait_for_function(
            "before => document.querySelector('img.widget-image').src !== before", arg=before
        )
        assert "ac.failure_reasons" in page.locator(".widget-textarea textarea").input_value()
        page.screenshot(path=ARTEFACTS / "lab_explorer.png")
        page.locator(".widget-dropdown select").first.select_option(
            label="client network (/24, /64)"
        )
        page.get_by_text("203.0.113.0/24").first.wait_for(timeout=60_000)
        page.locator(".widget-text input").last.fill("clicked.png")
        page.get_by_role("button", name="Save picture").click()
        page.get_by_text("saved clicked.png").wait_for(timeout=60_000)
        assert (lab.notebooks / "clicked.png").read_bytes().startswith(b"\x89PNG")
        page.get_by_role("button", name="Save picture").scroll_into_view_if_needed()
        page.locator(".widget-textarea textarea").scroll_into_view_if_needed()
        page.screenshot(path=ARTEFACTS / "lab_explorer_networks.png")

"""An upload through the real server and its worker: killed in the middle and gone on with, watched in a browser."""

import csv as csv_files
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browsing import CHROMIUM
from tests.conftest import missing
from tests.jobs.test_workers import ROOT
from tests.web.test_serve import family, fetch, free_port

PASSWORD = "bosporus-wind-9"
ROWS = 60_000
SETUP = """
from datetime import UTC, datetime
from hedef.cli_support import open_home
open_home(None)
from hedef.access.services import create_user
now = datetime(2026, 3, 2, tzinfo=UTC)
create_user(username="defne", name="Defne", roles=["operations"], password="PASSWORD", now=now)
"""


def write_deals(path, rows=ROWS):
    chance = random.Random(7)
    stages = ["Prospecting", "Engaging", "Won", "Lost"]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv_files.writer(file)
        out.writerow(
            [
                "opportunity_id",
                "sales_agent",
                "product",
                "account",
                "deal_stage",
                "engage_date",
                "close_date",
                "close_value",
            ]
        )
        for number in range(rows):
            stage = chance.choice(stages)
            day = f"2026-01-{chance.randint(13, 28)}"
            closed = stage in ("Won", "Lost")
            out.writerow(
                [
                    f"D{number:06d}",
                    "",
                    "",
                    "",
                    stage,
                    day,
                    "2026-02-15" if closed else "",
                    chance.randint(1, 9999) if stage == "Won" else "",
                ]
            )
    return path


class Served:
    """A served home with its worker and a user."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
        self.environment |= {"HEDEF_HOME": str(self.home), "HEDEF_SMALL_UPLOAD_KB": "64", "PYTHONPATH": str(ROOT)}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "tests.jobs.settings"}
        line = [sys.executable, "-c", SETUP.replace("PASSWORD", PASSWORD)]
        subprocess.run(line, env=self.environment, check=True, capture_output=True)
        self.base = f"http://127.0.0.1:{free_port()}"
        self.process = None

    def start(self):
        line = [sys.executable, "-m", "hedef.cli", "serve", "--port", self.base.rpartition(":")[2], "--workers", "1"]
        self.process = subprocess.Popen(line, env=self.environment, stderr=subprocess.DEVNULL)
        try:
            fetch(f"{self.base}/sign-in/")
        except AssertionError:
            self.stop()
            raise

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def jobs(self):
        line = [sys.executable, "-m", "hedef.cli", "jobs", "list", "--json"]
        done = subprocess.run(line, env=self.environment, capture_output=True, text=True, check=False)
        return json.loads(done.stdout)["jobs"]

    def totals(self):
        """What the records say: number of deals by stage, and their amounts."""
        with sqlite3.connect(f"file:{self.home / 'hedef.sqlite3'}?mode=ro", uri=True) as told:
            return told.execute(
                "SELECT stage, count(*), sum(amount_minor) FROM deal WHERE ended_us IS NULL GROUP BY stage ORDER BY 1"
            ).fetchall()


@pytest.fixture
def served(tmp_path):
    if not CHROMIUM.exists():
        missing(f"there is no browser at {CHROMIUM}: install chromium or set HEDEF_CHROMIUM")
    home = Served(tmp_path)
    home.start()
    yield home
    if home.process.poll() is None:
        home.stop()


def sign_in(page):
    page.goto("/sign-in/")
    page.fill("input[name=username]", "defne")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/(?!sign-in)"))


def choose(page, file):
    page.goto("/intake/")
    page.set_input_files("#files", str(file))
    page.fill("#source", "crm")
    page.click('form[action="/intake/upload"] button')


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "width", "going_on", "read"),
    [
        ("en", 1440, "The import goes on behind this page.", "60,000 rows"),
        ("tr", 390, "Aktarım bu sayfanın arkasında sürüyor.", "60.000 satır"),
    ],
)
def test_a_large_upload_shows_its_progress_and_ends_on_the_page_of_the_import(
    served, tmp_path, language, width, going_on, read
):
    from playwright.sync_api import sync_playwright

    file = write_deals(tmp_path / "deals.csv")
    faults = []
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale=language, base_url=served.base)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        sign_in(page)
        choose(page, file)
        page.wait_for_selector("button[name=import]:not([disabled])", timeout=120_000)
        assert read in page.inner_text("#main")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.click("button[name=import]")
        page.wait_for_selector("#running progress", timeout=30_000)
        assert going_on in page.inner_text("#main")
        page.wait_for_url(re.compile(r"/intake/imports/J-\d+/"), timeout=240_000)
        chromium.close()
    assert faults == []
    assert sum(row[1] for row in served.totals()) == ROWS


@pytest.mark.browser
def test_a_small_file_feels_immediate(served, tmp_path):
    from playwright.sync_api import sync_playwright

    file = write_deals(tmp_path / "deals.csv", rows=50)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_context(base_url=served.base, java_script_enabled=False).new_page()
        sign_in(page)
        choose(page, file)  # the first call of a process loads what reads files
        page.wait_for_selector("button[name=import]:not([disabled])")
        began = time.monotonic()
        choose(page, file)
        page.wait_for_selector("button[name=import]:not([disabled])")
        page.click("button[name=import]")
        page.wait_for_url(re.compile(r"/intake/imports/J-\d+/"))
        took = time.monotonic() - began
        chromium.close()
    assert served.jobs() == [] or all(one["name"] != "intake.import_draft" for one in served.jobs())
    assert took < 6  # 2 seconds on a machine of one's own; tests share theirs


@pytest.mark.slow
def test_an_import_whose_worker_is_killed_ends_like_an_undisturbed_one(tmp_path):
    killed, calm = Served(tmp_path / "killed"), Served(tmp_path / "calm")
    for one, disturb in ((calm, False), (killed, True)):
        one.start()
        try:
            told = imported(one, write_deals(tmp_path / "deals.csv"), disturb=disturb)
        finally:
            one.stop()
        assert told["state"] == "done", told
    assert killed.totals() == calm.totals()
    assert told["attempts"] >= 2


def imported(one, file, *, disturb):
    """The job that imports a file, when it is over; `disturb`: its worker is killed in the middle."""
    line = [sys.executable, "-c", ENQUEUE, str(file)]
    subprocess.run(line, env=one.environment, check=True, capture_output=True, text=True)
    if disturb:
        kill_in_the_middle(one)
    for _ in range(240):
        found = [job for job in one.jobs() if job["name"] == "intake.import_draft"]
        if found and found[0]["state"] in ("done", "failed"):
            return found[0]
        time.sleep(1)
    raise AssertionError(found)


ENQUEUE = """
import shutil, sys
from pathlib import Path
from hedef.cli_support import open_home
open_home(None)
from hedef import jobs
from hedef.intake import drafts, tasks
draft = drafts.start([Path(sys.argv[1])], actor="defne", source="crm", take=shutil.copy)
jobs.enqueue(tasks.import_draft, actor="defne", token=draft.token, language="en")
"""


def kill_in_the_middle(one):
    """kill -9 of every process of the worker once some chunks are written."""
    for _ in range(1200):
        with sqlite3.connect(f"file:{one.home / 'hedef.sqlite3'}?mode=ro", uri=True) as told:
            rows = told.execute("SELECT count(*) FROM deal").fetchone()[0]
        if rows:
            break
        time.sleep(0.05)
    assert rows < ROWS
    for pid in family(one.process.pid):
        if "--beside" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
            os.kill(pid, signal.SIGKILL)

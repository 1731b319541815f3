"""A real Chromium for journeys: it fails on console errors and on requests that leave the machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path(os.environ.get("HEDEF_CHROMIUM", "/usr/bin/chromium"))


@pytest.fixture
def visit(live_server: Any, home: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """`visit("/path", language="tr", width=390, theme="dark")` is a Playwright page of a fresh visitor."""
    from tests.conftest import missing

    if not CHROMIUM.exists():
        missing(f"there is no browser at {CHROMIUM}: install chromium or set HEDEF_CHROMIUM")
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps a loop in this thread
    faults: list[str] = []
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def open_page(
            path: str, *, language: str = "en", width: int = 1440, theme: str = "light", script: bool = True
        ) -> Any:
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                locale=language,
                color_scheme=theme,
                base_url=live_server.url,
                java_script_enabled=script,
            )
            page = context.new_page()
            page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if _is_fault(said) else None)
            page.on("pageerror", lambda fault: faults.append(f"{page.url}: {fault}"))
            page.on("request", lambda asked: _note_stranger(asked.url, live_server.url, faults))
            page.goto(path)
            return page

        yield open_page
        chromium.close()
    assert faults == []


def _is_fault(said: Any) -> bool:
    # the browser itself reports every answer of 4xx as an error; those are pages here
    return said.type in {"error", "warning"} and "server responded with a status of 4" not in said.text


def _note_stranger(url: str, own: str, faults: list[str]) -> None:
    if not url.startswith((own, "data:", "blob:")):
        faults.append(f"a request left the machine: {url}")

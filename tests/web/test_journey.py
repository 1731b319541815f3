"""The shell in a real browser: sign in, change language and theme, sign out; at a desk and on a phone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hedef.access.models import User
from hedef.access.services import create_user

pytestmark = pytest.mark.browser


@pytest.fixture
def people(home, settings):
    settings.HEDEF = replace(settings.HEDEF, demo=True)
    now = datetime(2026, 11, 17, 18, tzinfo=UTC)
    create_user(username="defne", name="Defne Karaca", roles=["operations"], now=now, password="bosporus-wind")
    create_user(username="deniz", name="Deniz Korkmaz", roles=["rep"], now=now)


def test_a_turkish_visitor_signs_in_changes_theme_and_language_and_leaves(people, visit):
    page = visit("/", language="tr-TR")
    page.fill("#username", "defne")
    page.fill("#password", "wrong")
    page.click("button:text-is('Giriş yap')")
    assert "4 deneme hakkınız kaldı" in page.inner_text("#password-error")
    page.fill("#password", "bosporus-wind")
    page.click("button:text-is('Giriş yap')")
    page.click("summary[aria-label='Hesap: Defne Karaca']")
    with page.expect_response("**/theme/"):
        page.click("button:text-is('Koyu')")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert User.objects.get(username="defne").theme == "dark"
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 18, 22)"
    page.click("button[value=en]")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.click("summary[aria-label='Account: Defne Karaca']")
    page.click("button:text-is('Sign out')")
    page.wait_for_url("**/sign-in/")


def test_on_a_phone_a_guest_is_one_touch_away_and_nothing_is_wider_than_the_screen(people, visit):
    page = visit("/sign-in/", width=390, theme="dark")
    page.click("text=Deniz Korkmaz")
    page.wait_for_url(lambda url: "sign-in" not in url)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_first_stop_of_the_keyboard_is_the_way_to_the_content(people, visit):
    page = visit("/nowhere/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

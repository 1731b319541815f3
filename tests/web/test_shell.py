"""The shell: who gets in and how, languages and themes, pages that say what went wrong."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import path

from hedef import urls as house
from hedef.access.models import User
from hedef.access.services import create_user, set_active, set_roles
from hedef.kernel.errors import Forbidden, NotFound, Refused
from hedef.kernel.issue import Issue
from hedef.web.pages import page, show

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
PASSWORD = "bosporus-wind"


@pytest.fixture
def defne(db):
    return create_user(
        username="defne",
        name="Defne Karaca",
        roles=["operations"],
        now=NOW,
        password=PASSWORD,
        email="d@poyraz.example",
    )


def sign_in(client, username="defne", password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": username, "password": password} | more)


# --- in and out -------------------------------------------------------------------------------------------------------


def test_a_signed_out_visitor_is_asked_to_sign_in_and_comes_back_to_the_wanted_page(client, defne):
    answer = client.get("/?period=2026-Q4")
    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/%3Fperiod%3D2026-Q4")
    assert sign_in(client, next="/?period=2026-Q4").url == "/?period=2026-Q4"


def test_nobody_is_sent_to_another_machine_after_the_sign_in(client, defne):
    for stranger in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        assert sign_in(Client(), next=stranger).url == "/"


def test_a_wrong_password_says_how_many_tries_are_left_and_keeps_the_name(client, defne):
    answer = sign_in(client, password="wrong")
    assert answer.status_code == 403
    assert "You have 4 tries left" in answer.text
    assert 'value="defne"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_five_wrong_passwords_lock_the_name_in_all_its_spellings(client, defne):
    for name in ("defne", "DEFNE", "d@poyraz.example", "defne"):
        assert sign_in(client, username=name, password="wrong").status_code == 403
    locked = sign_in(client, password="wrong")
    assert (locked.status_code, "Locked for a while" in locked.text) == (429, True)
    assert sign_in(client, username="D@poyraz.example").status_code == 429
    assert client.get("/").status_code == 302


def test_a_closed_user_stays_outside(client, defne):
    set_active(username="defne", active=False)
    assert sign_in(client).status_code == 403


def test_sign_out_needs_a_form_and_ends_the_session(client, defne):
    sign_in(client)
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/").url == "/targets/scoreboard"
    client.post("/sign-out/")
    assert client.get("/").url.startswith("/sign-in/")


def test_the_session_ends_with_the_browser_unless_the_device_is_remembered(client, defne):
    sign_in(client)
    assert client.session.get_expire_at_browser_close()
    other = Client()
    sign_in(other, remember="on")
    assert not other.session.get_expire_at_browser_close()


def test_guests_are_offered_in_a_demo_home_only(client, defne, settings):
    create_user(username="ada", name="Ada", roles=["operations"], now=NOW)
    create_user(username="deniz", name="Deniz Korkmaz", roles=["rep"], now=NOW)
    assert "Defne Karaca" not in client.get("/sign-in/").text
    assert client.post("/sign-in/guest/", {"username": "defne"}).status_code == 404
    settings.HEDEF = replace(settings.HEDEF, demo=True)
    offered = client.get("/sign-in/").text
    assert ("Ada" in offered, "Deniz Korkmaz" in offered, "Defne Karaca" in offered) == (True, True, False)
    assert client.post("/sign-in/guest/", {"username": "defne"}).status_code == 404
    assert client.post("/sign-in/guest/", {"username": "deniz"}).url == "/"


# --- language and theme -----------------------------------------------------------------------------------------------


def test_the_language_follows_the_browser_then_the_choice_then_the_user_everywhere(client, defne):
    assert "Giriş yap" in client.get("/sign-in/", headers={"Accept-Language": "tr-TR,tr;q=0.9"}).text
    assert "Sign in" in client.get("/sign-in/", headers={"Accept-Language": "de"}).text
    sign_in(client)
    assert client.post("/language/", {"language": "tr", "next": "/"}).url == "/"
    assert '<html lang="tr"' in client.get("/nowhere/").text
    other = Client()
    sign_in(other)
    assert '<html lang="tr"' in other.get("/nowhere/").text
    assert client.post("/language/", {"language": "xx"}).status_code == 302
    assert User.objects.get().language == "tr"


def test_the_theme_is_kept_with_the_user_and_is_in_the_first_byte_of_the_page(client, defne):
    sign_in(client)
    assert "data-theme=" not in client.get("/nowhere/").text.partition(">")[2].partition("<body")[0]
    assert client.post("/theme/", {"theme": "dark"}, headers={"X-Requested-With": "fetch"}).status_code == 204
    assert '<html lang="en" data-theme="dark">' in client.get("/nowhere/").text
    assert client.post("/theme/", {"theme": "loud"}).status_code == 400


# --- what every page carries ------------------------------------------------------------------------------------------


def test_no_page_has_inline_script_or_style_or_asks_another_machine(client, defne, settings):
    settings.HEDEF = replace(settings.HEDEF, demo=True)
    pages = [client.get("/sign-in/"), client.get("/nowhere/")]
    sign_in(client)
    pages += [client.get("/"), client.get("/nowhere/")]
    for answer in pages:
        assert " style=" not in answer.text
        assert "<style" not in answer.text
        assert " onclick=" not in answer.text
        assert "http://" not in answer.text
        assert "https://" not in answer.text
        assert answer.text.count("<script") == answer.text.count("<script src=")
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_htmx_brings_no_style_of_its_own_and_shows_errors_in_place(client, db):
    text = client.get("/sign-in/").text
    raw = text.partition('name="htmx-config" content=\'')[2].partition("'")[0]
    config = json.loads(raw.replace("&quot;", '"'))
    assert (config["includeIndicatorStyles"], config["allowEval"]) == (False, False)


def test_a_user_without_roles_is_told_whom_to_ask(client, defne):
    set_roles(username="defne", roles=[])
    sign_in(client)
    assert "Ask an admin for a role" in client.get("/").text


# --- errors -----------------------------------------------------------------------------------------------------------


@page()
def refusing(request: HttpRequest, call, kind: str):
    faults = {
        "missing": NotFound("There is no deal D-9.", hint="It may have been merged."),
        "forbidden": Forbidden('"deniz" may not do this.'),
        "refused": Refused("The gate is closed.", issues=[Issue("w", "error", "deals.csv row 3 has no owner.")]),
    }
    if kind in faults:
        raise faults[kind]
    raise ZeroDivisionError(kind)


@page(right="manage_users")
def admins_only(request: HttpRequest, call):
    return show(request, "web/nothing.html")


@pytest.fixture
def trap(monkeypatch, settings):
    """Two pages of the test beside those of the house."""
    from types import ModuleType

    module = ModuleType("trap_urls")
    module.urlpatterns = [path("trap/<kind>/", refusing), path("admins/", admins_only), *house.urlpatterns]
    for name in ("handler400", "handler403", "handler404", "handler500"):
        setattr(module, name, getattr(house, name))
    monkeypatch.setitem(__import__("sys").modules, "trap_urls", module)
    settings.ROOT_URLCONF = "trap_urls"


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("missing", 404, "There is no deal D-9."),
        ("forbidden", 403, "may not do this."),
        ("refused", 409, "deals.csv row 3 has no owner."),
    ],
)
def test_a_refusal_is_a_page_and_for_htmx_a_part(client, defne, trap, kind, status, said):
    sign_in(client)
    whole = client.get(f"/trap/{kind}/")
    assert (whole.status_code, said in whole.text, "<html" in whole.text) == (status, True, True)
    part = client.get(f"/trap/{kind}/", headers={"HX-Request": "true"})
    assert (part.status_code, said in part.text, "<html" in part.text) == (status, True, False)


def test_a_fault_shows_no_traceback(defne, trap, caplog):
    client = Client(raise_request_exception=False)
    sign_in(client)
    answer = client.get("/trap/fault/")
    assert answer.status_code == 500
    assert "Something broke inside Hedef" in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_the_door_of_a_page_opens_for_its_right_only(client, defne, trap):
    create_user(username="root", name="Root", roles=["admin"], now=NOW, password=PASSWORD)
    assert client.get("/admins/").status_code == 302
    asked = client.get("/admins/", headers={"HX-Request": "true"})
    assert (asked.status_code, asked.headers["HX-Redirect"]) == (200, "/sign-in/?next=/admins/")
    sign_in(client)
    assert client.get("/admins/").status_code == 403
    other = Client()
    sign_in(other, username="root")
    assert other.get("/admins/").status_code == 200


def test_a_form_without_its_token_changes_nothing(defne):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/language/", {"language": "tr"})
    assert (answer.status_code, "This form is too old" in answer.text) == (403, True)

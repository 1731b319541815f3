"""The ledger in a real browser: on a phone, without script, in both languages."""

import pytest

from hedef.access.services import create_user
from hedef.records import queries
from tests.ledger.test_pages import NOW, deals, edit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ops(home):
    return create_user(username="defne", name="Defne", roles=["operations"], now=NOW, password="a long password")


def sign_in(page):
    page.fill("input[name=username]", "defne")
    page.fill("input[name=password]", "a long password")
    page.press("input[name=password]", "Enter")


@pytest.mark.parametrize(("width", "language", "theme"), [(390, "tr", "dark"), (1440, "en", "light")])
def test_a_batch_is_taken_back_without_script(visit, ops, width, language, theme):
    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    page = visit("/ledger/", width=width, language=language, theme=theme, script=False)
    sign_in(page)
    page.click(f"text=B-{number}")
    page.click(f"a[href='/ledger/batches/B-{number}/undo/']")
    page.fill("#reason", "the buyer called again")
    page.click("button.danger")
    page.wait_for_url(f"**/ledger/batches/B-{number}/")
    assert queries.rows("deal", entities=[deal])[0]["amount_minor"] == 1_200_50


@pytest.mark.parametrize("path", ["", "batches/B-{edit}/", "batches/B-{edit}/undo/", "entities/D-{deal}/"])
def test_no_page_of_the_ledger_is_wider_than_a_phone(visit, ops, path):
    (deal,), _ = deals(1)
    number = edit(deal, amount_minor=900_00)
    page = visit(f"/ledger/{path.format(edit=number, deal=deal)}", width=390)
    sign_in(page)
    page.wait_for_selector("h1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

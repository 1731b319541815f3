"""Accounts, contacts, leads and territories are changed on their pages, from a day on."""

from datetime import date

import pytest

from hedef.ledger.queries import batches, head
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US
from tests.records.test_pages import text_of


def edit(client, kind, number, **changed):
    """Send the form of a page with some fields changed, as a browser sends it."""
    import re

    address = f"/records/{kind}/{number}"
    page = text_of(client.get(address))
    form = page.split(f'action="{address}/edit"')[1].split("</form>")[0]
    told = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', form))
    for name, body in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        told[name] = next(iter(re.findall(r'value="([^"]*)" selected', body)), "")
    return client.post(f"{address}/edit", {**told, "reason": "said so", **changed})


def test_an_account_gets_another_owner_from_a_day_on(poyraz, visitor):
    olga, number = visitor("olga"), f"A-{poyraz.acme}"
    answer = edit(olga, "account", number, owner=f"P-{poyraz.mia}", segment="enterprise", on="2026-06-01")
    assert (answer.status_code, answer.url) == (302, f"/records/account/{number}")
    now = queries.state(poyraz.acme)
    from hedef.facts.queries import calendar

    before = queries.state(poyraz.acme, as_of_us=calendar().start_us(date(2026, 6, 1)) - 1)
    assert (now["owner"], now["segment"]) == (poyraz.mia, "enterprise")
    assert (before["owner"], before["segment"]) != (now["owner"], now["segment"])
    assert (batches(last=1)[0].actor, batches(last=1)[0].reason) == ("olga", "said so")


def test_what_is_not_changed_is_not_written(poyraz, visitor):
    before = head()
    assert edit(visitor("olga"), "account", f"A-{poyraz.acme}").status_code == 302
    assert head() == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This is needed."),
        ({"parent": "No such company"}, "Nothing is called"),
        ({"employees": "many"}, "is no whole number"),
        ({"on": "2199-01-01"}, "That day has not come yet."),
        ({"reason": ""}, "This is needed."),
    ],
)
def test_what_cannot_be_read_is_said_beside_what_was_typed(poyraz, visitor, changed, said):
    before = head()
    answer = edit(visitor("olga"), "account", f"A-{poyraz.acme}", **changed)
    assert answer.status_code >= 400
    assert said in text_of(answer)
    assert head() == before


def test_contacts_and_leads_are_changed_too(poyraz, visitor):
    told = {"effective_us": ALWAYS_US, "actor": "olga"}
    contact = services.create(kind="contact", fields={"name": "Jo", "account": poyraz.acme}, **told)
    lead = services.create(kind="lead", fields={"name": "Su", "company": "Bolt"}, **told)
    olga = visitor("olga")
    assert edit(olga, "contact", f"C-{contact}", job_title="Buyer", email_allowed="1").status_code == 302
    assert edit(olga, "lead", f"L-{lead}", status="contacted", score="40").status_code == 302
    assert queries.state(contact)["job_title"] == "Buyer"
    assert queries.state(contact)["account"] == poyraz.acme
    assert (queries.state(lead)["status"], queries.state(lead)["score"]) == ("contacted", 40)


def test_a_territory_is_listed_and_held_from_a_day_on_once(poyraz, visitor):
    north = services.create(kind="territory", fields={"name": "North"}, effective_us=ALWAYS_US, actor="olga")
    olga, address = visitor("olga"), f"/records/territory/R-{north}"
    assert ">North</a>" in text_of(olga.get("/records/territories/"))
    hold = {"person": f"P-{poyraz.holly}", "from_day": "2026-06-01", "reason": "grows"}
    assert olga.post(f"{address}/hold", hold).status_code == 302
    page = text_of(olga.get(address))
    assert "Holly Işık" in page
    again = olga.post(f"{address}/hold", hold)
    assert (again.status_code, "They hold it already" in text_of(again)) == (409, True)
    both = olga.post(f"{address}/hold", {**hold, "team": f"T-{poyraz.east}"})
    assert "Name one" in text_of(both)
    (row,) = queries.rows("territory_hold")
    ended = {"entity": row["entity"], "kind": "territory_hold", "last": "2026-06-10", "reason": "moves"}
    assert olga.post(f"{address}/end", ended).status_code == 302
    assert queries.rows("territory_hold")[0]["to_day"] == date(2026, 6, 11)


def test_only_operations_change_accounts(poyraz, visitor):
    address = f"/records/account/A-{poyraz.acme}/edit"
    for name in ("mia", "fin"):
        assert visitor(name).post(address, {"name": "X", "on": "2026-06-01", "reason": "x"}).status_code in (403, 404)


def test_a_list_leaves_as_a_file_in_scope_with_safe_cells_and_a_logged_read(poyraz, visitor):
    from hedef.access.models import Read

    account = {"name": "=cmd()", "owner": poyraz.holly, "extra": '{"Tier":"Gold"}'}
    services.create(kind="account", fields=account, effective_us=ALWAYS_US, actor="olga")
    for username, holds in (("olga", 3), ("holly", 2)):
        answer = visitor(username).get("/records/accounts/?format=csv")
        lines = answer.content.decode("utf-8-sig").splitlines()
        rows = [line for line in lines[1:] if line.startswith(("A-", '"A-'))]
        assert (answer.status_code, len(rows)) == (200, holds), lines
        assert any("'=cmd()" in line and "Gold" in line for line in rows)
    assert visitor("olga").get("/records/accounts/?format=xlsx").content[:2] == b"PK"
    assert Read.objects.filter(what="list of accounts").count() == 3


def test_batches_leave_as_a_file(poyraz, visitor):
    text = visitor("olga").get("/ledger/batches/?format=csv").content.decode("utf-8-sig")
    assert text.count("B-") >= len(batches(last=50))
    assert "Excel (XLSX)" in text_of(visitor("olga").get("/ledger/batches/"))

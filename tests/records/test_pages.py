"""Pages of people, teams, products, currencies, duplicates and other records: who sees what, and what a form does."""

from datetime import date
from html import unescape

import pytest
from django.test import Client

from hedef.records import queries, services

ON = "2026-06-15"


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def test_the_list_of_people_shows_the_teams_of_its_day_and_finds_any_i(poyraz, visitor):
    services.move_person(person=poyraz.holly, team=poyraz.west, on=date(2026, 6, 15), actor="olga", reason="grows")
    olga = visitor("olga")
    now, then = text_of(olga.get("/records/people/")), text_of(olga.get("/records/people/?as_of=2026-06-14"))
    assert "3 people on 20 Jun 2026." in now
    assert [now.count("<td>West</td>"), then.count("<td>West</td>")] == [1, 0]
    found = text_of(olga.get("/records/people/?q=ISIK"))
    assert [f">{name}</a>" in found for name in ("Holly Işık", "Ali Isık", "Mia Çelik")] == [True, True, False]
    assert "Ali Isık" in text_of(olga.get("/records/people/?state=alone"))
    assert "Nobody fits" in text_of(olga.get("/records/people/?q=zzz"))


def test_a_manager_sees_the_own_team_a_rep_only_oneself_and_a_stranger_the_door(poyraz, visitor):
    def seen(username):
        page = text_of(visitor(username).get("/records/people/"))
        return [f">{name}</a>" in page for name in ("Holly Işık", "Mia Çelik", "Ali Isık")]

    assert seen("mia") == [True, True, False]
    assert seen("holly") == [True, False, False]
    assert seen("fin") == [True, True, True]
    assert visitor("holly").get(f"/records/person/P-{poyraz.mia}").status_code == 404
    assert visitor("mia").get(f"/records/person/P-{poyraz.holly}").status_code == 200
    assert Client().get("/records/people/").status_code == 302


def test_only_operations_change_people(poyraz, visitor):
    body = {"team": f"T-{poyraz.west}", "on": ON, "reason": "grows"}
    address = f"/records/person/P-{poyraz.holly}/move"
    for username in ("mia", "fin", "holly"):
        assert visitor(username).post(address, body).status_code == 403
        assert "Move to another team" not in text_of(visitor(username).get(f"/records/person/P-{poyraz.holly}"))
    assert queries.team_tree(date(2026, 6, 20)).team_of(poyraz.holly) == poyraz.east


def test_a_person_is_moved_on_a_day_and_the_past_stays(poyraz, visitor):
    olga = visitor("olga")
    page = text_of(olga.get(f"/records/person/P-{poyraz.holly}"))
    assert "Open deals go along from that day: 1 worth €1,200.50." in page
    answer = olga.post(
        f"/records/person/P-{poyraz.holly}/move", {"team": f"T-{poyraz.west}", "on": ON, "reason": "grows"}, follow=True
    )
    page = text_of(answer)
    assert "Holly Işık is in West from 15 Jun 2026 on." in page
    assert "always – 14 Jun 2026" in page
    assert queries.team_tree(date(2026, 6, 14)).team_of(poyraz.holly) == poyraz.east
    assert queries.team_tree(date(2026, 6, 15)).team_of(poyraz.holly) == poyraz.west


def test_a_form_with_faults_comes_back_with_what_was_typed(poyraz, visitor):
    olga = visitor("olga")
    answer = olga.post(f"/records/person/P-{poyraz.holly}/move", {"team": f"T-{poyraz.west}", "on": "2026-02-30"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "“2026-02-30” is no day of the calendar" in page
    assert "This is needed." in page
    assert 'value="2026-02-30"' in page


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(poyraz, visitor):
    olga = visitor("olga")
    main = next(one for one in queries.person_spans(poyraz.holly) if one.kind == "membership")
    services.move_person(person=poyraz.holly, team=poyraz.west, on=date(2026, 6, 1), actor="can", reason="first")
    body = {"team": f"T-{poyraz.sales}", "on": ON, "reason": "second", "seen": main.seen}
    answer = olga.post(f"/records/person/P-{poyraz.holly}/move", body)
    assert answer.status_code == 409
    assert "Somebody changed this meanwhile" in text_of(answer)


def test_manager_absence_part_time_second_team_and_leaving(poyraz, visitor):
    olga = visitor("olga")

    def send(verb, **body):
        answer = olga.post(f"/records/person/P-{poyraz.ali}/{verb}", body | {"reason": "so it is"}, follow=True)
        assert answer.status_code == 200, text_of(answer)

    send("move", team=f"T-{poyraz.east}", on="2026-06-01")
    send("manager", manager=f"P-{poyraz.mia}", on="2026-06-01", line="solid")
    send("absence", kind="parental", on="2026-07-01", last="2026-07-31", share="100")
    send("time", share="50", on="2026-08-01", pattern="2220000")
    send("join", team=f"T-{poyraz.west}", on="2026-06-10", share="33,33", role="overlay")
    kinds = [(one.kind, one.fields.get("share_bp")) for one in queries.person_spans(poyraz.ali)]
    assert kinds == [
        ("working_time", 5_000),
        ("absence", 10_000),
        ("membership", 3_333),
        ("manager_line", None),
        ("membership", None),
    ]
    send("leave", last="2026-12-31")
    assert queries.state(poyraz.ali)["left_on"] == date(2026, 12, 31)
    assert queries.team_tree(date(2027, 1, 1)).team_of(poyraz.ali) is None


def test_a_circle_of_managers_is_refused_on_the_page(poyraz, visitor):
    answer = visitor("olga").post(
        f"/records/person/P-{poyraz.mia}/manager",
        {"manager": f"P-{poyraz.holly}", "on": ON, "line": "solid", "reason": "no"},
    )
    assert answer.status_code == 409
    assert "would be a circle" in text_of(answer)


def test_a_line_of_time_is_ended(poyraz, visitor):
    line = next(one for one in queries.person_spans(poyraz.holly) if one.kind == "manager_line")
    body = {"kind": line.kind, "entity": line.entity, "seen": line.seen, "last": "2026-06-30", "reason": "moves"}
    answer = visitor("olga").post(f"/records/person/P-{poyraz.holly}/end", body, follow=True)
    assert "Ended after 30 Jun 2026." in text_of(answer)
    assert queries.manager_of(poyraz.holly, date(2026, 7, 1)) is None
    other = body | {"entity": 10**9}
    assert visitor("olga").post(f"/records/person/P-{poyraz.holly}/end", other).status_code == 404


def test_somebody_new_joins_with_team_and_manager(poyraz, visitor):
    body = {
        "name": "Ece Bulut", "email": "Ece@poyraz.example", "hired_on": "2026-06-01", "team": f"T-{poyraz.west}",
        "role": "rep", "manager": f"P-{poyraz.mia}", "country": "tr", "reason": "hired",
    }  # fmt: skip
    olga = visitor("olga")
    answer = olga.post("/records/people/new", body, follow=True)
    assert "<h1>Ece Bulut</h1>" in text_of(answer)
    ece = queries.resolve("person", "ece@poyraz.example")
    assert queries.team_tree(date(2026, 5, 31)).team_of(ece) is None
    assert queries.team_tree(date(2026, 6, 1)).team_of(ece) == poyraz.west
    again = olga.post("/records/people/new", body)
    assert "belongs to P-" in text_of(again)
    assert again.status_code == 400
    assert olga.get("/records/people/new").status_code == 200
    assert visitor("mia").get("/records/people/new").status_code == 403


def test_details_of_a_person_are_changed_and_wrong_codes_are_said(poyraz, visitor):
    olga = visitor("olga")
    body = {"name": "Holly Işık", "currency": "XXL", "reason": "typo"}
    answer = olga.post(f"/records/person/P-{poyraz.holly}/edit", body)
    assert (answer.status_code, "“XXL” is no currency." in text_of(answer)) == (400, True)
    body |= {"currency": "try", "country": "TR", "time_zone": "Europe/Istanbul"}
    assert olga.post(f"/records/person/P-{poyraz.holly}/edit", body).status_code == 302
    (row,) = queries.rows("person", entities=[poyraz.holly])
    assert (row["currency"], row["country"], row["email"]) == ("TRY", "TR", None)


def test_the_tree_of_teams_stands_as_it_was_on_its_day(poyraz, visitor):
    olga = visitor("olga")
    (row,) = queries.rows("team", entities=[poyraz.west])
    body = {
        "name": "West", "kind": "sales", "parent": f"T-{poyraz.east}", "on": "2026-06-10", "reason": "joins East",
        "based_on": f"{row['last_batch']}:{row['last_ord']}",
    }  # fmt: skip
    assert olga.post(f"/records/team/T-{poyraz.west}/edit", body).status_code == 302
    now, then = text_of(olga.get("/records/teams/")), text_of(olga.get("/records/teams/?as_of=2026-06-09"))
    assert [page.count('aria-level="3"') for page in (now, then)] == [1, 0]
    circle = body | {"parent": f"T-{poyraz.west}", "name": "East", "based_on": ""}
    refused = olga.post(f"/records/team/T-{poyraz.east}/edit", circle)
    assert (refused.status_code, "Choose one of the list." in text_of(refused)) == (422, True)


def test_a_team_is_made_filled_and_ended(poyraz, visitor):
    olga = visitor("olga")
    made = olga.post(
        "/records/teams/new",
        {"name": "North", "kind": "sales", "parent": f"T-{poyraz.sales}", "on": "2026-06-01", "reason": "grows"},
        follow=True,
    )
    assert "<h1>North</h1>" in text_of(made)
    north = queries.resolve("team", "North")
    body = {"person": f"P-{poyraz.holly}", "on": "2026-06-05", "role": "rep", "reason": "first one"}
    page = text_of(olga.post(f"/records/team/T-{north}/bring", body, follow=True))
    assert "Holly Işık comes on 5 Jun 2026." in page
    assert "North" not in text_of(olga.get("/records/teams/?as_of=2026-05-31"))
    ended = olga.post(f"/records/team/T-{north}/end", {"last": "2026-06-18", "reason": "too small"}, follow=True)
    assert "This team does not live on 20 Jun 2026." in text_of(ended)
    assert queries.members_on(north, date(2026, 6, 18)) == [poyraz.holly]
    refused = olga.post(f"/records/team/T-{poyraz.sales}/end", {"last": "2026-06-18", "reason": "no"})
    assert "Teams stand under it: East, West." in text_of(refused)


def test_a_manager_sees_of_a_team_the_members_that_are_led(poyraz, visitor):
    page = text_of(visitor("mia").get(f"/records/team/T-{poyraz.east}"))
    assert "Holly Işık" in page
    assert visitor("mia").get(f"/records/team/T-{poyraz.west}").status_code == 404
    rep = text_of(visitor("holly").get(f"/records/team/T-{poyraz.east}"))
    assert ["Mia Çelik" in rep, "You see the members that you lead." in rep] == [False, True]


def test_prices_follow_each_other_by_day_and_currency(poyraz, visitor):
    olga = visitor("olga")
    address = f"/records/product/G-{poyraz.product}"
    for amount, on in (("1.200,50", "2026-01-01"), ("1.300", "2026-07-01"), ("1.250,00", "2026-04-01")):
        body = {"amount": amount, "currency": "eur", "on": on, "reason": "list of the year"}
        assert olga.post(f"{address}/price", body).status_code == 302
    page = text_of(olga.get(address))
    for line in ("1 Jan 2026 – 31 Mar 2026", "1 Apr 2026 – 30 Jun 2026", "since 1 Jul 2026", "€1,250.00"):
        assert line in page
    assert "€1,250.00" in text_of(olga.get("/records/products/"))
    assert "€1,200.50" in text_of(olga.get("/records/products/?as_of=2026-03-31&q=pump"))
    wrong = olga.post(f"{address}/price", {"amount": "1,5", "currency": "JPY", "on": ON, "reason": "x"})
    assert "“1,5” has too many decimals: JPY has 0." in text_of(wrong)
    (last,) = [row for row in queries.rows("price") if row["from_day"] == date(2026, 7, 1)]
    body = {"kind": "price", "entity": last["entity"], "last": "2026-12-31", "reason": "ends"}
    assert olga.post(f"{address}/end", body).status_code == 302
    assert olga.get("/records/products/new").status_code == 200
    made = olga.post("/records/products/new", {"name": "Valve", "code": "V-9", "reason": "new"}, follow=True)
    assert "<h1>Valve</h1>" in text_of(made)
    assert visitor("mia").get("/records/products/").status_code == 403


def test_rates_are_set_corrected_pasted_and_missing_ones_listed(poyraz, visitor):
    olga = visitor("olga")
    assert "1 currency has no rate." in text_of(olga.get("/records/currencies/"))
    rate = {"base": "EUR", "quote": "USD", "rate": "1,08", "day": "2026-01-01", "set": "budget", "reason": "plan"}
    assert olga.post("/records/currencies/rate", rate).status_code == 302
    assert olga.post("/records/currencies/rate", rate | {"rate": "1.085"}).status_code == 302
    page = text_of(olga.get("/records/currencies/"))
    assert "Every currency in use has its rate." in page
    assert ["1.085" in page, "1.08<" in page] == [True, False]
    lines = "day;base;quote;rate\n17.11.2026;EUR;TRY;47,25\n2026-11-18;EUR;TRY;47,5\n"
    pasted = olga.post("/records/currencies/lines", {"lines": lines, "set": "daily", "reason": "bank"}, follow=True)
    assert "2 rates were taken." in text_of(pasted)
    bad = olga.post("/records/currencies/lines", {"lines": "2026-11-18 EUR XXL 2", "set": "daily", "reason": "bank"})
    assert 'line 1: "XXL" is no currency' in text_of(bad)
    (one,) = queries.list_rates("budget")
    dropped = olga.post("/records/currencies/drop", {"entity": one.entity, "set": "budget", "reason": "wrong"})
    assert dropped.status_code == 302
    assert queries.list_rates("budget") == []
    assert visitor("fin").post("/records/currencies/rate", rate).status_code == 403


def test_two_accounts_become_one_and_two_again(poyraz, visitor):
    olga = visitor("olga")
    page = text_of(olga.get("/records/duplicates/"))
    assert "same web domain" in page
    pair = {"kind": "account", "entity": poyraz.acme, "other": poyraz.twin}
    merged = olga.post("/records/duplicates/merge", pair | {"survivor": poyraz.acme, "reason": "same"}, follow=True)
    assert "They are one now." in text_of(merged)
    gone = text_of(olga.get(f"/records/account/A-{poyraz.twin}"))
    assert "This record is part of another one:" in gone
    split = olga.post("/records/duplicates/split", {"kind": "account", "loser": poyraz.twin}, follow=True)
    assert "They are two again." in text_of(split)
    apart = olga.post("/records/duplicates/apart", pair | {"reason": "other city"}, follow=True)
    assert "No suspects here." in text_of(apart)
    none = olga.post("/records/duplicates/merge", pair | {"survivor": 1})
    assert (none.status_code, "Choose which of the two stays." in text_of(none)) == (400, True)
    assert visitor("fin").post("/records/duplicates/merge", pair).status_code == 403


def test_accounts_contacts_and_leads_are_listed_in_scope_with_what_belongs_to_them(poyraz, visitor):
    olga = visitor("olga")
    assert "2 records." in text_of(olga.get("/records/accounts/"))
    assert "Acme" in text_of(olga.get("/records/accounts/?q=acme"))
    account = text_of(olga.get(f"/records/account/A-{poyraz.acme}"))
    for word in ("Jo Neu", "Pumps", "Holly Işık"):
        assert word in account
    assert "1 record." in text_of(visitor("holly").get("/records/accounts/"))
    assert visitor("holly").get(f"/records/account/A-{poyraz.twin}").status_code == 404
    assert "Jo Neu" in text_of(olga.get("/records/contacts/?q=jo@acme"))
    assert "Yeni AŞ" in text_of(olga.get("/records/leads/?q=yeni"))
    for address in ("/records/lead/A-1", "/records/moon/A-1", "/records/account/A-999999999", "/records/other/"):
        assert olga.get(address).status_code == 404


def test_pages_speak_turkish(poyraz, visitor):
    page = text_of(visitor("olga", "tr").get(f"/records/person/P-{poyraz.holly}"))
    for words in ("Kişiler", "Başka ekibe taşı", "Neden"):
        assert words in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_people_takes_as_many_questions_for_three_as_for_one(
    poyraz, visitor, rows, django_assert_max_num_queries
):
    for number in range(rows):
        services.create(kind="person", fields={"name": f"New {number}"}, effective_us=0, actor="olga")
    olga = visitor("olga")
    olga.get("/records/people/")
    with django_assert_max_num_queries(20):
        olga.get("/records/people/")

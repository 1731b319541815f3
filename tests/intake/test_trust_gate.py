"""The gate with a home: what imports leave, the trust of a question in its slice, rules by two people, the page."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hedef import cli
from hedef.access.models import User
from hedef.access.services import create_user
from hedef.definitions.services import add, approve, simulate
from hedef.facts.queries import ask, pin, trust_of
from hedef.intake.models import ImportJob, TrustProfile, TrustState
from hedef.intake.queries import check, newest_states
from hedef.intake.queries import trust_of as gate
from hedef.intake.services import run_import
from hedef.kernel.errors import InvalidDocument, Refused
from hedef.kernel.instants import to_us
from hedef.kernel.trust import Slice
from hedef.ledger.queries import head
from hedef.settings import now
from tests.intake.support import PIPELINE, write_csv


def deals(
    tmp_path: Path, rows: int, *, bad: int = 0, name: str = "deals.csv", first: int = 1, amount: int = 100
) -> Path:
    """Won deals of nobody; the last `bad` rows closed on a day that no calendar has."""
    told = []
    for one in range(first, first + rows):
        day = "2017-02-31" if one > first + rows - 1 - bad else "2017-03-20"
        told.append((f"D{one}", "", "", "", "Won", "2017-03-01", day, str(amount)))
    return write_csv(tmp_path / name, PIPELINE, told)


def take(file: Path, **more):
    return run_import(files=[file], **{"source": "acme", "yes": True, "actor": "local"} | more).files[0]


def state(**given) -> TrustState:
    values = {"source": "acme", "object": "deal", "check_name": "domain", "level": "blocked", "measured": 1000}
    values |= {"bound": 300, "rows": 10, "judged": 100, "batch": None, "seal_no": head().seal_no, "file_name": "d.csv"}
    ImportJob.objects.get_or_create(
        source="acme", object="deal", defaults={"file_name": "d.csv", "actor": "x", "started_us": 1, "state": "done"}
    )
    return TrustState.objects.create(**values | given)


@pytest.fixture
def clients(home, client):
    def as_user(name: str, *roles: str):
        made = create_user(username=name, name=name.title(), roles=list(roles), now=now())
        client.force_login(made, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_user


# --- what imports leave -----------------------------------------------------------------------------------------------


def test_an_import_leaves_states_with_file_and_rows_and_a_profile_of_counts(home, tmp_path):
    answer = take(deals(tmp_path, 50, bad=1))
    assert answer.trust.level == "caution" or answer.trust.level == "blocked"
    one = next(found for found in newest_states() if found.check_name == "domain")
    assert (one.rows, one.judged, one.measured, one.level, one.file_name) == (1, 50, 200, "caution", "deals.csv")
    kept = TrustProfile.objects.get()
    assert (kept.source, kept.object, kept.seal_no) == ("acme", "deal", answer.seal_no)
    assert kept.profile["rows"] == 50
    assert "Deal" not in json.dumps(kept.profile)


def test_from_the_fourth_import_on_what_was_usual_counts(home, tmp_path):
    for number in range(3):
        take(deals(tmp_path, 40, name=f"{number}.csv", first=1 + number, amount=100 + number), scope="full")
    answer = take(deals(tmp_path, 100, name="more.csv", amount=500), scope="full")
    found = {one.check_name: (one.level, one.what) for one in newest_states(objects=["deal"])}
    assert found["completeness"] == ("blocked", "rows")
    assert answer.trust.level == "blocked"


def test_what_was_undone_says_nothing_any_more(home, tmp_path):
    from hedef.records.services import undo_batch

    take(deals(tmp_path, 50))
    bad = take(deals(tmp_path, 50, bad=10, name="bad.csv", amount=300))
    assert gate(objects="deal").level == "blocked"
    undo_batch(int((bad.batch or "").removeprefix("B-")), actor="local", reason="wrong file")
    assert gate(objects="deal").level == "trusted"
    assert gate(objects="deal", known_no=bad.seal_no).level == "blocked"


# --- the trust of a question ------------------------------------------------------------------------------------------


def test_a_question_carries_the_worst_of_what_it_reads_and_of_nothing_else(home):
    state(object="activity")
    state(check_name="uniqueness", level="caution")
    assert gate(objects="activity").level == "blocked"
    assert gate(objects=["deal"]).level == "caution"
    assert gate(objects=["deal", "activity"]).level == "blocked"
    assert gate(objects="order").level == "unknown"
    assert gate("other").level == "unknown"


def test_a_history_of_deals_counts_for_deals(home):
    state(object="deal_history", check_name="history", level="caution")
    assert gate(objects="deal").level == "caution"


def test_the_newest_measurement_of_a_check_counts_and_an_old_number_keeps_its_own(home, tmp_path):
    take(deals(tmp_path, 10))
    state(seal_no=1)
    state(level="trusted", rows=0, seal_no=head().seal_no + 1)
    assert gate(objects="deal").level == "trusted"
    assert gate(objects="deal", known_no=1).level == "blocked"


def test_in_a_slice_only_the_rows_of_its_people_and_months_count(home):
    state(slices=[[7, "2026-10", 10, 20], [8, "2026-11", 0, 80]])
    assert gate(objects="deal").level == "blocked"
    assert gate(objects="deal", slice=Slice(people=frozenset({8}))).level == "trusted"
    assert gate(objects="deal", slice=Slice(months=("2026-11", "2026-12"))).level == "trusted"
    told = gate(objects="deal", slice=Slice(people=frozenset({7})))
    assert (told.level, [str(one) for one in told.reasons]) == (
        "blocked", ["deal of acme: 10 of 20 rows were rejected"],
    )  # fmt: skip


def test_a_stale_source_is_said_at_the_moment_of_the_question(home):
    state(level="trusted", rows=0)
    ImportJob.objects.all().delete()
    days = [datetime(2026, 10, day, 12, tzinfo=UTC) for day in (5, 12, 19, 26)]
    for one in days:
        ImportJob.objects.create(
            source="acme", object="deal", file_name="d.csv", actor="x", started_us=to_us(one), state="done"
        )
    last = to_us(days[-1])
    week = 7 * 86_400_000_000
    assert gate(objects="deal", asked_us=last + week).level == "trusted"
    assert gate(objects="deal", asked_us=last + 2 * week).level == "caution"
    blocked = gate(objects="deal", asked_us=last + 4 * week)
    assert blocked.level == "blocked"
    assert str(blocked.reasons[0]) == (
        "deal of acme: nothing came since 2026-10-26; usually something comes every 7 days"
    )
    before = gate(objects="deal", asked_us=to_us(days[0]) - week)
    assert (before.level, before.history_starts) == ("trusted", date(2026, 10, 5))


def test_an_answer_from_the_facts_carries_the_gate_at_its_pin(home, tmp_path):
    from hedef.facts.queries import Question

    take(deals(tmp_path, 20))
    question = Question("x", "SELECT count(*) AS deals FROM deal_now", tables=("deal_now",))
    assert ask(question, pin=pin()).trust.level == "trusted"
    take(deals(tmp_path, 20, bad=5, name="bad.csv", amount=200))
    assert ask(question, pin=pin()).trust.level == "blocked"
    assert ask(question, pin=pin(known_no=head().seal_no - 1)).trust.level == "trusted"
    assert trust_of((), pin=pin()).level == "unknown"


# --- rules ------------------------------------------------------------------------------------------------------------

RULES = """
kind: trust-rules
id: acme
name: {en: Limits of acme, tr: Acme sınırları}
owner: defne
source: acme
objects:
  deal:
    rhythm: {days: 1}
    limits: {domain: {caution: 1000, blocked: 2000}}
"""


def test_rules_say_before_they_count_which_levels_would_change_and_need_a_second_person(home, tmp_path):
    for name in ("defne", "fatma"):
        create_user(username=name, name=name, roles=["finance"], now=now())
    take(deals(tmp_path, 100, bad=5))
    add(actor="defne", text=RULES)
    told = simulate(kind="trust-rules", id="acme", actor="defne")
    assert told.result == {
        "changed": [
            {"source": "acme", "object": "deal", "check": "domain", "level": "blocked", "would_be": "trusted",
             "measured": 500}
        ]
    }  # fmt: skip
    with pytest.raises(Refused, match="second person"):
        approve(kind="trust-rules", id="acme", actor="defne")
    assert gate(objects="deal").level == "blocked"
    approve(kind="trust-rules", id="acme", actor="fatma")
    assert gate(objects="deal").level == "trusted"
    after = take(deals(tmp_path, 100, bad=6, name="next.csv", amount=7))
    assert after.trust.level == "trusted", after.trust
    later = gate(objects="deal", asked_us=to_us(now() + timedelta(days=2)))
    assert (later.level, later.reasons[0].code) == ("caution", "freshness")


def test_no_rules_let_a_difference_of_sums_pass(home):
    text = RULES.replace("domain: {caution: 1000, blocked: 2000}", "reconciliation: {caution: 10, blocked: 20}")
    with pytest.raises(InvalidDocument, match="any difference of a reconciliation blocks"):
        add(actor="defne", text=text)
    with pytest.raises(InvalidDocument, match="blocked lies below caution"):
        add(actor="defne", text=RULES.replace("caution: 1000, blocked: 2000", "caution: 20, blocked: 10"))


# --- faces ------------------------------------------------------------------------------------------------------------


def test_check_names_rows_next_step_and_trend_and_exits_by_the_level(home, tmp_path, capsys):
    take(deals(tmp_path, 50))
    take(deals(tmp_path, 50, bad=5, name="bad.csv", amount=200))
    code = cli.run(["--home", str(home), "check", "--source", "acme", "--json"])
    told = json.loads(capsys.readouterr().out)
    domain = next(one for one in told["checks"] if one["check"] == "domain")
    assert code == 3
    assert (domain["rows"], domain["judged"], domain["trend"]) == (5, 50, ["trusted", "blocked"])
    assert domain["file"] == "bad.csv"
    assert domain["next_step"].startswith("Mend the rejected rows: hedef import rejects-B-")
    assert cli.run(["--home", str(home), "check", "--source", "nobody"]) == 2


def test_the_page_of_sources_shows_what_blocks_and_takes_an_override_of_two_people(clients, tmp_path):
    take(deals(tmp_path, 50, bad=5))
    defne = clients("defne", "operations")
    page = defne.get("/intake/sources/").text
    assert "1 check blocks." in page, page[page.find("lead-line") :][:900]
    assert "5 of 50 rows were rejected" in page
    assert "Mend the rejected rows on the page of the import." in page
    form = {"source": "acme", "check": "domain", "reason": "a closed firm", "until": now().date().isoformat()}
    fatma = User.objects.get(username=create_user(username="fatma", name="F", roles=["finance"], now=now()).username)
    assert "waits for a second person" in defne.post("/intake/overrides/ask", form, follow=True).text
    refused = defne.post("/intake/overrides/1/agree", follow=True).text
    assert "a second person agrees to it" in refused
    defne.force_login(fatma, backend="django.contrib.auth.backends.ModelBackend")
    agreed = defne.post("/intake/overrides/1/agree", follow=True).text
    assert "passed by two people" in agreed
    assert "Agreed by fatma." in agreed


def test_the_page_of_sources_is_turkish_for_turkish_readers_and_closed_to_reps(clients, tmp_path):
    take(deals(tmp_path, 50, bad=5))
    page = clients("defne", "operations").get("/intake/sources/", headers={"Accept-Language": "tr"}).text
    assert "50 satırın 5 tanesi alınmadı" in page
    assert clients("deniz", "rep").get("/intake/sources/").status_code == 403


def test_sources_ask_a_fixed_number_of_questions(clients, django_assert_max_num_queries):
    for number in range(6):
        state(source=f"s{number}", level="caution")
        ImportJob.objects.create(
            source=f"s{number}", object="deal", file_name="d", actor="x", started_us=1, state="done"
        )
    browser = clients("defne", "operations")
    browser.get("/intake/sources/")
    with django_assert_max_num_queries(40):
        browser.get("/intake/sources/")


def test_checks_of_the_command_line_include_what_was_checked_of_every_source(home, tmp_path):
    take(deals(tmp_path, 50))
    found = check(asked_us=to_us(now()))
    assert found.exit_code == 0
    assert {one["check"] for one in found.as_json()["checks"]} == {
        "domain",
        "reconciliation",
        "referential",
        "uniqueness",
    }

"""What the gate lets out: refusals that say what to do, overrides by two people, boards told again to the byte."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hedef.access.services import create_user
from hedef.facts.queries import pin
from hedef.intake.models import ImportJob
from hedef.intake.trust.overrides import agree_override, ask_override, end_override, overrides
from hedef.kernel.errors import NotFound, Refused, WrongUse
from hedef.kernel.trust import Reason, Trust
from hedef.publications.gate import require_trust
from hedef.publications.queries import publication
from hedef.publications.replaying import register_teller, replay
from hedef.publications.services import publish

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 17)
NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)
NOW_US = 1_800_000_000_000_000
DOMAIN = Reason(
    "domain", "blocked", "acme", "deal", rows=40, judged=1000, measured=400, limit=300, batch=7, file="d.csv"
)
SUMS = Reason("reconciliation", "blocked", "acme", "deal", rows=3, judged=1000, batch=7, file="d.csv")
BLOCKED = Trust("blocked", (DOMAIN,))


@pytest.fixture
def acme(home):
    ImportJob.objects.create(source="acme", object="deal", file_name="d.csv", actor="holly", started_us=1, state="done")
    create_user(username="holly", name="Holly", roles=["operations"], now=NOON)
    create_user(username="frank", name="Frank", roles=["finance"], now=NOON)


def asked(**given):
    values = {"source": "acme", "object_": "deal", "check": "domain", "reason": "the rows are of a closed firm"}
    values |= {"until": date(2026, 11, 30), "actor": "holly", "today": TODAY, "now_us": NOW_US}
    return ask_override(**values | given)


def agreed(number, actor="frank", today=TODAY):
    return agree_override(number, actor=actor, today=today, now_us=NOW_US)


def published(trust, made_at=NOON):
    values = {"kind": "scoreboard", "subject": "2017-Q3", "body": {"a": "1.00"}, "definitions": {}, "pin": pin()}
    return publish(**values, as_of_us=None, trust=trust, actor="holly", made_at=made_at)


def test_the_refusal_names_check_rows_file_and_next_step(home):
    with pytest.raises(Refused) as refused:
        require_trust(Trust("blocked", (DOMAIN, SUMS)), what="The board", today=TODAY)
    fault = refused.value
    assert fault.message == (
        "The board rests on blocked data: deal of acme: 40 of 1000 rows were rejected; "
        "deal of acme: file and ledger differ by 3."
    )
    assert fault.hint == "Mend the rejected rows: hedef import rejects-B-7.csv --fixes B-7."
    assert [(one.code, one.source.file) for one in fault.issues] == [
        ("domain_blocked", "d.csv"), ("reconciliation_blocked", "d.csv"),
    ]  # fmt: skip
    assert (fault.error_code, fault.exit_code, fault.http_status) == ("trust_blocked", 3, 409)


@pytest.mark.parametrize("level", ["trusted", "caution", "unknown"])
def test_only_blocked_data_is_refused(home, level):
    assert require_trust(Trust(level, (DOMAIN,)), what="The board", today=TODAY) == ()


def test_an_override_by_two_people_lets_it_pass_and_stands_on_the_publication(acme):
    plain = published(Trust("trusted"))
    one = asked()
    with pytest.raises(Refused):
        published(BLOCKED)
    agreed(one.number)
    made = published(BLOCKED)
    line = f"{one.number}: domain of deal of acme until 2026-11-30, holly and frank: the rows are of a closed firm"
    assert made.overrides == [line]
    assert made.as_json()["overrides"] == [line]
    assert made.said_trust["reasons"] == ["deal of acme: 40 of 1000 rows were rejected"]
    assert made.fingerprint != plain.fingerprint


def test_who_asked_for_an_override_does_not_agree_to_it(acme):
    one = asked()
    with pytest.raises(Refused, match="a second person agrees") as refused:
        agreed(one.number, actor="holly")
    assert refused.value.hint == "These may: frank."
    assert overrides(today=TODAY, living=True) == []


def test_where_nobody_else_may_agree_the_asker_may_and_the_override_says_so(home):
    ImportJob.objects.create(source="acme", object="deal", file_name="d.csv", actor="holly", started_us=1, state="done")
    assert agreed(asked(actor="local").number, actor="local").self_agreed


def test_after_its_last_day_the_same_publication_is_refused_again(acme):
    one = asked()
    agreed(one.number)
    last = datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert published(BLOCKED, made_at=last).trust == "blocked"
    with pytest.raises(Refused, match="40 of 1000 rows were rejected"):
        published(BLOCKED, made_at=last + timedelta(days=1))
    assert [found.state for found in overrides(today=date(2026, 12, 1))] == ["over"]


def test_an_override_that_was_ended_counts_no_longer(acme):
    one = asked()
    agreed(one.number)
    assert end_override(one.number, actor="frank", today=TODAY, now_us=NOW_US).state == "ended"
    with pytest.raises(Refused):
        published(BLOCKED)
    with pytest.raises(Refused, match="is ended"):
        agreed(one.number)


def test_an_override_passes_its_own_source_object_and_check_only(acme):
    agreed(asked().number)
    with pytest.raises(Refused) as refused:
        published(Trust("blocked", (DOMAIN, SUMS)))
    assert "differ by 3" in refused.value.message
    assert "rejected" not in refused.value.message
    agreed(asked(check=None).number)
    assert published(Trust("blocked", (DOMAIN, SUMS))).overrides


def test_an_override_needs_a_reason_a_known_check_and_an_end(acme):
    for wrong in ({"reason": " "}, {"check": "beauty"}, {"until": date(2026, 11, 16)}, {"until": date(2027, 11, 17)}):
        with pytest.raises(WrongUse):
            asked(**wrong)
    with pytest.raises(NotFound, match="no source"):
        asked(source="other")


def test_a_publication_that_differs_says_where(home):
    made = published(Trust("trusted"))
    with pytest.raises(Refused, match="cannot be told again"):
        replay(publish(kind="note", subject="x", body={}, definitions={}, pin=pin(), as_of_us=None,
                       trust=Trust("trusted"), actor="a", made_at=NOON).no)  # fmt: skip
    register_teller("told", lambda one: {"a": "1.00", "rows": [{"b": 2}]})
    other = publish(kind="told", subject="x", body={"a": "1.00", "rows": [{"b": 1}]}, definitions={}, pin=pin(),
                    as_of_us=None, trust=Trust("trusted"), actor="a", made_at=NOON)  # fmt: skip
    found = replay(other.no)
    assert (found.equal, found.head_equal, found.places) == (False, True, ("rows[0].b",))
    assert publication(made.no).overrides == []

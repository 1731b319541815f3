"""The house against its own demo: what the plain story adds up to is what the boards say, to the cent."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from hedef.demo import answers, cast, plans
from hedef.demo.story import BUDGET_RATE, Story, instant, tell
from hedef.kernel.money import round_half_away
from hedef.kernel.scope import EVERYTHING

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


@pytest.fixture
def company(tmp_path, settings, db):
    """The demo, filled in the test's own data folder."""
    from dataclasses import replace

    settings.HEDEF = replace(
        settings.HEDEF,
        home=tmp_path / "home",
        demo=True,
        today=cast.FIRST_DAY,  # the clock of a fresh demo home; filling moves it to today
        currency="EUR",
        time_zone=cast.ZONE,
        country="TR",
    )
    settings.HEDEF.home.mkdir()
    from hedef.definitions.services import ensure_shipped
    from hedef.demo.build import fill

    ensure_shipped()
    fill()
    return settings.HEDEF.home


def _show(metric: str, period: str):
    from hedef.metrics.queries import show

    return show(metric, period=period, as_of=cast.TODAY)


def test_the_story_is_the_same_every_time(story):
    again = tell()
    assert again.events == story.events
    assert [life.amount_minor for life in again.lives] == [life.amount_minor for life in story.lives]


def test_the_story_has_its_messy_edges(story):
    deals = [event for event in story.events if event.kind == "deal"]
    closed = [event for event in deals if event.fields.get("status") in {"won", "lost"}]
    reopened = [
        event for event in deals if event.fields.get("status") == "open" and event.fields.get("lost_reason", 1) is None
    ]
    late = [event for event in deals if (event.known - _day(event.effective_us)).days >= 7]
    assert len(story.lives) > 4_000
    assert len(closed) > 4_000
    assert len(reopened) > 20
    assert len(late) > 10
    assert any(life.owner is None for life in story.lives)
    assert sum(bool(life.splits) for life in story.lives) > 40


def _day(moment_us: int) -> date:
    return (
        (datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC")) + timedelta(microseconds=moment_us))
        .astimezone(ZoneInfo(cast.ZONE))
        .date()
    )


def test_an_instant_is_told_in_the_companys_zone():
    assert instant(date(2026, 11, 17), 60) == 1_794_866_400_000_000  # 2026-11-16T22:00:00Z


def test_every_board_number_of_the_demo_is_the_storys_own_sum(company, story):
    from hedef.targets.queries import scoreboard

    board = scoreboard(period="2026-Q4", as_of=cast.TODAY, by="person", scope=EVERYTHING).as_json()
    names = {rep.name: rep.key for rep in cast.REPS}
    told = answers.won_by_person(story, "2026-Q4")
    quotas = {rep: value for rep, _, value in plans.lines(date(2026, 7, 1), ("2026-Q4",))}
    seen = 0
    for row in board["rows"]:
        rep = names.get(row["name"])
        if rep is None or rep == "halil":
            continue
        exact = sum(
            (Fraction(amount, BUDGET_RATE[2026] if currency == "TRY" else 1))
            for (person, currency), amount in told.items()
            if person == f"person:{rep}"
        )
        assert row["actual"] == f"{round_half_away(exact) / 100:.2f}", rep
        assert row["target"] == f"{quotas[rep]}.00", rep
        seen += 1
    assert seen == 24
    assert board["total"]["target"] == "4800000.00"
    total = sum(
        Fraction(amount, BUDGET_RATE[2026] if currency == "TRY" else 1) for (_, currency), amount in told.items()
    )
    assert board["total"]["actual"] == f"{round_half_away(total) / 100:.2f}"


def test_win_rate_and_counts_are_the_storys_own(company, story):
    for period, (won, decided) in answers.decided(story).items():
        shown = _show("win_rate", period)
        assert (shown["parts"]["numerator"], shown["parts"]["denominator"]) == (won, decided), period


def test_open_deals_today_are_the_storys_own(company, story):
    assert _show("open_deals", "2026-Q4")["value"] == answers.open_deals(story)


def test_every_batch_and_records_of_every_kind_open(company, client):
    from django.contrib.auth import get_user_model

    from hedef.cli import run
    from hedef.kernel.ids import spell
    from hedef.ledger.browsing import sealed_of_kind
    from hedef.records.models import MODELS

    defne = get_user_model().objects.get(username="defne")
    client.force_login(defne, backend="django.contrib.auth.backends.ModelBackend")
    numbers = [one.pk for kind in ("import", "edit", "definition") for one in sealed_of_kind(kind)]
    assert len(numbers) > 100
    assert [one for one in numbers if client.get(f"/ledger/batches/{one}/").status_code != 200] == []
    some = [
        spell(kind, entity)
        for kind, model in MODELS.items()
        for entity in model.objects.order_by("entity").values_list("entity", flat=True)[:2]
    ]
    assert [one for one in some if client.get(f"/ledger/entities/{one}/").status_code != 200] == []
    assert run(["ledger", "show", "B-3", "--json"]) == 0
    assert all(run(["ledger", "show", "--entity", one, "--json"]) == 0 for one in some)


def test_facts_and_ledger_of_the_demo_verify(company):
    from hedef.facts.services import verify
    from hedef.ledger.queries import verify as verify_ledger

    assert verify_ledger() == []
    _, differences = verify()
    assert differences == []

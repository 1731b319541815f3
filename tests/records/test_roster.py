"""Moves, joiners, leavers, managers and absences: what changes from a day on, and what stays as it was before."""

from datetime import date

import pytest

from hedef.kernel.errors import Refused, WrongUse
from hedef.ledger.services import writing
from hedef.records import queries, services
from hedef.records.engine.kinds import ALWAYS_US
from hedef.records.engine.roster import split_issues

pytestmark = pytest.mark.django_db

MAY, JUNE, MID_JUNE = date(2026, 5, 1), date(2026, 6, 1), date(2026, 6, 15)
SAID = {"actor": "defne", "reason": "said by hand"}


@pytest.fixture
def company():
    """Holly and Ali in East, under Sales; West stands beside it; Mert manages Holly."""
    made = {}
    with writing(kind="import", actor="local") as batch:

        def make(kind, **fields):
            return services.create(kind=kind, fields=fields, effective_us=ALWAYS_US, actor="local", batch=batch)

        for name, parent in (("Sales", None), ("East", "Sales"), ("West", "Sales")):
            made[name] = make("team", name=name, parent=made.get(parent), handle=name.lower())
        for name in ("Holly Işık", "Ali Isık", "Mert Ak"):
            made[name.split()[0]] = make("person", name=name, email=f"{name.split()[0].lower()}@poyraz.example")
        for name in ("Holly", "Ali"):
            make("membership", person=made[name], team=made["East"], role="rep", primary=True)
        make("manager_line", person=made["Holly"], manager=made["Mert"], line="solid")
    return made


def teams_of(person: int, day: date) -> list[int]:
    return [one.team for one in queries.team_tree(day).memberships_of(person)]


def test_rep_moves_team_mid_month(company):
    services.move_person(person=company["Holly"], team=company["West"], on=MID_JUNE, **SAID)
    before, after = queries.team_tree(date(2026, 6, 14)), queries.team_tree(MID_JUNE)
    assert (before.team_of(company["Holly"]), after.team_of(company["Holly"])) == (company["East"], company["West"])
    assert queries.members_on(company["East"], MAY) == [company["Holly"], company["Ali"]]
    stays = [one for one in queries.person_spans(company["Holly"]) if one.kind == "membership"]
    assert [(one.from_day, one.to_day) for one in stays] == [(MID_JUNE, None), (None, MID_JUNE)]


def test_a_move_that_was_seen_otherwise_is_refused(company):
    shown = queries.person_spans(company["Holly"])
    seen = next(one for one in shown if one.kind == "membership")
    services.move_person(person=company["Holly"], team=company["West"], on=JUNE, **SAID)
    with pytest.raises(Refused, match="Somebody changed this meanwhile"):
        services.move_person(
            person=company["Holly"],
            team=company["Sales"],
            on=MID_JUNE,
            seen=services.Seen(seen.entity, *seen.last),
            **SAID,
        )
    with pytest.raises(Refused, match=r"moves to T-.* on 2026-06-01 already"):
        services.move_person(person=company["Holly"], team=company["Sales"], on=MAY, **SAID)


def test_a_move_to_where_the_person_is_says_so(company):
    with pytest.raises(WrongUse, match=r"is in T-.* on 2026-05-01 already"):
        services.move_person(person=company["Ali"], team=company["East"], on=MAY, **SAID)


def test_two_teams_with_shares(company):
    services.join_team(
        person=company["Ali"], team=company["West"], from_day=JUNE, share_bp=4_000, primary=False, **SAID
    )
    assert teams_of(company["Ali"], MAY) == [company["East"]]
    assert teams_of(company["Ali"], JUNE) == [company["East"], company["West"]]
    assert queries.team_tree(JUNE).team_of(company["Ali"]) == company["East"]
    assert queries.roster_issues(queries.team_tree(JUNE)) == []


def test_overlapping_ranges_in_one_team_and_two_main_teams_are_refused(company):
    with pytest.raises(Refused, match="would be twice in T-") as twice:
        services.join_team(person=company["Ali"], team=company["East"], from_day=JUNE, primary=False, **SAID)
    assert twice.value.error_code == "overlap_membership"
    with pytest.raises(Refused, match="would have two main teams from 2026-06-01"):
        services.join_team(person=company["Ali"], team=company["West"], from_day=JUNE, **SAID)
    assert teams_of(company["Ali"], JUNE) == [company["East"]]


def test_shares_above_all_of_a_person_are_pointed_out(company):
    for team, share in (("West", 7_000), ("Sales", 4_000)):
        services.join_team(
            person=company["Ali"], team=company[team], from_day=JUNE, share_bp=share, primary=False, **SAID
        )
    (issue,) = queries.roster_issues(queries.team_tree(JUNE))
    assert (issue.code, issue.level) == ("overlap_membership", "warning")
    assert "add up to 110 %" in issue.message


def test_manager_without_team(company):
    services.set_manager(person=company["Ali"], manager=company["Mert"], on=JUNE, **SAID)
    tree = queries.team_tree(JUNE)
    assert tree.team_of(company["Mert"]) is None
    assert tree.led_by(company["Mert"]).people == {company["Holly"], company["Ali"]}
    assert queries.team_tree(MAY).led_by(company["Mert"]).people == {company["Holly"]}
    assert queries.reports(company["Mert"], JUNE) == [company["Holly"], company["Ali"]]


def test_manager_cycle_is_refused_with_its_way(company):
    services.set_manager(person=company["Ali"], manager=company["Holly"], on=JUNE, **SAID)
    holly, ali, mert = (company[name] for name in ("Holly", "Ali", "Mert"))
    with pytest.raises(Refused, match=f"P-{mert} -> P-{ali} -> P-{holly} -> P-{mert}") as refused:
        services.set_manager(person=mert, manager=ali, on=MID_JUNE, **SAID)
    assert refused.value.error_code == "manager_cycle"
    with pytest.raises(Refused, match=f"P-{ali} -> P-{ali}"):
        services.set_manager(person=ali, manager=ali, on=MID_JUNE, **SAID)


def test_a_circle_on_other_days_is_none(company):
    services.set_manager(person=company["Holly"], manager=None, on=JUNE, **SAID)
    services.set_manager(person=company["Mert"], manager=company["Holly"], on=JUNE, **SAID)
    assert queries.manager_of(company["Holly"], MAY) == company["Mert"]
    assert queries.manager_of(company["Mert"], JUNE) == company["Holly"]
    assert queries.team_tree(JUNE).issues == ()


def test_a_joiner_is_in_no_team_before_the_first_day_and_a_leaver_in_none_after_the_last(company):
    services.leave(person=company["Holly"], last_day=date(2026, 6, 14), **SAID)
    assert teams_of(company["Holly"], date(2026, 6, 14)) == [company["East"]]
    assert teams_of(company["Holly"], MID_JUNE) == []
    assert queries.manager_of(company["Holly"], MID_JUNE) is None
    assert queries.state(company["Holly"])["left_on"] == date(2026, 6, 14)
    tree = queries.team_tree(MID_JUNE)
    listed = [one.person for one in queries.list_people(tree=tree, day=MID_JUNE)]
    assert listed == [company["Ali"], company["Mert"]]


def test_an_absence_and_half_time_are_ranges_of_their_own(company):
    services.put_away(person=company["Ali"], from_day=JUNE, last_day=date(2026, 6, 30), kind="parental", **SAID)
    services.work_part_time(person=company["Ali"], from_day=JUNE, share_bp=5_000, pattern="2220000", **SAID)
    services.work_part_time(person=company["Ali"], from_day=MID_JUNE, share_bp=8_000, **SAID)
    told = {one.kind: one for one in reversed(queries.person_spans(company["Ali"])) if one.kind != "membership"}
    assert (told["absence"].to_day, told["absence"].fields["share_bp"]) == (date(2026, 7, 1), 10_000)
    times = [one for one in queries.person_spans(company["Ali"]) if one.kind == "working_time"]
    assert [(one.from_day, one.to_day, one.fields["share_bp"]) for one in times] == [
        (MID_JUNE, None, 8_000),
        (JUNE, MID_JUNE, 5_000),
    ]
    for wrong in ({"pattern": "22222"}, {"share_bp": 0}, {"last_day": MAY}):
        with pytest.raises(WrongUse):
            services.work_part_time(**{"person": company["Ali"], "from_day": JUNE, "share_bp": 5_000} | wrong, **SAID)


def test_an_ended_team_stays_on_boards_of_the_past_and_a_new_parent_counts_from_its_day(company):
    services.create(kind="team", fields={"name": "North"}, effective_us=_us(JUNE), actor="defne")
    services.change(
        kind="team", entity=company["West"], fields={"parent": company["East"]}, effective_us=_us(JUNE), actor="defne"
    )
    may, june = queries.team_tree(MAY), queries.team_tree(MID_JUNE)
    assert (may.path(company["West"]), june.path(company["West"])) == (
        [company["West"], company["Sales"]],
        [company["West"], company["East"], company["Sales"]],
    )
    assert len(june.teams_in_order()) == len(may.teams_in_order()) + 1
    with pytest.raises(Refused, match="Teams stand under it: West"):
        services.end_team(team=company["East"], on=date(2026, 7, 1), **SAID)
    services.end_team(team=company["West"], on=date(2026, 7, 1), **SAID)
    services.end_team(team=company["East"], on=date(2026, 7, 1), **SAID)
    july = queries.team_tree(date(2026, 7, 1))
    assert company["East"] not in july.parents
    assert queries.team_tree(date(2026, 6, 30)).members(company["East"]) == [company["Holly"], company["Ali"]]
    assert july.team_of(company["Holly"]) is None


def _us(day: date) -> int:
    from hedef.records.days import start_us

    return start_us(day)


def test_people_are_found_with_any_i_and_by_mail(company):
    tree = queries.team_tree(MAY)

    def found(text, **asked):
        return [one.name for one in queries.list_people(tree=tree, day=MAY, text=text, **asked)]

    assert found("IŞIK") == ["Ali Isık", "Holly Işık"]
    assert found("isik") == ["Ali Isık", "Holly Işık"]
    assert found("mert@poyraz") == ["Mert Ak"]
    assert found("", team=company["Sales"]) == ["Ali Isık", "Holly Işık"]
    assert found("", state="alone") == ["Mert Ak"]


def test_every_change_says_why(company):
    with pytest.raises(WrongUse, match="A reason is missing"):
        services.set_manager(person=company["Ali"], manager=None, on=JUNE, actor="defne", reason=" ")


@pytest.mark.parametrize(
    ("shares", "fits"),
    [((3_333, 3_333, 3_334), True), ((3_333, 3_333, 3_333), False), ((10_000,), True), ((), True)],
)
def test_split_33_33_33_33_33_34_is_whole_and_a_hundredth_less_is_not(shares, fits):
    splits = [{"person": 1, "kind": "revenue", "share_bp": share} for share in shares]
    assert (split_issues(splits) == []) is fits


def test_overlay_250_percent_is_free():
    splits = [
        {"person": 1, "kind": "revenue", "share_bp": 10_000},
        {"person": 2, "kind": "overlay", "share_bp": 25_000},
    ]
    assert split_issues(splits) == []


def test_a_deal_whose_revenue_shares_miss_a_hundredth_is_refused(company):
    shares = [{"person": company["Ali"], "kind": "revenue", "share_bp": share} for share in (3_333, 3_333, 3_333)]
    with pytest.raises(Refused, match=r"33.33 \+ 33.33 \+ 33.33: 99.99 %, not 100 %") as refused:
        services.create(kind="deal", fields={"splits": shares}, effective_us=0, actor="defne")
    assert refused.value.error_code == "split_sum"
    shares[2]["share_bp"] = 3_334
    deal = services.create(kind="deal", fields={"splits": shares}, effective_us=0, actor="defne")
    overlay = [*shares, {"person": company["Mert"], "kind": "overlay", "share_bp": 25_000}]
    services.change(kind="deal", entity=deal, fields={"splits": overlay}, effective_us=1, actor="defne")

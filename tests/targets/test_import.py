"""Sheets of targets: long and wide, by id and never by a similar name, all rows or none."""

from datetime import date

import pytest

from hedef.kernel.errors import NeedsDecision, WrongUse
from hedef.targets.queries import plan_lines, scoreboard
from hedef.targets.services import PlanOptions, SheetOrder, import_lines, publish_plan


@pytest.fixture
def two(company):
    company.team("East")
    company.person("Ayşe Işık", ("East", None, None))
    company.person("Bora Er", ("East", None, None))
    return company


def take(file, plan="quotas", **more):
    options = more.pop("options", PlanOptions())
    dry_run = more.pop("dry_run", False)
    return import_lines(SheetOrder(file=file, plan=plan, options=options, **more), actor="local", dry_run=dry_run)


def lines(plan="quotas"):
    _, rows = plan_lines(plan)
    return [(row["name"], row["period"], row["value"], row["origin"]) for row in rows]


def test_long_sheet_by_mail_handle_and_name(two, write):
    file = write("person,period,value\nayşe@example.com,2017-07,1000\nBORA ER,2017-07,2000.50\n")

    done = take(file)

    assert done.answer.counts.created == 2
    assert (done.answer.exit_code, done.answer.plan) == (0, "quotas@1")
    assert lines() == [("Ayşe Işık", "2017-07", "1000.00", "import"), ("Bora Er", "2017-07", "2000.50", "import")]


def test_wide_sheet_has_one_line_a_period(two, write):
    file = write("person;2017-Q1;Temmuz 2017;3Ç2017\nBora Er;1.000,50;2.000,00;\n")

    done = take(file)

    assert lines() == [("Bora Er", "2017-Q1", "1000.50", "import"), ("Bora Er", "2017-07", "2000.00", "import")]
    assert (done.answer.counts.rows_read, done.answer.counts.created, done.answer.changes) == (1, 1, 2)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2017", "2017"),
        ("2017-H1", "2017-H1"),
        ("Q3 2017", "2017-Q3"),
        ("3Ç2017", "2017-Q3"),
        ("Temmuz 2017", "2017-07"),
        ("2017-W27", "2017-W27"),
        ("FY2017-P07", "FY2017-P07"),
    ],
)
def test_periods_in_every_spelling(two, write, text, period):
    take(write(f"person,period,value\nBora Er,{text},1000\n"))

    assert [row[1] for row in lines()] == [period]


def test_company_and_team_lines_stand_beside_those_of_people(two, write):
    take(write("scope,period,value\ncompany,2017-Q3,100\nEast,2017-Q3,60\nteam:east,2017-07,20\nBora Er,2017-Q3,30\n"))

    assert [row[0] for row in lines()] == [None, "East", "East", "Bora Er"]


def test_a_similar_name_is_nobody(two, write):
    done = take(write("person,period,value\nBora Err,2017-07,1000\n"))

    assert [(issue.code, issue.count) for issue in done.answer.issues] == [("unknown_person", 1)]
    assert (done.saved, done.answer.batch, done.answer.exit_code) == (None, None, 1)


def test_one_wrong_row_keeps_everything_out(two, write, home):
    file = write("person,period,value\nBora Er,2017-07,1000\nAyşe Işık,2017-13,1000\n")

    done = take(file)

    assert (done.answer.counts.created, done.answer.counts.rejected, done.answer.batch) == (1, 1, None)
    assert done.answer.nothing_changed
    rejects = (home / "rejects" / done.answer.rejects_file).read_text(encoding="utf-8")
    assert rejects.splitlines()[1].startswith("Ayşe Işık,2017-13,1000,2,")


def test_partial_takes_the_right_rows(two, write):
    file = write("person,period,value\nBora Er,2017-07,1000\nAyşe Işık,2017-13,1000\n")

    done = take(file, partial=True)

    assert (done.answer.counts.created, done.answer.counts.rejected, done.answer.exit_code) == (1, 1, 1)
    assert lines() == [("Bora Er", "2017-07", "1000.00", "import")]


def test_same_scope_and_period_twice_rejects_both_rows(two, write):
    done = take(write("person,period,value\nBora Er,2017-07,1000\nbora@example.com,July 2017,2000\n"), partial=True)

    assert (done.answer.issues[0].code, done.answer.issues[0].count) == ("duplicate_line", 2)
    assert done.answer.counts.rejected == 2


def test_values_that_read_both_ways_stop_with_a_question(two, write):
    file = write("person,period,value\nBora Er,2017-07,1.000\n")

    with pytest.raises(NeedsDecision) as stopped:
        take(file)
    assert stopped.value.decisions[0]["what"] == "decimal_mark"
    take(file, decimal=",")
    assert lines() == [("Bora Er", "2017-07", "1000.00", "import")]


def test_a_date_that_starts_no_period_is_rejected_with_the_nearest_start(two, write):
    done = take(write("person,start,value\nBora Er,2011-05-31,1000\n"), grain="quarter", dry_run=True)

    issue = done.answer.issues[0]
    assert issue.code == "date_not_a_period_start"
    assert "2011-07-01, 31 days later" in issue.hint


def test_start_dates_need_a_grain(two, write):
    done = take(write("person,start,value\nBora Er,2017-07-01,1000\n"), dry_run=True)
    assert done.answer.issues[0].code == "grain_missing"

    take(write("person,start,grain,value\nBora Er,2017-07-01,quarter,1000\n"))
    assert lines() == [("Bora Er", "2017-Q3", "1000.00", "import")]


def test_a_sheet_without_a_value_column_says_what_is_missing(two, write):
    with pytest.raises(WrongUse) as refused:
        take(write("person,period,colour\nBora Er,2017-07,blue\n"))
    assert "value" in refused.value.message


def test_columns_may_be_named(two, write):
    file = write("Who,Plan,When\nBora Er,1000,2017-07\n")

    take(file, columns={"person": "Who", "value": "Plan", "period": "When"})

    assert lines() == [("Bora Er", "2017-07", "1000.00", "import")]


def test_the_same_file_twice_changes_nothing(two, write):
    file = write("person,period,value\nBora Er,2017-07,1000\n")
    take(file)

    again = take(file)

    assert (again.answer.counts.unchanged, again.answer.changes, again.answer.plan) == (1, 0, "quotas@1")


def test_a_changed_value_makes_the_next_version_and_keeps_the_rest(two, write):
    take(write("person,period,value\nBora Er,2017-07,1000\nAyşe Işık,2017-07,500\n"))
    publish_plan(plan="quotas", actor="local", may_approve=True)

    done = take(write("person,period,value\nBora Er,2017-07,1500\n", "second.csv"))

    assert (done.answer.counts.updated, done.answer.plan) == (1, "quotas@2")
    assert lines() == [("Bora Er", "2017-07", "1500.00", "import"), ("Ayşe Işık", "2017-07", "500.00", "import")]


def test_a_draft_that_is_replaced_keeps_its_number_and_only_the_new_lines(two, write):
    take(write("person,period,value\nBora Er,2017-07,1000\n"))

    done = take(write("person,period,value\nBora Er,2017-07,1500\n", "second.csv"))

    assert done.answer.plan == "quotas@1"
    assert lines() == [("Bora Er", "2017-07", "1500.00", "import")]


def test_a_draft_is_on_no_board(two, write):
    from hedef.kernel.errors import NotFound

    take(write("person,period,value\nBora Er,2017-07,1000\n"))

    with pytest.raises(NotFound) as refused:
        scoreboard(period="2017-07", as_of=date(2017, 7, 31))
    assert refused.value.error_code == "no_effective_plan"


def test_a_count_metric_has_whole_numbers(two, write):
    take(write("person,period,value\nBora Er,2017-07,12\n"), options=PlanOptions(metric="won_deals"))

    assert [row[2] for row in lines()] == [12]


def test_dry_run_writes_nothing(two, write):
    done = take(write("person,period,value\nBora Er,2017-07,1000\n"), dry_run=True)

    assert (done.answer.counts.created, done.answer.batch, done.saved) == (1, None, None)
    with pytest.raises(Exception, match="no document"):
        plan_lines("quotas")


def test_a_workbook_is_read_as_its_sheet_of_targets(company, tmp_path):
    from xlsxwriter import Workbook

    company.team("East")
    company.person("Ada Ay", ("East", None, None))
    file = tmp_path / "quotas.xlsx"
    with Workbook(str(file)) as book:
        sheet = book.add_worksheet("Targets")
        for place, row in enumerate([["email", "Temmuz 2017", "2017-08"], ["ada@example.com", 1000.5, 2000]]):
            sheet.write_row(place, 0, row)
    done = import_lines(SheetOrder(file=file, plan="quotas"), actor="local")
    assert (done.answer.counts.created, done.answer.counts.rejected) == (1, 0)
    assert done.answer.totals[0]["sealed"] == "3000.50"


@pytest.mark.parametrize(
    ("spelled", "period"),
    [
        ("2017", "2017"), ("2017-H1", "2017-H1"), ("2017-Q3", "2017-Q3"), ("Q3 2017", "2017-Q3"), ("3Ç2017", "2017-Q3"),
        ("2017-07", "2017-07"), ("Temmuz 2017", "2017-07"), ("2017-W27", "2017-W27"), ("FY2017-P07", "FY2017-P07"),
    ],
)  # fmt: skip
def test_every_spelling_of_a_period_is_read(company, write, spelled, period):
    company.team("East")
    company.person("Ada Ay", ("East", None, None))
    file = write(f"email,period,value\nada@example.com,{spelled},1000.00\n")
    done = import_lines(SheetOrder(file=file, plan="quotas"), actor="local")
    assert [line.period for line in done.saved.lines] == [period]

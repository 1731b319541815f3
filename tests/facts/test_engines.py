"""ClickHouse and Spark answer what DuckDB answers, in every time zone, and the setting chooses among them."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from hedef.facts.engine.dialects import spoken
from hedef.kernel.errors import WrongUse
from hedef.settings import read_settings

REPOSITORY = Path(__file__).parents[2]
ENGINES = ("duckdb", "clickhouse", "spark")
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
DAY = date(2026, 3, 1)


def test_values_stand_in_the_text_as_literals_and_quotes_stay_inside_them():
    text = spoken(
        "SELECT t.a FROM t WHERE t.b = :name AND t.c = :day", {"name": "O'Neil", "day": DAY}, [], "clickhouse"
    )
    assert text == "SELECT t.a AS a FROM t WHERE t.b = 'O''Neil' AND t.c = toDate32('2026-03-01')"


def test_a_list_becomes_its_members_and_an_empty_one_holds_nothing():
    sql = "SELECT t.a FROM t WHERE t.b IN (SELECT unnest(:people))"
    assert spoken(sql, {"people": [3, -5]}, [], "spark") == "SELECT t.a FROM t WHERE t.b IN (3, (-5))"
    assert spoken(sql, {"people": []}, [], "spark") == "SELECT t.a FROM t WHERE t.b IN (NULL)"


def test_whole_division_never_goes_by_way_of_a_float():
    sql = "SELECT idiv(t.a, 10000) AS q FROM t"
    assert spoken(sql, {}, [], "clickhouse") == "SELECT intDiv(t.a, 10000) AS q FROM t"
    assert " DIV " in spoken(sql, {}, [], "spark")


def test_working_days_join_the_calendar_once_for_each_day():
    sql = "SELECT working_days_between(t.a, t.b) AS n, working_halves_between(t.a, :day) AS h FROM t"
    text = spoken(sql, {"day": DAY}, [], "spark")
    assert text.count("LEFT JOIN calendar") == 2


def test_a_part_of_a_table_is_never_taken_for_a_part_of_the_question_that_has_its_name():
    table = ("rate", "WITH rule AS (SELECT s.a FROM stage s) SELECT rule.a FROM rule")
    sql = "WITH rule AS (SELECT 1 AS a) SELECT rule.a FROM rule JOIN rate ON rate.a = rule.a"
    assert spoken(sql, {}, [table], "spark") == (
        "WITH rate_rule_ AS (SELECT s.a FROM stage AS s), rate AS (SELECT rule.a FROM rate_rule_ AS rule),"
        " rule AS (SELECT 1 AS a) SELECT rule.a FROM rule JOIN rate ON rate.a = rule.a"
    )


def test_a_missing_parameter_is_named():
    with pytest.raises(ValueError, match='"day"'):
        spoken("SELECT t.a FROM t WHERE t.b = :day", {}, [], "spark")


def test_an_engine_nobody_knows_is_refused_with_the_three():
    with pytest.raises(WrongUse, match="duckdb, clickhouse or spark"):
        read_settings({"HEDEF_FACTS_ENGINE": "oracle"})


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("golden") / "home"
    _run(["hedef.cli", "demo", "--home", str(home)], home, {})
    return home


def _run(words: list[str], home: Path, more: dict[str, str]) -> str:
    own = ("HEDEF_", "DJANGO_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environment |= {"HEDEF_HOME": str(home), **more}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _answers(home: Path, engine: str, zone: str) -> dict[str, str]:
    if engine == "clickhouse":
        pytest.importorskip("chdb")
    if engine == "spark":
        pytest.importorskip("pysail")
    return json.loads(_run(["tests.facts.golden"], home, {"HEDEF_FACTS_ENGINE": engine, "TZ": zone}))


@pytest.mark.slow
def test_every_question_gives_equal_rows_on_three_engines_in_three_time_zones(demo):
    expected = _answers(demo, "duckdb", "UTC")
    assert len(expected) > 50
    for engine in ENGINES:
        for zone in ZONES:
            told = _answers(demo, engine, zone)
            assert [name for name in expected if told[name] != expected[name]] == [], f"{engine} in {zone}"

"""What a question may say, and that every question of every room says nothing else."""

from pathlib import Path

import pytest

import hedef
from hedef.facts import registry
from hedef.facts.engine.lint import lint, lint_file
from hedef.facts.engine.questions import bound, header, params_of, tables_of

SCHEMA = {
    "sale": {"id": "BIGINT", "day": "DATE", "state": "VARCHAR", "amount_minor": "BIGINT", "sign": "INTEGER"},
    "team": {"id": "BIGINT"},
}
FILES = sorted(Path(hedef.__file__).parent.glob("*/sql/*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}/{file.stem}")
def test_every_question_of_every_room_is_in_the_dialect(file):
    schema = registry.view_schema() if file.stem.startswith("view_") else registry.question_schema()
    found = lint_file(file.read_text(encoding="utf-8"), schema, name=f"{file.parent.parent.name}/{file.stem}")
    assert [f"{one.message}: {one.hint}" for one in found] == []


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT amount_minor / 2 AS half FROM sale", "division"),
        ("SELECT amount_minor // 2 AS half FROM sale", "division"),
        ("SELECT sale.id FROM sale ASOF JOIN team USING (id)", "asof"),
        ("SELECT r.x FROM range(3) AS r", "generated_rows"),
        ("SELECT r.x FROM generate_series(1, 3) AS r", "generated_rows"),
        ("SELECT epoch_ms(id) AS t FROM sale", "time_function"),
        ("SELECT date_trunc('month', day) AS m FROM sale", "time_function"),
        ("SELECT now() AS t FROM sale", "not_portable"),
        ("SELECT current_date AS t FROM sale", "clock"),
        ("SELECT * FROM sale", "star"),
        ("SELECT state, sum(sign) AS n FROM sale GROUP BY ALL", "group_by_all"),
        ("SELECT CAST(id AS TIMESTAMP) AS t FROM sale", "type_not_allowed"),
        ("SELECT TIMESTAMP '2017-01-01' AS t FROM sale", "type_not_allowed"),
        ("SELECT CAST(id AS DOUBLE) AS t FROM sale", "type_not_allowed"),
        ("SELECT CAST(id AS DECIMAL(10, 2)) AS t FROM sale", "type_not_allowed"),
        ("SELECT 0.5 AS half FROM sale", "inexact_number"),
        ("SELECT id FROM sale WHERE day = '2017-01-01'", "implicit_cast"),
        ("SELECT id FROM sale WHERE state = 1", "implicit_cast"),
        ("SELECT id FROM sale WHERE day <= :as_of_us", "implicit_cast"),
        ("SELECT day + 1 AS next FROM sale", "implicit_cast"),
        ("SELECT CASE WHEN id = 1 THEN state ELSE 0 END AS mixed FROM sale", "implicit_cast"),
        ("SELECT id FROM sale LIMIT 3", "limit_without_order"),
        ("-- grain: id\nSELECT id, day FROM sale ORDER BY day", "order_not_unique"),
        ("SELECT price FROM sale", "unknown_name"),
        ("SELECT id FROM sales", "unknown_name"),
        ("SELECT id FROM sale UNION SELECT id FROM team", "not_portable"),
        ("SELECT avg(id) AS mean FROM sale", "not_portable"),
        ("SELECT id FROM read_parquet('x')", "not_portable"),
        ("DROP TABLE sale", "syntax"),
        ("SELECT id FROM sale; SELECT id FROM team", "syntax"),
        ("SELEC id", "syntax"),
    ],
)
def test_what_does_not_port_or_is_not_exact_is_refused(sql, code):
    assert code in {one.code for one in lint(sql, SCHEMA)}


def test_a_question_in_the_dialect_passes():
    sql = """
    -- grain: state
    WITH closed AS (SELECT id, state, amount_minor * sign AS amount,
        row_number() OVER (PARTITION BY state ORDER BY id) AS place
      FROM sale WHERE day BETWEEN :from_day AND DATE '2017-12-31' AND living(sale))
    SELECT c.state, count(*) AS n, sum(c.amount) AS amount, idiv(sum(c.amount), 2) AS half
    FROM closed c LEFT JOIN team t ON t.id = c.id AND c.place <= :known_no
    WHERE c.state IN (SELECT unnest(:states))
    GROUP BY c.state ORDER BY c.state
    """
    assert lint(sql.replace("\n    ", "\n").strip(), SCHEMA) == []


def test_inputs_of_the_header_are_tables():
    sql = (
        "-- inputs: periods(no INTEGER, start_day DATE)\nSELECT p.no FROM periods p JOIN sale s ON s.day >= p.start_day"
    )
    assert lint(sql, SCHEMA) == []


def test_a_header_must_name_the_parameters_that_the_text_uses():
    sql = "-- name: room/asked\n-- says: something\n-- parameters: from_day\n-- grain: id\nSELECT id FROM sale"
    assert [one.code for one in lint_file(sql, SCHEMA, name="room/asked")] == ["header"]


def test_parameters_are_found_outside_texts_and_comments_only():
    sql = "SELECT ':no' AS a, id::BIGINT AS b -- :neither\nFROM sale WHERE id = :id AND day > :from_day /* :nor */"
    assert params_of(sql) == ("id", "from_day")
    assert bound(sql).count("$") == 2
    assert tables_of("WITH own AS (SELECT id FROM sale) SELECT own.id FROM own JOIN team ON team.id = own.id") == (
        "sale",
        "team",
    )


def test_a_header_line_goes_on_until_the_next_key():
    assert header("-- name: a/b\n-- says: one\n--   and two\nSELECT 1\n-- grain: no") == {
        "name": "a/b",
        "says": "one and two",
    }

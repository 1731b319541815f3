"""The board as a file: exact for programs, readable on paper and as a picture, each read remembered."""

import csv
import json

import pytest

from hedef import cli
from hedef.access.queries import reads
from tests.targets.pages import make_plan, visitor

BOARD = "/targets/scoreboard?period=2017-Q3&as_of=2017-08-31"


@pytest.fixture
def worked(maven):
    make_plan()
    return maven


@pytest.mark.parametrize(("format_", "magic"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("xlsx", b"PK")])
def test_the_page_gives_the_board_in_every_format_and_remembers_who_took_it(worked, format_, magic):
    answer = visitor("defne", "operations").get(f"{BOARD}&format={format_}")
    assert answer.content.startswith(magic)
    assert answer["Content-Disposition"].endswith(f'.{format_}"')
    newest = reads(last=1)[0]
    assert (newest.actor, newest.format) == ("defne", format_)


def test_the_picture_sheet_has_a_bar_with_its_pin_for_each_row_and_reads_like_the_board(worked):
    from datetime import date

    from hedef.exports.sheet import Head
    from hedef.targets.page.sheet import picture_sheet
    from hedef.targets.queries import scoreboard

    board = scoreboard(period="2017-Q3", as_of=date(2017, 8, 31), by="tree")
    made = picture_sheet(board, Head(), title="Board")
    rows = {str(row[0]).strip(): row[1:] for row in made.rows}
    assert rows["Central"] == ["1024000.00", "666638.00", "65.1 %", "-3.2 %", "17868.10"]
    assert len(made.bars) == len(made.rows)
    assert made.bars[-1].strong
    assert round(made.bars[-1].due, 4) * 63 == pytest.approx(43, abs=0.01)


def test_the_command_writes_the_board_to_a_file_of_its_ending(worked, tmp_path, capsys):
    for ending, magic in (("pdf", b"%PDF"), ("png", b"\x89PNG"), ("xlsx", b"PK"), ("csv", b"plan,")):
        file = tmp_path / f"board.{ending}"
        asked = ["targets", "scoreboard", "--period", "2017-Q3", "--as-of", "2017-08-31", "--out", str(file)]
        assert cli.run(asked) == 0
        assert file.read_bytes().startswith(magic)
    capsys.readouterr()
    lines = (tmp_path / "board.csv").read_text(encoding="utf-8").splitlines()
    rows = {row["name"] or row["scope"]: row for row in csv.DictReader(lines)}
    assert rows["Central"]["expected"] == "698920.63"
    assert cli.run([*asked[:-1], str(tmp_path / "board.doc")]) == 2


def test_metrics_beside_the_board_are_the_same_by_command_and_api(worked, capsys):
    words = ["--period", "2017-Q3", "--as-of", "2017-08-31", "--metrics", "won_deals,win_rate,average_deal"]
    assert cli.run(["targets", "scoreboard", *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    central = next(row for row in told["rows"] if row["name"] == "Central")
    assert [one["metric"] for one in told["metrics"]] == ["won_deals@1", "win_rate@1", "average_deal@1"]
    assert central["values"]["won_deals"] > 0
    path = "/api/v1/targets/scoreboard?period=2017-Q3&as_of=2017-08-31&metrics=won_deals,win_rate,average_deal"
    api = visitor("defne", "operations").get(path).json()
    assert api["rows"] == told["rows"]
    plain = visitor("ayca", "operations").get("/api/v1/targets/scoreboard?period=2017-Q3&as_of=2017-08-31").json()
    assert (plain["metrics"], plain["rows"][0]["values"]) == ([], {})

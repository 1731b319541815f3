"""Back to the CRM: the vendor's own columns, and nothing changes when that file is imported again."""

import csv
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from hedef import cli
from hedef.access.queries import reads
from hedef.exports import harmless
from hedef.intake.engine.values.clean import tidy, tidy_column
from hedef.intake.exporting import export
from hedef.intake.services import run_import
from hedef.kernel.errors import NotFound
from hedef.ledger.queries import head
from hedef.records.services import change
from tests.intake.support import deal

NAMES = ("accounts.csv", "products.csv", "sales_teams.csv", "sales_pipeline.csv")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def maven(home, samples, tmp_path):
    folder = tmp_path / "maven"
    folder.mkdir()
    for name in NAMES:
        lines = (samples / "maven_crm" / name).read_text(encoding="utf-8").splitlines()
        (folder / name).write_text("\n".join(lines[:401]) + "\n", encoding="utf-8")
    run_import(files=[folder / name for name in NAMES], actor="local", source="maven", yes=True)
    return folder


def test_an_exported_file_imported_again_changes_nothing(maven, home, tmp_path, capsys):
    before, file = head().seal_no, tmp_path / "back.csv"
    assert cli.run(["--home", str(home), "export", "deal", "--source", "maven", "--to", str(file)]) == 0
    (answer,) = run_import(files=[file], actor="local", source="maven", yes=True).files
    told = (answer.counts.created, answer.counts.updated, answer.counts.rejected, answer.changes)
    assert told == (0, 0, 0, 0)
    assert answer.counts.unchanged == 400
    assert head().seal_no == before
    theirs = {row["opportunity_id"]: row for row in read(maven / "sales_pipeline.csv")}
    ours = read(file)
    assert set(ours[0]) == {"opportunity_id", "sales_agent", "account", "deal_stage", "close_date", "close_value"}
    won = next(row for row in ours if row["deal_stage"] == "Won")
    their = theirs[won["opportunity_id"]]
    assert (won["sales_agent"], won["close_date"], float(won["close_value"])) == (
        their["sales_agent"], their["close_date"], float(their["close_value"]),
    )  # fmt: skip


def test_what_was_agreed_here_stands_in_the_columns_of_the_crm(maven, home, capsys):
    one = next(row for row in read(maven / "sales_pipeline.csv") if row["deal_stage"] == "Engaging")
    found = deal(one["opportunity_id"])
    change(entity=found.entity, kind="deal", fields={"close_on": date(2018, 2, 1)}, effective_us=head_us(), actor="ada")
    assert cli.run(["--home", str(home), "export", "deal", "--source", "maven", "--fields", "close_on", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    row = next(row for row in told["rows"] if row["opportunity_id"] == one["opportunity_id"])
    assert row == {"opportunity_id": one["opportunity_id"], "close_date": "2018-02-01"}
    assert [(read.what, read.rows, read.way) for read in reads()] == [("deal for maven", 400, "command")]


def head_us() -> int:
    from hedef.kernel.instants import to_us
    from hedef.settings import now

    return to_us(now())


def test_an_unknown_source_object_or_field_is_told(maven):
    with pytest.raises(NotFound, match="No file of deal came from other"):
        export("deal", source="other")
    with pytest.raises(NotFound, match='"created_at" cannot be written back'):
        export("deal", source="maven", fields=["created_at"])


def test_a_viewer_exports_the_own_records_only(maven):
    from hedef.kernel.scope import Scope

    owner = next(row for row in read(maven / "sales_pipeline.csv") if row["sales_agent"])
    person = deal(owner["opportunity_id"]).owner
    made = export("deal", source="maven", scope=Scope(people=frozenset({person})))
    theirs = [row for row in read(maven / "sales_pipeline.csv") if row["sales_agent"] == owner["sales_agent"]]
    assert made.sheet.count == len(theirs)


def test_columns_are_called_as_in_the_last_file_of_the_source(maven, home, tmp_path):
    file = maven / "sales_pipeline.csv"
    head_line, *rest = file.read_text(encoding="utf-8").splitlines()
    renamed = head_line.replace("opportunity_id", "Opportunity ID").replace("close_value", "Close Value")
    file.write_text("\n".join([renamed, *rest]) + "\n", encoding="utf-8")
    run_import(files=[file], actor="local", source="maven", yes=True)
    names = [one.name for one in export("deal", source="maven").sheet.columns]
    assert {"Opportunity ID", "Close Value"} <= set(names)
    assert not {"opportunity_id", "close_value"} & set(names)


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''=1+1", "＝1+1", "'＝1+1", "@here", "-x", "'tis", "-5", "'-x"])
def test_what_an_export_guards_reads_back_as_it_was(text):
    assert tidy(harmless(text)) == text
    column, _ = tidy_column(pl.Series([harmless(text), "plain"]))
    assert column.to_list() == [text, "plain"]

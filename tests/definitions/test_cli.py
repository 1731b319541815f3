"""`hedef definitions`: what people type, what they read, and the exit codes of the contracts."""

import json

import pytest

from hedef.access.services import create_user
from hedef.cli import run as run_hedef
from hedef.definitions.models import Definition
from hedef.settings import now

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def run(capsys):
    def go(*argv: str):
        code = run_hedef(["definitions", *argv])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return go


@pytest.fixture
def file(tmp_path, ageing):
    path = tmp_path / "ageing.yaml"
    path.write_text(ageing, encoding="utf-8")
    return path


@pytest.fixture
def plan_file(tmp_path, plan):
    path = tmp_path / "plan.yaml"
    path.write_text(json.dumps(plan), encoding="utf-8")
    return path


def test_a_document_goes_its_way_on_the_command_line(run, file, ageing):
    code, out, _ = run("add", str(file), "--json", "--reason", "first limits")
    made = json.loads(out)
    assert code == 0
    assert (made["reference"], made["state"], made["author"], made["approver"], made["dry_run"]) == (
        "ageing:new-business@1",
        "draft",
        "local",
        None,
        False,
    )
    assert run("simulate", "ageing:new-business")[0] == 0
    assert json.loads(run("approve", "new-business@1", "--json")[1])["state"] == "effective"
    file.write_text(ageing.replace("21", "30"), encoding="utf-8")
    run("add", str(file))
    told = json.loads(run("diff", "new-business", "--json")[1])
    assert told.pop("as_of") == now().date().isoformat()
    assert told.pop("fingerprint").startswith("sha256:")
    assert told == {
        "schema": "hedef.definitions/1",
        "known_at": None,
        "before": "ageing:new-business@1",
        "after": "ageing:new-business@2",
        "differences": [{"path": "limits[proposal].days", "before": 21, "after": 30}],
        "issues": [],
        "trust": {"level": "unknown", "reasons": []},
    }
    in_force = json.loads(run("show", "new-business", "--json")[1])
    assert (in_force["version"], in_force["document"]["limits"][1]) == (1, {"id": "proposal", "days": 21})
    code, out, _ = run("undo", "ageing:new-business")
    assert code == 0
    assert "retired" in out


def test_shown_text_can_be_edited_and_added_again(run, file):
    run("add", str(file))
    code, out, _ = run("show", "new-business")
    assert code == 0
    assert out.startswith("# ageing:new-business@1, draft, from always, written by local\nkind: ageing\n")
    file.write_text(out.replace("days: 14", "days: 10"), encoding="utf-8")
    run("add", str(file))
    assert json.loads(run("show", "new-business", "--json")[1])["document"]["limits"] == [
        {"id": "needs", "days": 10},
        {"id": "proposal", "days": 21},
    ]


def test_a_list_shows_every_document_and_says_who_approved_alone(run, file, plan_file):
    run("add", str(file))
    run("add", str(plan_file))
    code, _, err = run("approve", "sales-2017")
    assert code == 0
    assert "approved by its author" in err
    out = run("list", "--format", "csv")[1]
    assert out.splitlines() == [
        "document,name,state,from,author,approver",
        "ageing:new-business@1,Ageing,draft,always,local,",
        "target-plan:sales-2017@1,Sales,effective (self-approved),always,local,local",
    ]
    assert [one["id"] for one in json.loads(run("list", "--kind", "ageing", "--json")[1])["documents"]] == [
        "new-business"
    ]


def test_a_dry_run_writes_nothing(run, file):
    code, out, _ = run("add", str(file), "--dry-run", "--json")
    assert (code, json.loads(out)["dry_run"]) == (0, True)
    assert Definition.objects.count() == 0


def test_faults_are_told_with_file_line_and_column(run, file, ageing):
    file.write_text(ageing.replace("days: 14", "days: soon"), encoding="utf-8")
    code, out, _ = run("add", str(file), "--json")
    answer = json.loads(out)
    assert (code, answer["schema"], answer["code"]) == (2, "hedef.error/1", "invalid_document")
    assert answer["issues"][0]["source"] == {"file": "ageing.yaml", "row": 6, "column": "23"}


def test_the_second_person_is_asked_for(run, plan_file):
    for name in ("defne", "selin"):
        create_user(username=name, name=name, roles=["operations"], now=now())
    create_user(username="deniz", name="deniz", roles=["rep"], now=now())
    from hedef.access.queries import approvers_of
    from hedef.definitions.services import register_approvers

    register_approvers(approvers_of)
    assert run("add", str(plan_file), "--as", "deniz")[0] == 3
    assert run("add", str(plan_file), "--as", "defne")[0] == 0
    code, out, _ = run("approve", "sales-2017", "--as", "defne", "--json")
    assert (code, json.loads(out)["code"]) == (3, "second_person_missing")
    code, out, _ = run("approve", "sales-2017", "--as", "selin", "--json")
    assert (code, json.loads(out)["approver"], json.loads(out)["self_approved"]) == (0, "selin", False)


@pytest.mark.parametrize(
    "argv",
    [
        ["show", "nothing"],
        ["show", "Not A Name"],
        ["list", "--kind", "riddle"],
        ["add", "missing.yaml"],
        ["undo", "ageing:x"],
        ["diff", "nothing"],
    ],
)
def test_wrong_use_is_exit_2_with_a_sentence(run, argv):
    code, _, err = run(*argv)
    assert code == 2
    assert err


def test_a_file_is_checked_without_being_kept(run, file, ageing):
    code, out, _ = run("check", str(file), "--json")
    assert (code, json.loads(out)["reference"], json.loads(out)["issues"]) == (0, "ageing:new-business@1", [])
    file.write_text(ageing.replace("14", "99"), encoding="utf-8")
    code, out, _ = run("check", str(file), "--json")
    assert (code, [one["code"] for one in json.loads(out)["issues"]]) == (1, ["limits_fall"])
    assert Definition.objects.count() == 0


def test_the_users_of_a_document_are_listed(run, file):
    run("add", str(file))
    assert json.loads(run("uses", "new-business", "--json")[1])["used_by"] == []
    assert run("uses", "nothing-such")[0] == 2
    assert run("effective", "new-business")[0] == 3

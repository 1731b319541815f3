"""Who takes words out of Hedef is remembered, and who may read that."""

import json

import pytest

from hedef import cli
from hedef.access.queries import reads
from hedef.access.services import create_user, note_read
from hedef.settings import now


@pytest.fixture
def users(home):
    for name, roles in (("defne", ["operations"]), ("ada", ["admin"]), ("deniz", ["rep"]), ("fatma", ["finance"])):
        create_user(username=name, name=name.title(), roles=roles, now=now())
    return home


def run(home, *argv):
    return cli.run(["--home", str(home), *argv])


def test_every_export_of_words_is_logged_with_who_what_and_how_many(users, capsys):
    assert run(users, "--as", "ada", "access", "user", "list", "--format", "csv") == 0
    assert capsys.readouterr().out.startswith("username,name")
    assert run(users, "access", "user", "list") == 0  # on the screen is no export
    assert run(users, "access", "user", "list", "--json") == 0
    told = [(one.actor, one.what, one.format, one.rows, one.way) for one in reads()]
    assert told == [("ada", "access list", "csv", 4, "command")]


def test_only_operations_and_admins_read_the_log(users, capsys, client):
    note_read(
        actor="fatma", what="board sales, 2026-Q4", format_="xlsx", rows=12, way="page", at_us=1_800_000_000_000_000
    )
    codes = [run(users, "--as", name, "access", "reads", "--json") for name in ("defne", "ada", "deniz", "fatma")]
    assert codes == [0, 0, 3, 3]
    first = json.loads(capsys.readouterr().out.partition("}\n{")[0] + "}")
    assert first["reads"][0] == {
        "actor": "fatma", "what": "board sales, 2026-Q4", "format": "xlsx", "rows": 12, "way": "page", "scope": None,
        "at": "2027-01-15T08:00:00Z",
    }  # fmt: skip


def test_the_page_of_the_log_shows_it_to_operations_and_to_nobody_else(users, client):
    from hedef.access.models import User

    note_read(
        actor="fatma", what="open deals of all", format_="csv", rows=1234, way="page", at_us=1_800_000_000_000_000
    )
    client.force_login(User.objects.get(username="defne"))
    page = client.get("/access/reads?user=fatma").text
    assert "open deals of all" in page
    assert "1,234" in page
    client.force_login(User.objects.get(username="fatma"))
    assert client.get("/access/reads").status_code == 403


def test_a_spreadsheet_or_pdf_of_a_command_is_a_file(users, capsysbinary):
    assert run(users, "access", "user", "list", "--format", "xlsx") == 0
    assert capsysbinary.readouterr().out.startswith(b"PK")
    assert run(users, "access", "user", "list", "--format", "pdf") == 0
    assert capsysbinary.readouterr().out.startswith(b"%PDF-")

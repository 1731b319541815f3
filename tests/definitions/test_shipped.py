from dataclasses import replace

import pytest

from hedef.definitions import kinds, queries, services, shipped
from hedef.ledger.queries import head

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def folder(tmp_path, monkeypatch, ageing):
    """A folder of shipped documents; writing to it counts as an upgrade of Hedef."""
    made = tmp_path / "shipped"
    made.mkdir()
    (made / "new-business.yaml").write_text(ageing, encoding="utf-8")
    (made / "new-business.cases.yaml").write_text("- no document", encoding="utf-8")
    monkeypatch.setitem(kinds._kinds, "ageing", replace(kinds._kinds["ageing"], shipped=made))
    shipped._of_folder.cache_clear()
    return made


def ship() -> int:
    shipped._of_folder.cache_clear()
    return services.ensure_shipped()


def test_shipped_documents_are_effective_from_always(folder):
    assert ship() == 1
    (made,) = queries.list_documents("ageing")
    assert (made.version, made.state, made.effective_from, made.author, made.approver, made.file) == (
        1,
        "effective",
        None,
        "hedef",
        "hedef",
        "new-business.yaml",
    )
    assert made.words["en"] == "2 limits"


def test_shipping_again_changes_nothing(folder):
    ship()
    before = head()
    assert ship() == 0
    assert head() == before


def test_a_changed_file_becomes_the_next_version(folder, ageing):
    ship()
    (folder / "new-business.yaml").write_text(ageing.replace("21", "30"), encoding="utf-8")
    assert ship() == 1
    found = queries.in_force("ageing", "new-business")
    assert (found.version, found.document.limits[1].days) == (2, 30)


def test_a_changed_file_never_overrules_what_people_wrote(folder, ageing):
    ship()
    services.add(text=ageing.replace("21", "60"), actor="defne")
    services.approve(kind="ageing", id="new-business", actor="defne")
    (folder / "new-business.yaml").write_text(ageing.replace("21", "30"), encoding="utf-8")
    assert ship() == 1
    assert queries.in_force("ageing", "new-business").document.limits[1].days == 60
    assert [one.state for one in queries.versions("ageing", "new-business")] == ["effective", "effective", "draft"]
    assert ship() == 0


def test_first_documents_are_made_once_and_then_belong_to_people(monkeypatch, plan):
    total = [1]
    kind = replace(kinds._kinds["target-plan"], first=lambda: [{**plan, "total": total[0]}])
    monkeypatch.setitem(kinds._kinds, "target-plan", kind)
    assert services.ensure_shipped() == 1
    total[0] = 2
    assert services.ensure_shipped() == 0
    assert queries.in_force("target-plan", "sales-2017").document.total == 1

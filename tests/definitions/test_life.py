from datetime import date

import pytest

from hedef.definitions import queries, services
from hedef.definitions.models import Definition, DefinitionState
from hedef.kernel.errors import InvalidDocument, NotFound, Refused
from hedef.ledger.queries import batches, head, history

pytestmark = pytest.mark.usefixtures("home")


def add_plan(plan, *, actor="defne", **changes):
    return services.add(document={**plan, **changes}, actor=actor)


def approve_plan(actor, version=None):
    return services.approve(kind="target-plan", id="sales-2017", version=version, actor=actor)


def in_force(day, known_no=None):
    found = queries.in_force("target-plan", "sales-2017", day=day, known_no=known_no)
    return None if found is None else found.version


def test_a_draft_is_kept_but_not_in_force(ageing):
    made = services.add(text=ageing, file="ageing.yaml", actor="defne")
    assert (made.reference, made.state, made.author, made.approver) == ("ageing:new-business@1", "draft", "defne", "")
    assert made.document.limits[1].days == 21
    assert made.body["version"] == 1
    assert queries.in_force("ageing", "new-business") is None


def test_faults_of_a_draft_name_file_line_and_column(ageing):
    with pytest.raises(InvalidDocument) as caught:
        services.add(text=ageing.replace("days: 14", "days: soon"), file="ageing.yaml", actor="defne")
    (issue,) = caught.value.issues
    assert (issue.source.file, issue.source.row, issue.source.column) == ("ageing.yaml", 6, "23")
    assert issue.object == "limits[0].days"
    assert Definition.objects.count() == 0


def test_checks_of_the_room_keep_a_draft_out(ageing):
    with pytest.raises(InvalidDocument, match="limits fall"):
        services.add(text=ageing.replace("days: 21", "days: 7"), actor="defne")


@pytest.mark.parametrize("text", ["- 1", "kind: nothing\nid: x", "id: x", "kind: ageing"])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(InvalidDocument):
        services.add(text=text, actor="defne")


def test_the_owner_of_other_documents_approves_alone_and_plain_words_are_kept(ageing):
    services.add(text=ageing, actor="defne")
    made = services.approve(kind="ageing", id="new-business", actor="defne")
    assert (made.state, made.approver, made.self_approved) == ("effective", "defne", False)
    assert made.words == {"en": "2 limits", "tr": "sınırlar"}


def test_a_plan_needs_a_second_person_and_never_the_author(plan):
    services.register_approvers(lambda kind: {"defne", "selin"} if kind == "target-plan" else set())
    add_plan(plan)
    with pytest.raises(Refused, match="was written by defne: a second person approves it") as caught:
        approve_plan("defne")
    assert (caught.value.error_code, caught.value.hint) == ("second_person_missing", "These may: selin.")
    made = approve_plan("selin")
    assert (made.state, made.author, made.approver, made.self_approved) == ("effective", "defne", "selin", False)


def test_whoever_wrote_at_a_draft_is_no_second_person(plan):
    services.register_approvers(lambda kind: {"defne", "selin", "ayca"})
    add_plan(plan)
    add_plan(plan, actor="selin", notes="only a note")
    for author in ("defne", "selin"):
        with pytest.raises(Refused, match="was written by defne and selin"):
            approve_plan(author)
    assert approve_plan("ayca").approver == "ayca"


def test_where_nobody_else_may_approve_the_author_may_and_the_version_says_so(plan):
    services.register_approvers(lambda kind: {"defne"})
    add_plan(plan)
    assert approve_plan("defne").self_approved is True


def test_versions_rise_by_one_and_approved_ones_never_change(plan):
    add_plan(plan)
    approve_plan("selin")
    with pytest.raises(InvalidDocument, match="the next version is 2, not 3"):
        add_plan(plan, version=3)
    with pytest.raises(InvalidDocument, match="version 1 is effective and never changes"):
        add_plan(plan, version=1, total=1)
    assert add_plan(plan, total=1).version == 2


def test_a_draft_may_be_corrected_until_it_is_approved(plan):
    add_plan(plan)
    again = add_plan(plan, actor="selin", total=5)
    assert (again.version, again.state, again.author, again.document.total) == (1, "draft", "selin", 5)


def test_what_is_said_already_is_not_written_again(plan):
    add_plan(plan)
    approve_plan("selin")
    before = head()
    assert add_plan(plan).state == "effective"
    assert add_plan(plan, notes="only a note").version == 1
    assert head() == before


def test_each_day_computes_with_its_own_version(plan):
    add_plan(plan)
    approve_plan("selin")
    first_known = head().seal_no
    add_plan(plan, total=3_600_000, effective_from="2017-08-14")
    approve_plan("selin")
    assert [in_force(date(2017, 8, 13)), in_force(date(2017, 8, 14))] == [1, 2]
    assert in_force(date(2017, 8, 14), known_no=first_known) == 1
    assert in_force(date(2017, 8, 14), known_no=first_known - 1) is None
    assert [one.version for one in queries.list_in_force("target-plan", day=date(2017, 8, 14))] == [2]
    assert [one.version for one in queries.list_in_force("target-plan", known_no=first_known)] == [1]


def test_a_later_version_cannot_begin_before_a_former_one(plan):
    add_plan(plan, effective_from="2017-08-14")
    approve_plan("selin")
    with pytest.raises(InvalidDocument) as caught:
        add_plan(plan, total=1, effective_from="2017-08-13")
    assert [issue.code for issue in caught.value.issues] == ["effective_goes_back"]


def test_two_drafts_side_by_side_cannot_pass_each_other(plan):
    add_plan(plan, version=1)
    add_plan(plan, version=2, total=2)
    approve_plan("selin", version=2)
    with pytest.raises(InvalidDocument, match="target-plan:sales-2017@2 is approved already"):
        approve_plan("selin", version=1)


def test_a_version_for_later_is_approved_and_effective_when_its_day_has_come(plan, settings):
    add_plan(plan, effective_from="2999-01-01")
    made = approve_plan("selin")
    assert made.state == "approved"
    assert [in_force(date(2998, 12, 31)), in_force(date(2999, 1, 1))] == [None, 1]
    with pytest.raises(Refused, match="that day has not come"):
        services.make_effective(kind="target-plan", id="sales-2017", actor="selin")
    assert services.make_due_effective(actor="hedef") == []


def test_the_due_are_marked_effective_on_their_day(plan, time_machine_at):
    time_machine_at("2026-01-10")
    add_plan(plan, effective_from="2026-02-01")
    approve_plan("selin")
    time_machine_at("2026-02-01")
    assert [one.state for one in services.make_due_effective(actor="hedef")] == ["effective"]


@pytest.fixture
def time_machine_at():
    import time_machine

    travels = []

    def go(day: str) -> None:
        for travel in travels:
            travel.stop()
        travels[:] = [time_machine.travel(f"{day}T12:00:00+00:00", tick=False)]
        travels[0].start()

    yield go
    for travel in travels:
        travel.stop()


def test_a_simulation_says_what_would_change(plan):
    add_plan(plan)
    approve_plan("selin")
    add_plan(plan, total=9)
    found = services.simulate(kind="target-plan", id="sales-2017", actor="defne")
    assert (found.version.version, found.version.state, found.against) == (2, "simulated", "target-plan:sales-2017@1")
    assert [one.as_json() for one in found.differences] == [{"path": "total", "before": 3_300_000, "after": 9}]
    assert found.result == {"total": 9}
    assert approve_plan("selin").state == "effective"
    with pytest.raises(Refused, match="is effective: it cannot become simulated"):
        services.simulate(kind="target-plan", id="sales-2017", actor="defne")


def test_a_retired_document_keeps_its_past(plan):
    add_plan(plan)
    approve_plan("selin")
    made = services.retire(kind="target-plan", id="sales-2017", actor="defne", on=date(2017, 10, 1))
    assert (made.state, made.until) == ("retired", date(2017, 10, 1))
    assert [in_force(date(2017, 9, 30)), in_force(date(2017, 10, 1))] == [1, None]


def test_undo_withdraws_a_draft(plan):
    add_plan(plan)
    assert services.undo(kind="target-plan", id="sales-2017", actor="defne").state == "retired"
    with pytest.raises(NotFound, match="no living version"):
        services.undo(kind="target-plan", id="sales-2017", actor="defne")
    assert add_plan(plan).version == 2


def test_undo_of_an_effective_version_is_a_new_draft_with_the_body_before_it(plan):
    add_plan(plan)
    approve_plan("selin")
    with pytest.raises(Refused, match="has no version before it"):
        services.undo(kind="target-plan", id="sales-2017", actor="defne")
    add_plan(plan, total=9, effective_from="2017-08-14")
    approve_plan("selin")
    made = services.undo(kind="target-plan", id="sales-2017", actor="defne", on=date(2017, 9, 1))
    assert (made.version, made.state, made.document.total) == (3, "draft", 3_300_000)
    assert made.effective_from == date(2017, 9, 1)
    assert batches(last=1)[0].reason == "undo of version 2: back to version 1"


def test_undo_of_a_version_that_has_not_begun_leaves_the_former_in_force(plan):
    add_plan(plan)
    approve_plan("selin")
    add_plan(plan, total=9, effective_from="2999-01-01")
    approve_plan("selin")
    services.undo(kind="target-plan", id="sales-2017", actor="defne")
    assert in_force(date(2999, 6, 1)) == 1


def test_a_first_import_introduces_version_1_alone_and_only_once(plan):
    services.register_approvers(lambda kind: {"defne", "selin"})
    made = services.introduce(document=plan, actor="defne", reason="first import")
    assert (made.version, made.state, made.effective_from) == (1, "effective", None)
    with pytest.raises(Refused, match="is there already"):
        services.introduce(document=plan, actor="defne")


def test_every_step_is_a_change_in_the_ledger(plan):
    made = add_plan(plan)
    approve_plan("selin")
    changes = history(made.entity)
    assert [(change.kind, change.fields["state"]) for change in changes] == [
        ("document", "draft"),
        ("document", "approved"),
        ("document", "effective"),
    ]
    assert changes[1].fields["approver"] == "selin"
    assert [batch.actor for batch in batches(last=2)] == ["selin", "defne"]


def test_both_projections_come_back_from_the_ledger_alone(plan, ageing):
    services.add(text=ageing, actor="defne")
    services.approve(kind="ageing", id="new-business", actor="defne")
    add_plan(plan)
    add_plan(plan, total=2)
    approve_plan("selin")
    services.retire(kind="target-plan", id="sales-2017", actor="defne", on=date(2027, 1, 1))
    rows = [
        list(Definition.objects.values()),
        list(DefinitionState.objects.values_list("definition", "known_no", "ord", "state")),
    ]
    assert services.rebuild() == 8
    again = [
        list(Definition.objects.values()),
        list(DefinitionState.objects.values_list("definition", "known_no", "ord", "state")),
    ]
    assert again == rows


def test_nothing_is_named_in_vain(plan):
    add_plan(plan)
    with pytest.raises(NotFound, match='"riddle" is no kind of document'):
        services.approve(kind="riddle", id="x", actor="a")
    with pytest.raises(NotFound, match="There is no document target-plan:sales-2018") as caught:
        queries.get("target-plan", "sales-2018")
    assert caught.value.hint == "Near: sales-2017."
    with pytest.raises(NotFound, match="There is no target-plan:sales-2017@7"):
        queries.get("target-plan", "sales-2017", 7)

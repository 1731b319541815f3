"""Acknowledgements and notices are records: told once, changed by a change, taken back, and erased with the person."""

import pytest

from hedef.kernel.errors import WrongUse
from hedef.kernel.scope import Scope
from hedef.ledger.models import LedgerBatch
from hedef.ledger.queries import history, verify
from hedef.records import queries, services

pytestmark = pytest.mark.usefixtures("home")

PLAN = "target-plan:sales-2017@2"
DAY = 1_500_000_000_000_000


def person(name):
    return services.create(kind="person", fields={"name": name}, effective_us=0, actor="local")


def say(who, answer="acknowledged", sentence="", digest="sha256:one", at=DAY):
    return services.acknowledge_document(
        person=who, document=PLAN, digest=digest, answer=answer, sentence=sentence, actor="ayse", at_us=at
    )


def tell(who, **more):
    texts = {"en": "Central is behind.", "tr": "Merkez geride."}
    told = {
        "room": "targets",
        "code": "band",
        "scope": "team:T-2",
        "period": "2017-Q3",
        "value": "behind",
        "text": texts,
    }
    return services.notify(**({"text": texts, "person": who, "actor": "system", "at_us": DAY} | told | more))


def test_an_answer_is_bound_to_the_version_that_was_read():
    ayse = person("Ayşe")
    first = say(ayse)
    second = say(ayse, digest="sha256:two", at=DAY + 5)
    found = queries.acknowledgements(document=PLAN)
    assert [(one.entity, one.digest, one.answer, one.at_us) for one in found] == [
        (first, "sha256:one", "acknowledged", DAY),
        (second, "sha256:two", "acknowledged", DAY + 5),
    ]


def test_the_same_answer_again_writes_nothing_and_a_changed_mind_keeps_the_former_in_its_history():
    ayse = person("Ayşe")
    first = say(ayse)
    batches = LedgerBatch.objects.filter(seal_no__isnull=False).count()
    assert say(ayse, at=DAY + 1) == first
    assert say(ayse, "disagreed", "Too high for a new region.", at=DAY + 2) == first
    [found] = queries.acknowledgements(person=ayse)
    assert (found.answer, found.sentence) == ("disagreed", "Too high for a new region.")
    assert [one.fields.get("answer") for one in history(first)] == ["acknowledged", "disagreed"]
    assert LedgerBatch.objects.filter(seal_no__isnull=False).count() <= batches + 2


def test_a_disagreement_needs_a_sentence_and_an_answer_is_one_of_two():
    ayse = person("Ayşe")
    with pytest.raises(WrongUse, match="needs a sentence"):
        say(ayse, "disagreed", "  ")
    with pytest.raises(WrongUse, match="no answer"):
        say(ayse, "perhaps")


def test_an_unread_notice_is_not_told_twice_and_a_read_one_may_come_again():
    ayse = person("Ayşe")
    first = tell(ayse)
    assert tell(ayse) == first
    assert services.mark_read(entities=[first], actor="ayse", at_us=DAY + 1) == 1
    assert services.mark_read(entities=[first], actor="ayse", at_us=DAY + 2) == 0
    second = tell(ayse)
    assert second != first
    assert [one.entity for one in queries.notices(person=ayse)] == [second, first]
    assert [one.entity for one in queries.notices(person=ayse, unread=True)] == [second]
    newest = queries.notices(person=ayse, limit=1)[0]
    assert (newest.text("tr"), newest.text("en"), newest.value) == ("Merkez geride.", "Central is behind.", "behind")


def test_a_notice_without_turkish_is_refused():
    with pytest.raises(WrongUse, match="en and tr"):
        tell(person("Ayşe"), text={"en": "Central is behind."})


def test_a_viewer_reads_what_was_told_to_the_own_people():
    ayse, can = person("Ayşe"), person("Can")
    tell(ayse)
    tell(can)
    say(can)
    scope = Scope(people=frozenset({ayse}))
    assert [one.person for one in queries.notices(scope=scope)] == [ayse]
    assert queries.acknowledgements(scope=scope) == []


def test_an_acknowledgement_taken_back_was_never_given():
    ayse = person("Ayşe")
    say(ayse)
    batch = LedgerBatch.objects.get(object="acknowledgement")
    services.undo_batch(batch.pk, actor="ops", reason="the wrong person clicked")
    assert queries.acknowledgements(person=ayse) == []
    assert services.differences() == []


def test_what_a_person_said_and_was_told_loses_its_words_with_the_person():
    ayse, can = person("Ayşe"), person("Can")
    say(ayse, "disagreed", "Ayşe says no.")
    tell(ayse, text={"en": "Ayşe is behind.", "tr": "Ayşe geride."})
    say(can, "disagreed", "Can says no.")
    services.erase(ayse, actor="ops", reason="she asked for it")
    assert [one.sentence for one in queries.acknowledgements(document=PLAN)] == [None, "Can says no."]
    assert [one.text("en") for one in queries.notices(person=ayse)] == [""]
    assert [one.answer for one in queries.acknowledgements(person=ayse)] == ["disagreed"]
    assert verify() == []


def test_records_and_ledger_say_the_same_of_acknowledgements_and_notices():
    ayse = person("Ayşe")
    say(ayse)
    tell(ayse)
    services.rebuild()
    assert len(queries.acknowledgements()) == len(queries.notices()) == 1
    assert services.differences() == []

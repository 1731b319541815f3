"""A batch on which published results rest is taken back only by two people."""

from datetime import UTC, datetime

import pytest

from hedef.access.services import create_user
from hedef.facts.queries import pin
from hedef.kernel.errors import Refused
from hedef.kernel.trust import UNKNOWN
from hedef.ledger.queries import batch
from hedef.publications.queries import publication
from hedef.publications.resting import resting_on
from hedef.publications.services import publish
from hedef.records import services

pytestmark = pytest.mark.usefixtures("home")

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def edit():
    """A deal of which one edit at 50 was published as of 60."""
    deal = services.create(kind="deal", fields={"stage": "proposal"}, effective_us=10, actor="zeynep")
    return services.change(kind="deal", entity=deal, fields={"stage": "won"}, effective_us=50, actor="zeynep")[0]


def published(as_of_us, subject="2026-Q2"):
    told = {"kind": "scoreboard", "subject": subject, "body": {"won": 1}, "definitions": {}, "trust": UNKNOWN}
    return publish(**told, pin=pin(), as_of_us=as_of_us, actor="zeynep", made_at=NOON)


def undo(number, **more):
    return services.undo_batch(number, actor="ops", reason="wrong", **more)


def test_an_undo_is_refused_with_the_list_of_publications_that_rest_on_the_batch(edit):
    made = published(60)
    with pytest.raises(Refused) as refused:
        undo(edit)
    assert refused.value.error_code == "publication_rests"
    assert [one.object for one in refused.value.issues] == [f"publication {made.no}"]
    rehearsed = undo(edit, dry_run=True)
    assert [one.what for one in rehearsed.resting] == ["scoreboard 2026-Q2"]
    assert "2026-Q2" in rehearsed.refused


def test_with_a_second_person_it_is_taken_back_and_the_publication_stays_as_it_was(edit):
    create_user(username="ops", name="Ops", roles=["operations"], now=NOON)
    create_user(username="nil", name="Nil", roles=["operations"], now=NOON)
    create_user(username="rep", name="Rep", roles=["rep"], now=NOON)
    before = published(60)
    for second in (None, "ops", "rep", "nobody"):
        with pytest.raises(Refused) as refused:
            undo(edit, after_publication=True, second=second)
        assert refused.value.error_code == "second_person"
    done = undo(edit, after_publication=True, second="nil")
    assert batch(done.batch).counts == {"resting": [f"publication {before.no}"], "second": "nil"}
    assert publication(before.no) == before


def test_where_nobody_else_may_undo_one_person_is_enough(edit):
    published(60)
    assert undo(edit, after_publication=True).seal_no is not None


def test_what_was_published_before_or_of_an_earlier_instant_does_not_rest_on_it():
    published(10**18, "before")
    deal = services.create(kind="deal", fields={"stage": "proposal"}, effective_us=100, actor="zeynep")
    number = services.change(kind="deal", entity=deal, fields={"stage": "won"}, effective_us=120, actor="zeynep")[0]
    published(110, "earlier instant")
    assert resting_on(batch(number)) == []

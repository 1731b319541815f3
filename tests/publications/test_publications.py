"""A publication keeps what was shown and everything it rests on."""

from datetime import UTC, datetime

import pytest

from hedef.definitions.queries import in_force
from hedef.facts.queries import pin
from hedef.facts.services import rebuild
from hedef.kernel.errors import NotFound, Refused
from hedef.kernel.trust import Reason, Trust
from hedef.publications.engine import fingerprint_of
from hedef.publications.queries import basis, fingerprint, publication, publications
from hedef.publications.services import publish
from hedef.records.services import create

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)
START = 1_490_000_000_000_000
TRUSTED = Trust("trusted")


def deal() -> int:
    fields = {"stage": "first", "status": "open", "amount_minor": 100, "currency": "USD"}
    return create(kind="deal", fields=fields, effective_us=START, actor="test")


def published(**given):
    values = {"kind": "scoreboard", "subject": "2017-Q3", "body": {"b": 1, "a": ["1.00"]}, "definitions": {}}
    values |= {"pin": pin(), "as_of_us": START, "trust": TRUSTED, "actor": "holly", "made_at": NOON}
    return publish(**values | given)


def test_a_publication_is_found_again_as_it_was_made(home):
    at = pin()
    made = published(definitions=[in_force("calendar", "company")], pin=at)
    found = publication(made.no)
    assert found == made
    assert found.body == {"a": ["1.00"], "b": 1}
    assert found.known_no == at.watermark
    assert found.head_digest == at.manifest.head
    assert [name for name, _ in found.basis["definitions"]] == ["calendar:company@1"]
    assert found.as_json()["made_at"] == "2026-11-17T12:00:00Z"


def test_equal_bodies_have_equal_bytes_whatever_the_order_of_their_keys(home):
    first, second = published(body={"a": 1, "b": 2}), published(body={"b": 2, "a": 1})
    assert first.body_digest == second.body_digest


def test_a_fingerprint_stays_through_a_rebuild_and_changes_with_what_it_covers(home):
    deal()
    at = pin()
    said = fingerprint(definitions={"metric:won_value@1": "sha256:1"}, pin=at, as_of_us=START)
    rebuild()
    assert fingerprint(definitions={"metric:won_value@1": "sha256:1"}, pin=pin(), as_of_us=START) == said
    others = [
        fingerprint(definitions={"metric:won_value@1": "sha256:2"}, pin=pin(), as_of_us=START),
        fingerprint(definitions={"metric:won_value@1": "sha256:1"}, pin=pin(), as_of_us=START + 1),
        fingerprint(definitions={"metric:won_value@1": "sha256:1"}, pin=pin(known_no=1), as_of_us=START),
    ]
    deal()
    others.append(fingerprint(definitions={"metric:won_value@1": "sha256:1"}, pin=pin(), as_of_us=START))
    assert len({said, *others}) == 5


def test_a_fingerprint_does_not_depend_on_the_order_of_the_definitions(home):
    one, two = {"metric:a@1": "x", "metric:b@1": "y"}, {"metric:b@1": "y", "metric:a@1": "x"}
    at = pin()
    assert fingerprint_of(basis(definitions=one, pin=at, as_of_us=None)) == fingerprint_of(
        basis(definitions=two, pin=at, as_of_us=None)
    )


def test_blocked_data_is_not_published(home):
    reason = Reason("reconciliation", "blocked", "acme", "deal", rows=3, judged=10, batch=7, file="deals.csv")
    with pytest.raises(Refused, match="deal of acme: file and ledger differ by 3"):
        published(trust=Trust("blocked", (reason,)))
    assert publications() == []


def test_the_newest_publications_come_first(home):
    first, second = published(subject="2017-Q2"), published()
    assert [one.no for one in publications()] == [second.no, first.no]
    assert [one.no for one in publications(subject="2017-Q2")] == [first.no]
    assert publications(kind="statement") == []


def test_an_unknown_publication_is_not_found(home):
    with pytest.raises(NotFound, match="no publication 7"):
        publication(7)


def test_a_float_is_no_part_of_a_body(home):
    with pytest.raises(TypeError, match="float"):
        published(body={"ratio": 0.5})

"""Several writers at once: seals stay gap-free, and every chain follows the order of the seals."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from hedef.ledger.queries import batches, history, verify
from hedef.records import queries, services
from tests.conftest import missing

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_edits_of_one_record_from_several_connections_form_one_chain():
    if connection.vendor != "postgresql":
        missing("several connections to one database: run with HEDEF_DATABASE_URL of a PostgreSQL")
    deal = services.create(kind="deal", fields={"amount_minor": 0}, effective_us=0, actor="local")
    other = services.create(kind="deal", fields={"amount_minor": 0}, effective_us=0, actor="local")

    def edit(place):
        try:
            entity = deal if place % 3 else other
            fields = {"amount_minor": place + 1}
            return services.change(kind="deal", entity=entity, fields=fields, effective_us=place % 5, actor="local")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(edit, range(60)))
    assert len(set(numbers)) == 60
    assert [one.seal_no for one in batches(last=None)] == list(range(62, 0, -1))
    assert verify() == []
    for entity, edits in ((deal, 40), (other, 20)):
        seals = [change.seal_no for change in history(entity)]
        assert len(seals) == edits + 1
        assert seals == sorted(seals)
        row = queries.rows("deal", entities=[entity])[0]
        assert row["amount_minor"] == queries.state(entity)["amount_minor"]

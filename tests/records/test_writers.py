"""Several writers at once, threads on PostgreSQL, processes on SQLite: nothing lost, nothing doubled, no gap."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from hedef.ledger.models import LedgerBatch
from hedef.ledger.queries import batches, verify
from hedef.records import services
from hedef.records.models import Deal, ExternalKey
from tests.conftest import ROOT, missing
from tests.records.writers import work


def assert_all_is_there(deals, told):
    sealed = batches(last=None)
    assert [one.seal_no for one in sealed] == list(range(len(sealed), 0, -1))
    kinds = Counter(one.kind for one in sealed)
    assert kinds == {"edit": told["edits"] + len(deals), "import": told["imports"]}
    assert sum(one.rows for one in sealed if one.kind == "import") == told["rows"]
    moments = [one.recorded_at for one in sealed]
    assert moments == sorted(moments, reverse=True)
    assert verify() == []
    assert services.differences(["deal"]) == []
    assert not LedgerBatch.objects.filter(state="open").exists()
    known = set(Deal.objects.values_list("entity", flat=True))
    assert set(ExternalKey.objects.values_list("entity", flat=True)) <= known


def some_deals():
    return [services.create(kind="deal", fields={"amount_minor": 0}, effective_us=0, actor="local") for _ in range(6)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_writers_in_threads_lose_nothing_and_double_nothing():
    if connection.vendor != "postgresql":
        missing("several connections to one database: run with HEDEF_DATABASE_URL of a PostgreSQL")
    deals = some_deals()

    def run(seed):
        try:
            return work(seed, 12, deals)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        told = sum(pool.map(run, range(1, 9)), Counter())
    assert_all_is_there(deals, told)


PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.records.test_writers import some_deals
print(*some_deals())
"""
JUDGE = """
import sys, django; django.setup()
from collections import Counter
from tests.records.test_writers import assert_all_is_there
deals, edits, imports, rows = sys.argv[1].split(), *map(int, sys.argv[2:])
assert_all_is_there(deals, Counter(edits=edits, imports=imports, rows=rows))
print("all there")
"""


@pytest.mark.slow
def test_four_processes_on_one_sqlite_file_lose_nothing_and_double_nothing(tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
    env |= {"HEDEF_HOME": str(tmp_path), "HEDEF_SECRET_KEY": "test", "DJANGO_SETTINGS_MODULE": "hedef.settings"}

    def python(*args):
        return subprocess.Popen(
            [sys.executable, *args], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def answer(process):
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        return out.split()

    deals = answer(python("-c", PREPARE))
    writers = [python("-m", "tests.records.writers", str(seed), "8", *deals) for seed in range(1, 5)]
    told = [[int(one) for one in answer(writer)] for writer in writers]
    totals = [str(sum(one)) for one in zip(*told, strict=True)]
    assert answer(python("-c", JUDGE, " ".join(deals), *totals)) == ["all", "there"]

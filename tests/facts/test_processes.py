"""Several processes on one home: nothing is lost, nothing is seen half."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_OPEN = "from pathlib import Path; import sys; from hedef.cli_support import open_home; open_home(Path(sys.argv[1]));"
_WRITE = (
    _OPEN
    + """
from hedef.records.services import create
from hedef.facts.queries import pin
for number in range(12):
    create(kind="deal", fields={"stage": sys.argv[2], "status": "open", "amount_minor": 100, "currency": "USD"},
           effective_us=1_490_000_000_000_000 + number, actor="test")
    pin()
"""
)
_READ = (
    _OPEN
    + """
from hedef.facts.queries import Question, ask, pin
asked = Question("test/whole", "SELECT sum(n) AS n, sum(amount_minor) AS amount FROM deal_delta")
before = 0
for _ in range(40):
    at = pin(wait=False)
    (row,) = ask(asked, pin=at).as_dicts()
    again = ask(asked, pin=at).as_dicts()
    assert again == [row], "a pin moved"
    assert (row["amount"] or 0) == 100 * (row["n"] or 0), "half a write was seen"
    assert (row["n"] or 0) >= before, "known rows were lost"
    before = row["n"] or 0
"""
)
_COUNT = (
    _OPEN
    + """
from hedef.facts.queries import Question, ask, pin
from hedef.facts.services import verify
asked = Question("test/count", "SELECT stage, sum(n) AS n FROM deal_delta GROUP BY stage ORDER BY stage")
rows = ask(asked, pin=pin()).as_dicts()
assert rows == [{"stage": "one", "n": 12}, {"stage": "two", "n": 12}], rows
assert verify()[1] == []
"""
)
# writes and absorbs without end, so that it can be killed anywhere in between
_ABSORB = (
    _OPEN
    + """
from hedef.records.services import change, create
from hedef.facts.services import absorb
one = create(kind="deal", fields={"stage": "a", "amount_minor": 1, "currency": "USD"}, effective_us=1, actor="test")
absorb()
print("ready", flush=True)
for number in range(10_000):
    change(kind="deal", entity=one, fields={"amount_minor": number}, effective_us=2 + number, actor="test")
    absorb()
"""
)
_VERIFY = (
    _OPEN
    + """
from hedef.facts.services import absorb, compact, verify
from hedef.ledger.queries import head
assert absorb().watermark == head().seal_no
assert verify()[1] == [], verify()[1]
compact()
assert verify()[1] == []
"""
)
_HOLD = (
    _OPEN
    + """
from hedef.facts.queries import Question, ask, pin
at = pin()
asked = Question("test/held", "SELECT stage, amount_minor FROM deal_now ORDER BY deal")
print("pinned", flush=True)
sys.stdin.readline()
print(ask(asked, pin=at).as_dicts(), flush=True)
"""
)
_REPLACE = (
    _OPEN
    + """
from hedef.records.services import change
from hedef.facts.compaction import clean_up
from hedef.facts.services import absorb, compact
from hedef.facts.store import home_store
for number in range(20):
    change(kind="deal", entity=int(sys.argv[2]), fields={"stage": "b", "amount_minor": number},
           effective_us=1_500_000_000_000_000 + number, actor="test")
    absorb()
done, _ = compact()
clean_up(home_store(), done, keep_s=0)
left = {one.name for one in home_store().list("segments")} - {one.path for one in done.segments}
print(len(left), flush=True)
"""
)
_MAKE = (
    _OPEN
    + """
from hedef.records.services import create
from hedef.facts.services import absorb
print(create(kind="deal", fields={"stage": "a", "amount_minor": 5, "currency": "USD"}, effective_us=1, actor="test"))
absorb()
"""
)
_CHANGE = (
    _OPEN
    + """
import time
from hedef.records.services import change
change(kind="deal", entity=int(sys.argv[2]), fields={"amount_minor": 6}, effective_us=2, actor="test")
print(time.time_ns(), flush=True)
"""
)
_WATCH = (
    _OPEN
    + """
import time
from hedef.facts.queries import Question, ask, pin
from hedef.records.services import create
create(kind="person", fields={"name": "Holly"}, effective_us=1, actor="test")  # it has absorbed before
asked = Question("test/seen", "SELECT amount_minor FROM deal_now ORDER BY deal")
ask(asked, pin=pin(wait=False))
print("watching", flush=True)
for _ in range(3000):
    if ask(asked, pin=pin(wait=False)).as_dicts() == [{"amount_minor": 6}]:
        print(time.time_ns(), flush=True)
        break
    time.sleep(0.02)
"""
)

# a version with millions of rows, made of one file told many times
_LARGE = (
    _OPEN
    + """
from dataclasses import replace
import polars as pl
from hedef.facts.registry import tables
from hedef.facts.segments import publish_manifest, write_segment
from hedef.facts.services import absorb
from hedef.facts.store import home_store
from hedef.records.services import create
create(kind="deal", fields={"stage": "a", "amount_minor": 5, "currency": "USD"}, effective_us=1, actor="test")
base, table = absorb(), tables()["deal_delta"]
count = 250_000
rows = pl.select(deal=pl.int_range(count), known_no=base.watermark, n=pl.lit(1), status=pl.lit("open"),
                 amount_minor=pl.int_range(count), eff_us=pl.int_range(count))
rows = table.shaped(rows.with_columns(pl.lit(None).alias(name) for name in table.schema if name not in rows.columns))
one = write_segment(home_store(), base.folder, "deal_delta", rows, sign="n", key="deal")
publish_manifest(home_store(), replace(base, version=base.version + 1, segments=(one,) * 20))
"""
)
_ENDS = (
    _OPEN
    + """
import time
from hedef.facts.queries import Question, ask, pin
asked = Question("test/ends", "SELECT sum(n) AS n FROM deal_delta")
at = pin()
for _ in range(4):
    assert ask(asked, pin=at).as_dicts() == [{"n": 5_000_000}]
time.sleep(float(sys.argv[2]))
"""
)


def _start(code: str, home: Path, *more: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home), *more],
        env=environment | {"HEDEF_SECRET_KEY": "only for tests"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _done(process: subprocess.Popen[str]) -> str:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return said


def _said(process: subprocess.Popen[str], word: str) -> None:
    """Wait until the process prints the word."""
    lines = []
    while (line := process.stdout.readline()) and word not in line:
        lines.append(line)
    assert word in line, "".join(lines)


@pytest.mark.slow
def test_two_writers_absorb_at_once_while_a_reader_is_pinned(tmp_path):
    home = tmp_path / "home"
    _done(_start(_OPEN, home))
    running = [_start(_WRITE, home, "one"), _start(_WRITE, home, "two"), _start(_READ, home)]
    for process in running:
        _done(process)
    _done(_start(_COUNT, home))


@pytest.mark.slow
def test_a_worker_killed_anywhere_in_an_absorption_leaves_facts_that_are_right(tmp_path):
    home = tmp_path / "home"
    _done(_start(_OPEN, home))
    for wait_s in (0.0, 0.013, 0.031, 0.074, 0.11, 0.17):
        process = _start(_ABSORB, home)
        _said(process, "ready")
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    _done(_start(_VERIFY, home))


@pytest.mark.slow
def test_a_reader_pinned_in_another_process_outlives_the_clean_up(tmp_path):
    home = tmp_path / "home"
    deal = _done(_start(_MAKE, home)).split()[-1]
    reader = _start(_HOLD, home)
    _said(reader, "pinned")
    kept = int(_done(_start(_REPLACE, home, deal)).split()[-1])
    said, _ = reader.communicate("\n", timeout=120)
    assert "[{'stage': 'a', 'amount_minor': 5}]" in said, said
    assert kept > 0
    assert int(_done(_start(_REPLACE, home, deal)).split()[-1]) == 0, "nobody reads the old files any more"


@pytest.mark.slow
def test_a_change_is_seen_in_another_process_within_a_second(tmp_path):
    home = tmp_path / "home"
    deal = _done(_start(_MAKE, home)).split()[-1]
    watcher = _start(_WATCH, home)
    _said(watcher, "watching")
    written = int(_done(_start(_CHANGE, home, deal)).split()[-1])
    seen = int(_done(watcher).split()[-1])
    assert (seen - written) / 1e9 < 1.0


@pytest.mark.slow
def test_a_process_may_end_while_a_large_table_is_loaded_beside(tmp_path):
    """The interpreter must not go while the loading thread is in DuckDB: such a process was ended by an abort."""
    home = tmp_path / "home"
    _done(_start(_LARGE, home))
    for number in range(6):
        assert _done(_start(_ENDS, home, str(number * 0.1))) == ""

"""Several processes on one home: nothing is lost, nothing is seen half."""

import os
import subprocess
import sys
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


def _start(code: str, home: Path, *more: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home), *more],
        env=environment | {"HEDEF_SECRET_KEY": "only for tests"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _done(process: subprocess.Popen[str]) -> None:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said


@pytest.mark.slow
def test_two_writers_absorb_at_once_while_a_reader_is_pinned(tmp_path):
    home = tmp_path / "home"
    _done(_start(_OPEN, home))
    running = [_start(_WRITE, home, "one"), _start(_WRITE, home, "two"), _start(_READ, home)]
    for process in running:
        _done(process)
    _done(_start(_COUNT, home))

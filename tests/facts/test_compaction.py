"""Segments written together, files removed, versions held: what was known stays what it was."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings

from hedef.facts import compaction, pins, services
from hedef.facts.compaction import Shape
from hedef.facts.queries import Question, ask, pin
from hedef.facts.store import home_store
from hedef.records.services import change, create, end
from tests.facts import histories

OPEN = {"process": "new", "stage": "first", "status": "open", "amount_minor": 100_000, "currency": "USD"}
START, HOUR = 1_490_000_000_000_000, 3_600_000_000
database = pytest.mark.django_db


def deal(**fields) -> int:
    return create(kind="deal", fields=OPEN | fields, effective_us=START, actor="test")


def tell(entity: int, hours: int, **fields) -> None:
    change(kind="deal", entity=entity, fields=fields, effective_us=START + hours * HOUR, actor="test")


def everything(known_no: int | None = None) -> list[list[tuple]]:
    """All rows that questions see, table by table."""
    at = pin(known_no=known_no)
    asked = (
        (
            "SELECT stage, status, sum(n) AS n, sum(amount_minor) AS amount FROM deal_delta GROUP BY stage, status "
            "HAVING sum(n) <> 0 ORDER BY stage, status"
        ),
        "SELECT deal, stage, amount_minor FROM deal_now ORDER BY deal",
        "SELECT deal, visit_no, stage, left_us FROM stage_visit ORDER BY deal, visit_no",
        (
            "SELECT deal, outcome, sum(sign) AS n FROM closing GROUP BY deal, outcome HAVING sum(sign) <> 0 "
            "ORDER BY deal, outcome"
        ),
    )
    return [[tuple(row.values()) for row in ask(Question("test", sql), pin=at).as_dicts()] for sql in asked]


def an_eventful_home() -> int:
    """Deals that moved, were won, reopened and ended, absorbed now and then; gives the newest seal."""
    for number in range(4):
        one = deal(amount_minor=number)
        for hour in range(1, 5):
            tell(one, hour, stage=f"s{hour}", amount_minor=number + hour)
            services.absorb()
        tell(one, 6, status="won", stage="won")
        tell(one, 7 - number, status="open")
        if number == 3:
            end(kind="deal", entity=one, effective_us=START + 9 * HOUR, actor="test")
    return services.absorb().watermark


@database
def test_after_compaction_every_question_has_the_same_answer_at_every_seal(home):
    newest = an_eventful_home()
    before = [everything(known_no) for known_no in range(1, newest + 1)]
    digests = [pin(known_no=known_no).digest for known_no in (5, newest)]
    done, _ = services.compact()
    assert all(len([one for one in done.of(name) if one.settled is None]) <= 1 for name in ("deal_delta", "closing"))
    for known_no, former in enumerate(before, start=1):
        assert everything(known_no) == former, known_no
    assert [pin(known_no=known_no).digest for known_no in (5, newest)] == digests
    assert services.verify()[1] == []


@database
def test_compacting_twice_changes_nothing(home):
    an_eventful_home()
    first, _ = services.compact()
    assert services.compact()[0] == first


@database
def test_what_is_known_now_is_read_without_what_was_taken_back(home):
    an_eventful_home()
    done, _ = services.compact()
    speaking = [one for one in done.segments if one.speaks_at(done.watermark)]
    assert any(one.settled for one in done.segments)
    assert sum(one.retracted for one in speaking if one.table == "deal_now") == 0


@database
def test_large_segments_are_not_written_again_for_small_ones(home, monkeypatch):
    monkeypatch.setattr(compaction, "_TIERS", (10, 1000))
    for number in range(12):
        deal(amount_minor=number)
    large = services.absorb().of("deal_delta")
    one = deal()
    for hour in range(20):
        tell(one, hour, amount_minor=hour)
        manifest = services.absorb()
    assert set(large) <= set(manifest.of("deal_delta"))
    assert len(manifest.of("deal_delta")) <= 18
    assert services.verify()[1] == []


@database
def test_changes_after_compaction_are_absorbed_as_ever(home):
    an_eventful_home()
    services.compact()
    one = deal()
    tell(one, 3, stage="later")
    assert services.verify()[1] == []
    services.rebuild()
    assert services.verify()[1] == []


SHAPE = Shape("n", "deal", ("amount_minor",))


@settings(max_examples=40)
@given(story=histories.stories())
def test_rows_set_apart_cancel_out_for_ever_and_none_is_lost(story):
    told, undoes, seals = story
    memory = histories.InMemory(told, undoes)
    memory.absorb(0, seals)
    rows = memory.tables["deal_delta"]
    past, living = compaction._apart(rows, SHAPE)
    assert past.height + living.height == rows.height
    assert pl.concat([past, living]).sort(pl.all()).equals(rows.sort(pl.all()))
    if past.height:
        amounts = past.with_columns(pl.col("amount_minor") * pl.col("n"))
        values = [name for name in rows.columns if name not in ("known_no", "n")]
        assert (amounts.group_by(values).agg(pl.col("n").sum())["n"] == 0).all()
    assert not (living["n"] < 0).any() or _each_taken_back_lives_elsewhere(living)


def _each_taken_back_lives_elsewhere(living: pl.DataFrame) -> bool:
    """A -1 may stay where it ends another state, never where it takes a row of the same values back."""
    values = [name for name in living.columns if name not in ("known_no", "n", "amount_minor")]
    amounts = living.with_columns(pl.col("amount_minor") * pl.col("n"))
    left = amounts.group_by([*values, "amount_minor"]).agg(pl.col("n").sum(), pl.len())
    return bool((left["n"].abs() == left["len"]).all())


# --- clean-up and pins ------------------------------------------------------------------------------------------------


def files() -> set[str]:
    return {one.name for one in home_store().list("segments")}


@database
def test_old_segments_go_after_an_hour_and_not_before(home):
    an_eventful_home()
    before = files()
    done, removed = services.compact()
    assert removed == []
    assert before <= files()
    at = pin()
    assert compaction.clean_up(home_store(), done, keep_s=0)
    assert files() == {one.path for one in done.segments}
    assert everything(at.known_no) == everything()
    assert services.verify()[1] == []


@database
def test_segments_of_an_absorber_that_was_killed_are_removed(home):
    deal()
    done = services.absorb()
    left = f"segments/{done.folder}/deal_now/0123.parquet"
    home_store().put_new(left, b"half")
    assert left not in compaction.clean_up(home_store(), done)
    assert left in compaction.clean_up(home_store(), done, keep_s=0)


@database
def test_a_version_pinned_in_this_process_outlives_the_clean_up(home):
    an_eventful_home()
    at = pin()
    before = ask(Question("test", "SELECT deal, stage FROM deal_now ORDER BY deal"), pin=at).as_dicts()
    done, _ = services.compact()
    compaction.clean_up(home_store(), done, keep_s=0)
    again = ask(Question("test", "SELECT sum(n) AS n FROM deal_delta"), pin=at).as_dicts()
    assert ask(Question("test", "SELECT deal, stage FROM deal_now ORDER BY deal"), pin=at).as_dicts() == before
    assert again
    del at


@database
def test_a_lease_of_a_dead_process_holds_nothing(home):
    deal()
    services.absorb()
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    host = os.uname().nodename.replace("-", "_")
    home_store().put_new(f"pins/{1:012d}-{host}-{int(gone.stdout)}-00ff", b"")
    assert pins.oldest_held(home_store()) in (None, services.current().version)


@database
def test_a_full_disk_loses_nothing_and_says_so(home):
    """The limit on the size of a file stands for a disk without space: the write fails half-way."""
    code = (
        "from pathlib import Path; import sys, resource; from hedef.cli_support import open_home; "
        "open_home(Path(sys.argv[1]))\n"
        "from hedef.records.services import create\n"
        "from hedef.facts import services\n"
        "from hedef.kernel.errors import Refused\n"
        "services.absorb()\n"
        "one = create(kind='deal', fields={'stage': 'a', 'amount_minor': 1, 'currency': 'USD'}, effective_us=1, "
        "actor='test')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))\n"
        "try:\n    services.absorb()\n    raise SystemExit('written')\n"
        "except Refused as said:\n    assert 'cannot be written' in str(said), said\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "assert services.verify()[1] == []\n"
        "assert len(services.absorb().of('deal_now')) == 1\n"
    )
    folder = Path(home) / "other"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=environment | {"HEDEF_SECRET_KEY": "only for tests"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

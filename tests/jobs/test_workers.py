"""Real worker processes on a real database: what waits is done once, what was killed is done again."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[2]

CALL = """
import json, sys
from hedef.cli_support import open_home
open_home(None)
from django.db import transaction
from tests.jobs import work
from hedef import jobs
from hedef.jobs import services, queries
told = eval(sys.argv[1])
print(json.dumps(told))
"""


class Home:
    """A data folder of its own, the workers that were started on it, and calls made in a process of their own."""

    def __init__(self, folder, database_url):
        self.folder, self.started = folder, []
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
        self.environment |= {"HEDEF_HOME": str(folder), "DJANGO_SETTINGS_MODULE": "tests.jobs.settings"}
        self.environment |= {"PYTHONPATH": str(ROOT)}
        if database_url:
            self.environment["HEDEF_DATABASE_URL"] = database_url

    def work(self):
        line = [sys.executable, "-m", "hedef.cli", "worker"]
        process = subprocess.Popen(line, env=self.environment, stderr=subprocess.DEVNULL, start_new_session=True)
        self.started.append(process)
        return process

    def call(self, expression):
        line = [sys.executable, "-c", CALL, expression]
        done = subprocess.run(line, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def hedef(self, *words):
        line = [sys.executable, "-m", "hedef.cli", *words, "--json"]
        done = subprocess.run(line, env=self.environment, capture_output=True, text=True, check=False)
        return done.returncode, json.loads(done.stdout)

    def run(self, id_):
        return self.hedef("jobs", "show", id_)[1]["jobs"][0]

    def wait_for(self, id_, *states, seconds=60):
        for _ in range(seconds * 2):
            told = self.run(id_)
            if told["state"] in states:
                return told
            time.sleep(0.5)
        raise AssertionError(told)

    def lines(self, name):
        file = self.folder / f"{name}.txt"
        return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []

    def wait_for_lines(self, name, count=1, seconds=40):
        for _ in range(seconds * 10):
            if len(self.lines(name)) >= count:
                return
            time.sleep(0.1)
        raise AssertionError(self.lines(name))

    def end(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.slow), pytest.param("postgres", marks=pytest.mark.postgres)]
)
def quick(tmp_path, request):
    """A home on SQLite, or on a database of its own in the PostgreSQL of the tests."""
    with ExitStack() as stack:
        url = stack.enter_context(own_database()) if request.param == "postgres" else ""
        home = Home(tmp_path / "home", url)
        yield home
        home.end()


@contextmanager
def own_database():
    import psycopg

    given = os.environ.get("HEDEF_DATABASE_URL", "")
    if not given:
        missing("no PostgreSQL: run through scripts/with_postgres.sh")
    name, url = f"jobs_{secrets.token_hex(4)}", urlsplit(given)
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(url._replace(path=f"/{name}"))
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def children(pid):
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(one) for one in found.stdout.split()]


def test_a_job_is_done_once_and_its_result_is_kept(quick):
    ids = quick.call("[jobs.enqueue(work.write, actor='ada', name='out', text=str(n)) for n in range(5)]")
    quick.work()
    quick.work()
    told = [quick.wait_for(one, "done") for one in ids]
    assert sorted(quick.lines("out")) == ["0", "1", "2", "3", "4"]
    assert [one["result"] for one in told] == [{"written": str(n)} for n in range(5)]
    assert {(one["attempts"], one["actor"]) for one in told} == {(1, "ada")}


def test_a_rolled_back_transaction_leaves_no_job(quick):
    rolled_back = """(lambda: [
        (atomic := transaction.atomic(), atomic.__enter__()),
        jobs.enqueue(work.write, name='out', text='never'),
        transaction.set_rollback(True), atomic.__exit__(None, None, None)] and len(queries.runs()))()"""
    assert quick.call(rolled_back.replace("\n", " ")) == 0
    after = quick.call("jobs.enqueue(work.write, name='out', text='after')")
    quick.work()
    quick.wait_for(after, "done")
    assert quick.lines("out") == ["after"]


def test_a_job_whose_worker_is_killed_is_done_again(quick):
    id_ = quick.call("jobs.enqueue(work.take_time, name='out', seconds=3)")
    supervisor = quick.work()
    quick.wait_for_lines("out")
    for one in children(supervisor.pid):
        os.kill(one, signal.SIGKILL)
    told = quick.wait_for(id_, "done")
    assert quick.lines("out") == ["began", "began", "ended"]
    assert told["attempts"] == 2


def test_a_job_is_done_again_after_everything_was_killed(quick):
    id_ = quick.call("jobs.enqueue(work.take_time, name='out', seconds=3)")
    first = quick.work()
    quick.wait_for_lines("out")
    os.killpg(first.pid, signal.SIGKILL)
    quick.work()
    assert quick.wait_for(id_, "done")["attempts"] == 2
    assert quick.lines("out") == ["began", "began", "ended"]


def test_a_job_that_kills_its_worker_stops_after_three_runs_and_says_how_to_go_on(quick):
    id_ = quick.call("jobs.enqueue(work.kill_the_worker, name='out')")
    quick.work()
    told = quick.wait_for(id_, "failed", seconds=90)
    assert quick.lines("out") == ["began"] * 3
    assert told["error"]["code"] == "worker_lost"
    assert "hedef jobs retry" in told["error"]["hint"]
    after = quick.call("jobs.enqueue(work.write, name='after', text='alive')")
    quick.wait_for(after, "done")


def test_an_accident_is_repeated_and_a_refusal_waits_for_a_person(quick):
    accident = quick.call("jobs.enqueue(work.fail_twice, name='accident')")
    refusal = quick.call("jobs.enqueue(work.be_refused, name='refusal')")
    quick.work()
    assert quick.wait_for(accident, "done")["attempts"] == 3
    told = quick.wait_for(refusal, "failed")
    assert (told["error"]["message"], told["error"]["hint"]) == ("It may not be.", "Ask somebody.")
    time.sleep(5)
    assert quick.lines("refusal") == ["began"]
    assert quick.hedef("jobs", "retry", refusal)[0] == 0
    quick.wait_for_lines("refusal", 2)


def test_two_schedulers_fire_once(quick):
    quick.work()
    quick.work()
    quick.wait_for_lines("tick", 8)
    quick.end()
    fired = "__import__('dj_queue.models').models.RecurringExecution.objects.filter(task_key='tick')"
    moments = quick.call(f"[str(one) for one in {fired}.values_list('run_at', flat=True)]")
    assert len(quick.lines("tick")) <= len(set(moments)) == len(moments)


def test_a_running_job_says_how_far_it_is_and_ends_when_it_is_stopped(quick):
    id_ = quick.call("jobs.enqueue(work.take_time, name='out', seconds=60)")
    quick.work()
    quick.wait_for_lines("out")
    time.sleep(2.5)
    told = quick.run(id_)
    assert (told["state"], told["step"], told["total"]) == ("running", "counting", 600)
    assert told["done"] > 5
    assert quick.hedef("jobs", "stop", id_)[0] == 0
    assert quick.wait_for(id_, "stopped")["ended_at"]
    assert quick.lines("out") == ["began"]


def test_sigterm_lets_a_short_job_end_and_leaves_no_process(quick):
    id_ = quick.call("jobs.enqueue(work.take_time, name='out', seconds=2)")
    supervisor = quick.work()
    quick.wait_for_lines("out")
    family = children(supervisor.pid)
    supervisor.terminate()
    assert supervisor.wait(timeout=20) == 0
    assert quick.lines("out") == ["began", "ended"]
    assert quick.run(id_)["state"] == "done"
    assert [one for one in family if Path(f"/proc/{one}").exists()] == []

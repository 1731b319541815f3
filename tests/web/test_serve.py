"""The real server: a new home is made, pages and static files are answered, SIGTERM stops it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.slow


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url):
    """Status, headers and text, once the server is up."""
    for _ in range(180):
        try:
            with urlopen(url) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode()
        except URLError:
            time.sleep(0.5)
    raise AssertionError(f"no answer from {url}")


def clean():
    """The environment without what the tests set in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept


@pytest.fixture
def served(tmp_path):
    port = free_port()
    environment = clean()
    line = [sys.executable, "-m", "hedef.cli", "--home", str(tmp_path / "new"), "serve", "--port", str(port)]
    process = subprocess.Popen([*line, "--workers", "1"], env=environment, stderr=subprocess.PIPE, text=True)
    yield process, f"http://127.0.0.1:{port}"
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stderr.close()


def test_serve_makes_a_home_answers_and_stops_when_told(served, tmp_path):
    process, base = served
    status, headers, text = fetch(f"{base}/sign-in/")
    assert status == 200
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    style = text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    status, headers, _ = fetch(base + style)
    assert (status, "immutable" in headers["Cache-Control"]) == (200, True)
    assert fetch(f"{base}/api/v1/access/me")[0] == 401
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    said = process.stderr.read()
    assert f"New data folder {tmp_path / 'new'}: currency USD" in said
    assert f"Hedef is at {base}" in said
    assert "Traceback" not in said


def test_a_taken_address_is_refused_with_a_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        line = [sys.executable, "-m", "hedef.cli", "--home", str(tmp_path), "serve", "--port"]
        done = subprocess.run([*line, str(other.getsockname()[1])], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "cannot be served (Address already in use)" in done.stderr


def family(pid):
    """The process and everything below it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(one)], capture_output=True, text=True, check=False)
        waiting += [int(text) for text in told.stdout.split()]
    return found


def alive(pids):
    return [
        one for one in pids if Path(f"/proc/{one}/stat").exists() and " Z " not in Path(f"/proc/{one}/stat").read_text()
    ]


def workers(home):
    line = [sys.executable, "-m", "hedef.cli", "--home", str(home), "jobs", "list", "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=clean())
    return [one for one in json.loads(done.stdout)["workers"] if one["alive"]]


def test_one_command_serves_pages_and_a_worker_and_sigterm_leaves_nothing_behind(served, tmp_path):
    process, base = served
    assert fetch(f"{base}/sign-in/")[0] == 200
    for _ in range(40):
        if len(found := workers(tmp_path / "new")) == 2:
            break
        time.sleep(0.5)
    assert {one["queues"][0] for one in found} == {"default", "system"}
    all_of_them = family(process.pid)
    assert len(all_of_them) >= 7
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    assert alive(all_of_them) == []
    assert workers(tmp_path / "new") == []


def test_a_worker_that_was_killed_is_started_again(served, tmp_path):
    process, base = served
    fetch(f"{base}/sign-in/")
    told = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True)
    worker = next(int(line.split()[0]) for line in told.stdout.splitlines() if line.endswith("--beside"))
    os.kill(worker, signal.SIGKILL)
    for _ in range(180):
        told = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True)
        if any(line.endswith("--beside") and int(line.split()[0]) != worker for line in told.stdout.splitlines()):
            break
        time.sleep(0.5)
    else:
        raise AssertionError(told.stdout)
    all_of_them = family(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0
    assert alive(all_of_them) == []
    assert "The worker ended with code -9; it is started again." in process.stderr.read()


def test_a_worker_does_not_outlive_a_server_that_was_killed(served):
    process, base = served
    fetch(f"{base}/sign-in/")
    told = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True)
    below = [int(line.split()[0]) for line in told.stdout.splitlines()]
    of_worker = [int(line.split()[0]) for line in told.stdout.splitlines() if line.endswith("--beside")]
    server = [one for one in below if one not in of_worker]
    process.kill()
    process.wait()
    for _ in range(180):
        if not alive(of_worker):
            break
        time.sleep(0.5)
    for one in server:  # granian knows nothing of us
        os.kill(one, signal.SIGTERM)
    assert alive(of_worker) == []

"""The real server: a new home is made, pages and static files are answered, SIGTERM stops it."""

import os
import signal
import socket
import subprocess
import sys
import time
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
    for _ in range(60):
        try:
            with urlopen(url) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode()
        except URLError:
            time.sleep(0.5)
    raise AssertionError(f"no answer from {url}")


@pytest.fixture
def served(tmp_path):
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEDEF_")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
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
    assert process.wait(timeout=20) == 0
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

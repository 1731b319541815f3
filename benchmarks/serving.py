"""Programs that serve while a benchmark asks them over HTTP, and the asking."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def _embedded() -> dict[str, str]:
    """The environment without a database server: these homes are embedded ones."""
    return {**os.environ, "HEDEF_DATABASE_URL": ""}


def hedef(home: Path, *words: str) -> dict[str, Any]:
    """The JSON answer of a command; ends the benchmark when the command failed."""
    command = [sys.executable, "-m", "hedef.cli", "--home", str(home), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_embedded())
    if done.returncode not in {0, 1}:
        raise SystemExit(
            f"hedef {' '.join(words[:3])} ended with {done.returncode}:\n{done.stdout[-800:]}{done.stderr[-800:]}"
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@contextlib.contextmanager
def serving(command: list[str], environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run `command` with `--port` of a free port added until the block ends; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**_embedded(), **(environment or {})},
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def serving_home(home: Path) -> contextlib.AbstractContextManager[str]:
    return serving([sys.executable, "-m", "hedef.cli", "--home", str(home), "serve"])


def asked(url: str, token: str = "", body: dict[str, Any] | None = None, method: str = "GET") -> tuple[float, Any]:
    """Seconds and the JSON answer of one request."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    start = time.perf_counter()
    with urllib.request.urlopen(request, timeout=300) as answer:
        content = json.load(answer)
    return time.perf_counter() - start, content

"""The web server and the worker beside it as processes of their own; both open the data folder of the environment."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from types import FrameType

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from hedef.kernel.errors import Refused

_STOPS = (signal.SIGINT, signal.SIGTERM)
_LOOK_S = 0.5
_CALM_S = 60.0  # a worker that lived this long and ended is started again at once


def serve(*, host: str, port: int, workers: int, say: Callable[[str], None], worker: bool = True) -> int:
    """Runs granian, and with `worker` a worker beside it, until the server ends or is told to stop.

    Answers the server's exit code, 0 after a stop that was asked for; then both are over. Refused when the address is
    taken.
    """
    _check_address(host, port)
    prepare_static(say)
    environment = os.environ | {"HEDEF_HOME": str(settings.HEDEF.home)}  # noqa: TID251
    line = ["-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)]
    line += ["--blocking-threads", "4", "--no-ws", "--no-access-log", "--log-level", "warning"]
    beside = _Beside(["-m", "hedef.cli", "worker", "--beside"], environment) if worker else None
    server = subprocess.Popen([sys.executable, *line, "hedef.wsgi:application"], env=environment)  # noqa: S603 - ours
    say(f"Hedef is at http://{host}:{port} (data folder {settings.HEDEF.home}). Ctrl+C stops it.")
    return _wait(server, beside, say)


class _Beside:
    """The worker beside the server; one that ended by itself is started again, after a pause that grows."""

    def __init__(self, line: list[str], environment: dict[str, str]) -> None:
        self.line, self.environment, self.failures = line, environment, 0
        self.begin()

    def begin(self) -> None:
        # its input ends with this process, however that ends; a session of its own, so that all of it can be told
        line = [sys.executable, *self.line]
        self.process = subprocess.Popen(  # noqa: S603 - our own line
            line, env=self.environment, stdin=subprocess.PIPE, start_new_session=True
        )
        self.began = time.monotonic()

    def look(self, say: Callable[[str], None]) -> None:
        if self.process.poll() is None:
            return
        self.end()
        age = time.monotonic() - self.began
        self.failures = 0 if age > _CALM_S else self.failures
        if age < min(2.0**self.failures, _CALM_S):
            return
        self.failures += 1
        say(f"The worker ended with code {self.process.returncode}; it is started again.")
        self.begin()

    def end(self) -> None:
        """Stop it, and what it may have left when it was killed."""
        self.process.terminate()
        self.process.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        if self.process.stdin is not None:
            self.process.stdin.close()


def _wait(server: subprocess.Popen[bytes], beside: _Beside | None, say: Callable[[str], None]) -> int:
    asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        asked.set()

    former = {one: signal.signal(one, stop) for one in _STOPS}
    try:
        while not asked.wait(_LOOK_S) and server.poll() is None:
            if beside is not None:
                beside.look(say)
        code = server.poll()
        server.terminate()
        if beside is not None:
            beside.end()
        server.wait()
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)
    return 0 if code is None else code


def _check_address(host: str, port: int) -> None:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise Refused(
                f"{host}:{port} cannot be served ({fault.strerror}).", hint="Choose another --port."
            ) from fault


def prepare_static(say: Callable[[str], None]) -> None:
    """Collects the static files of this version into the home, once."""
    root = settings.HEDEF.home / "static"
    stamp_file, stamp = root / "version.stamp", _stamp()
    if stamp_file.is_file() and stamp_file.read_text(encoding="ascii") == stamp:
        return
    from django.core.management import call_command

    say("Preparing the static files")
    call_command("collectstatic", verbosity=0, interactive=False, clear=root.is_dir())
    stamp_file.write_text(stamp, encoding="ascii")


def _stamp() -> str:
    """Changes when a static file of Hedef or of a package it serves changes."""
    parts = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            parts.append(f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}")
    return sha256("\n".join(sorted(parts)).encode()).hexdigest()

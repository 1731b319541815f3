"""The web server as a process of its own; its workers open the data folder of the environment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from types import FrameType

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from hedef.kernel.errors import Refused

_STOPS = (signal.SIGINT, signal.SIGTERM)


def serve(*, host: str, port: int, workers: int, say: Callable[[str], None]) -> int:
    """Runs granian until it ends or is told to; answers its exit code, 0 after a stop that was asked for.

    Refused when the address is taken.
    """
    _check_address(host, port)
    prepare_static(say)
    environment = os.environ | {"HEDEF_HOME": str(settings.HEDEF.home)}  # noqa: TID251
    line = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    line += [
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
        "--no-ws",
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    server = subprocess.Popen([*line, "hedef.wsgi:application"], env=environment)  # noqa: S603 - our own line
    say(f"Hedef is at http://{host}:{port} (data folder {settings.HEDEF.home}). Ctrl+C stops it.")
    return _wait(server)


def _wait(server: subprocess.Popen[bytes]) -> int:
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        nonlocal asked
        asked = True
        server.terminate()

    former = {one: signal.signal(one, stop) for one in _STOPS}
    try:
        code = server.wait()
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)
    return 0 if asked else code


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

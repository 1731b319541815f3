"""`hedef demo`: make the invented company in a data folder, and serve it if asked."""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from hedef.cli_support import Context, command, group, open_home
from hedef.demo import cast
from hedef.kernel.errors import Refused

app = group("The invented company.")

_MAKING = "demo.making"  # stands in the folder until the story is told to its end
_READY = "demo.ready"


@command(app, "demo", home=False)
def demo(
    run: Context,
    serve: Annotated[bool, typer.Option("--serve", help="Serve it on 127.0.0.1 when it is ready.")] = False,
    port: Annotated[int, typer.Option("--port", help="Port to serve on.")] = 8000,
) -> int:
    """Make Poyraz Instruments, an invented company with two years of history, in the data folder.

    A folder that holds the finished demo is left as it is; any other folder with content is refused.
    """
    home = _home()
    _make(run, home)
    users = ", ".join(f"{username} ({', '.join(roles)})" for username, _, roles, _ in cast.USERS)
    payload = {"schema": "hedef.demo/1", "home": str(home), "company": cast.COMPANY, "as_of": cast.TODAY.isoformat()}
    run.answer(
        {**payload, "users": [username for username, *_ in cast.USERS], "password": cast.PASSWORD},
        text=f"{cast.COMPANY} is ready in {home}. Users: {users}; password: {cast.PASSWORD}",
    )
    if serve:
        from hedef.web.server import serve as serve_home

        run.say(f"Open http://127.0.0.1:{port}/ and choose a user.")
        return serve_home(host="127.0.0.1", port=port, workers=2, say=run.say)
    return 0


def _home() -> Path:
    # the settings may not be read yet: hedef.toml of a fresh demo home has to stand first
    return Path(os.environ.get("HEDEF_HOME") or "hedef-home").expanduser().absolute()  # noqa: TID251


def _make(run: Context, home: Path) -> None:
    if (home / _READY).is_file():
        open_home(home)
        return
    if (home / _MAKING).is_file():  # broken off: nothing in it is anybody's work
        shutil.rmtree(home)
    elif home.is_dir() and any(one.name != "secret.key" for one in home.iterdir()):
        raise Refused(
            f"{home} holds data of its own; the demo needs an empty folder.", hint="hedef --home demo-home demo"
        )
    home.mkdir(parents=True, exist_ok=True)
    (home / _MAKING).touch()
    toml = home / "hedef.toml"
    toml.write_text(cast.home_settings(cast.FIRST_DAY), encoding="utf-8")  # the ledger's clock never goes back
    open_home(home)
    from hedef.demo.build import fill

    with run.progress() as report:
        fill(report)
    toml.write_text(cast.home_settings(cast.TODAY), encoding="utf-8")
    (home / _READY).touch()
    (home / _MAKING).unlink()

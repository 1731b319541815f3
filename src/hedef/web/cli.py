"""`hedef serve`: the pages and the API on this machine."""

from typing import Annotated

import typer

from hedef.cli_support import Context, command, group

app = group("The web server.")


@command(app, "serve")
def serve(
    run: Context,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 2,
) -> int:
    """Serves until it is stopped (Ctrl+C or SIGTERM)."""
    from hedef.web.server import serve as start

    return start(host=host, port=port, workers=workers, say=run.say)

"""`hedef serve`: the pages, the API and a worker on this machine. `hedef worker`: a worker alone."""

from typing import Annotated

import typer

from hedef.cli_support import Context, command, group

app = group("The web server and its worker.")


@command(app, "serve")
def serve(
    run: Context,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 2,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Jobs are done by `hedef worker` elsewhere.")] = False,
) -> int:
    """Serves and works on jobs until it is stopped (Ctrl+C or SIGTERM)."""
    from hedef.web.server import serve as start

    return start(host=host, port=port, workers=workers, worker=not no_worker, say=run.say)


@command(app, "worker")
def worker(
    run: Context,
    beside: Annotated[bool, typer.Option("--beside", hidden=True, help="End when the input ends.")] = False,
) -> int:
    """Works on jobs until it is stopped (Ctrl+C or SIGTERM); what runs is brought to its end first."""
    from django.conf import settings

    from hedef.jobs.queue import run_worker

    if not beside:
        run.say(f"A worker waits for jobs of {settings.HEDEF.home}. Ctrl+C stops it.")
    run_worker(until_input_ends=beside)
    return 0

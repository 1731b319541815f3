"""Files that a program sent and that are too large for one request: kept, imported by a worker, answered when asked."""

import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from hedef.intake import drafts, queries
from hedef.intake.run.call import Report
from hedef.intake.services import run_import
from hedef.jobs import queries as runs
from hedef.jobs.models import JobRun
from hedef.kernel.errors import NotFound
from hedef.kernel.instants import iso, to_us

TASK = "hedef.intake.tasks.import_sent"
_ORDER, _ANSWER = "order.json", "answer.json"
_STATES = {JobRun.State.AGAIN: "running", JobRun.State.STOPPED: "failed"}


def is_large(paths: Sequence[Path]) -> bool:
    """Whether a worker has to import these files (`HEDEF_SMALL_UPLOAD_KB`)."""
    bound: int = settings.HEDEF.small_upload_kb * 1024
    return sum(drafts.weight(one) for one in paths) > bound


def keep(files: Sequence[tuple[Path, str]], options: Mapping[str, Any]) -> str:
    """Move files (path, the name of the person) to a folder of their own with the arguments of `run_import`."""
    token = secrets.token_hex(12)
    folder = _folder(token)
    folder.mkdir(parents=True)
    names = {}
    for number, (path, name) in enumerate(files):
        path.rename(folder / f"{number:03d}.csv")
        names[f"{number:03d}.csv"] = name
    _write(folder / _ORDER, {"names": names, "options": dict(options)})
    return token


def import_(token: str, *, report: Report) -> dict[str, Any]:
    """Import what was kept and throw it away: `hedef.import/1`. A second run after the first answers the same."""
    folder = _folder(token)
    if not (folder / _ORDER).is_file():
        raise NotFound("The upload is gone.", hint="Send the files again.")
    if not (folder / _ANSWER).is_file():
        told = json.loads((folder / _ORDER).read_text(encoding="utf-8"))
        names = {str(folder / stored): name for stored, name in told["names"].items()}
        exported = told["options"].pop("exported_at", None)
        answers = run_import(
            files=list(names),
            names=names,
            exported_at=None if exported is None else _moment(exported),
            progress=report,
            **told["options"],
        )
        _write(folder / _ANSWER, answers.as_json())
    answer: dict[str, Any] = json.loads((folder / _ANSWER).read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    return answer


def _moment(text: str) -> date | datetime:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _folder(token: str) -> Path:
    folder: Path = settings.HEDEF.uploads_dir / token
    return folder


def _write(path: Path, told: Mapping[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    part.replace(path)


# --- what is asked ----------------------------------------------------------------------------------------------------


def job_json(name: str) -> dict[str, Any]:
    """`hedef.import_job/1` of an import (J-81) or of the job that a large upload waits for; NotFound for others."""
    if name.removeprefix("J-").isdecimal():
        return queries.job_json(queries.job(name))
    run = runs.run(name)
    if run.task != TASK:
        raise NotFound(f"There is no import {name}.", hint="GET /api/v1/intake/imports lists the newest ones.")
    return run_json(run)


def run_json(run: JobRun) -> dict[str, Any]:
    """A large upload as an import: the same keys; `answer` is there when it is done."""
    error, answer = run.error, run.result
    decisions = (error or {}).get("decisions") or []
    state = "asking" if decisions else _STATES.get(JobRun.State(run.state), run.state)
    ended = None if run.ended_at is None else iso(to_us(run.ended_at))
    made = [] if answer is None else answer.get("files", [answer])
    one = made[0] if len(made) == 1 else {}
    return {
        "schema": "hedef.import_job/1",
        "job": run.id,
        "state": state,
        "step": run.step,
        "rows_total": run.total,
        "rows_done": run.done,
        "actor": run.actor,
        "source": one.get("source"),
        "object": one.get("object"),
        "file_name": ", ".join(run.arguments.get("names", [])),
        "started_at": iso(to_us(run.started_at or run.created_at)),
        "ended_at": ended,
        "batch": one.get("batch"),
        "decisions": decisions or one.get("decisions", []),
        "issues": one.get("issues", []),
        "answer": answer,
        "error": error,
    }

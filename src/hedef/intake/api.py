"""Imports and trust for programs: upload files, follow a job, ask for the trust of a source."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from hedef import jobs
from hedef.api_support import call_of
from hedef.call import read_moment
from hedef.intake import datafix, queries, sent, tasks
from hedef.intake.services import run_import
from hedef.kernel.errors import WrongUse

router = Router()


class ImportForm(Schema):
    """The options of `hedef import`. JSON objects: `decide` (column -> answer), `control_totals` (currency -> sum)."""

    source: str | None = None
    object: str | None = None
    decide: str = "{}"
    plan: str | None = None
    exported_at: str | None = None
    scope: str | None = None
    fixes: str | None = None
    control_totals: str = "{}"
    control_rows: int | None = None
    dry_run: bool = False
    yes: bool = False


@router.post("/imports", summary="Import files; 202 with the job of a worker where they are large")
def imports(request: HttpRequest, form: Form[ImportForm], files: File[list[UploadedFile]]) -> Any:
    call = call_of(request)
    call.actor.must("import")
    told = {
        **form.dict(),
        "actor": call.actor.name,
        "decide": read_answers(form.decide),
        "control_totals": read_answers(form.control_totals, "control_totals", '{"EUR": "1234.50"}'),
    }
    exported = read_moment(form.exported_at, "exported_at") if form.exported_at else None
    kept = [keep_upload(one) for one in files]
    if sent.is_large([path for path, _ in kept]):
        return _handed_on(kept, told)
    names = {str(path): name for path, name in kept}
    answers = run_import(files=list(names), names=names, **{**told, "exported_at": exported})
    return answers.as_json()


def _handed_on(kept: list[tuple[Path, str]], told: dict[str, Any]) -> HttpResponse:
    """202: a worker imports them; `job` and `Location` say where its progress and answer are read."""
    id_ = jobs.enqueue(
        tasks.import_sent, actor=told["actor"], token=sent.keep(kept, told), names=[name for _, name in kept]
    )
    address = f"/api/v1/intake/jobs/{id_}"
    body = {**sent.job_json(id_), "address": address}
    return JsonResponse(body, status=202, headers={"Location": address}, json_dumps_params={"ensure_ascii": False})


def keep_upload(file: UploadedFile) -> tuple[Path, str]:
    """Store an upload under a name of its own, outside the web root; the person's name never becomes a path."""
    folder: Path = settings.HEDEF.uploads_dir
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}.csv"
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return path, Path(str(file.name or "upload.csv").replace("\\", "/")).name


def read_answers(text: str, name: str = "decide", example: str = '{"Closing Date": "m/d"}') -> dict[str, str]:
    """What is sent as a JSON object of texts. WrongUse otherwise."""
    try:
        told = json.loads(text or "{}")
    except ValueError as fault:
        raise WrongUse(f"{name} is no JSON object ({fault}).", hint=example) from fault
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise WrongUse("decide is no JSON object of texts.", hint='{"Closing Date": "m/d"}')
    return told


@router.get("/imports", summary="The newest imports")
def list_imports(request: HttpRequest, source: str | None = None) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("read_data")
    found = queries.jobs(source=source, scope=call.scope)
    return {"schema": "hedef.import_job/1", "jobs": [queries.job_json(one) for one in found]}


@router.get("/jobs/{job}", summary="One import, or the job of a large one: state, rows, decisions, issues, answer")
def job(request: HttpRequest, job: str) -> dict[str, Any]:
    call_of(request).actor.must("read_data")
    return sent.job_json(job)


@router.get("/trust", summary="Checks of the trust gate")
def trust(request: HttpRequest, source: str | None = None, known_at: str | None = None) -> dict[str, Any]:
    call = call_of(request, known_at=known_at)
    call.actor.must("read_data")
    return queries.check(source, known_no=call.known_no, asked_us=call.as_of_us).as_json()


# --- wrong rows -------------------------------------------------------------------------------------------------------

FIXES = "hedef.data_fix/1"


class FixBody(Schema):
    """A wrong value: the record (D-17), its field, what is right, and why."""

    about: str
    field: str
    right: str
    sentence: str


class AnswerBody(Schema):
    answer: str


@router.get("/fixes", summary="Requests to mend wrong rows: all for operations, the own ones for others")
def list_fixes(request: HttpRequest) -> dict[str, Any]:
    call = call_of(request)
    found = datafix.fixes(actor=None if call.actor.can("edit_record") else call.actor.name)
    return call.framed(FIXES, {"fixes": [datafix.fix_json(one) for one in found]})


@router.post("/fixes", summary="Say that a value is wrong and what is right")
def ask_fix(request: HttpRequest, body: FixBody) -> dict[str, Any]:
    call = call_of(request)
    made = datafix.ask_fix(**body.dict(), actor=call.actor.name, scope=call.scope, now_us=call.now_us)
    return call.framed(FIXES, {"fixes": [datafix.fix_json(made)]})


@router.post("/fixes/{int:number}/accept", summary="Correct the record as asked")
def accept_fix(request: HttpRequest, number: int) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    made = datafix.accept_fix(number, actor=call.actor.name, now_us=call.now_us)
    return call.framed(FIXES, {"fixes": [datafix.fix_json(made)]})


@router.post("/fixes/{int:number}/refuse", summary="Leave the record as it is and say why")
def refuse_fix(request: HttpRequest, number: int, body: AnswerBody) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    made = datafix.refuse_fix(number, answer=body.answer, actor=call.actor.name, now_us=call.now_us)
    return call.framed(FIXES, {"fixes": [datafix.fix_json(made)]})

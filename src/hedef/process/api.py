"""Processes for programs."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from hedef.api_support import call_of
from hedef.process import queries
from hedef.process.queries.improving import improvements
from hedef.process.queries.trials import list_trials, trial
from hedef.process.switching import read_deals, switch_process

router = Router()


@router.get("", summary="Processes in force")
def list_processes(request: HttpRequest, as_of: str | None = None, known_at: str | None = None) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    found = queries.in_force(call.as_of, known_no=call.known_no)
    return {
        "processes": [
            {"process": one.id, "version": one.version, "name": one.name.model_dump()} for one in found.values()
        ]
    }


@router.get("/trials", summary="Trials of processes, the one that ends last first")
def trials(request: HttpRequest, process: str | None = None) -> dict[str, Any]:
    _ = call_of(request).actor
    return {"trials": [one.as_json() for one in list_trials(process)]}


@router.get("/trials/{str:name}", summary="A trial: what it needs, how it stands, its verdict once it is over")
def show_trial(
    request: HttpRequest, name: str, as_of: str | None = None, known_at: str | None = None
) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    found = trial(name, as_of=call.as_of, as_of_us=call.as_of_us, known_at=call.known_no, viewer=call.scope)
    return found.as_json()


class Switch(Schema):
    """Deals (D-10482) that go on in another process; `map` names the new stage of each old one (`-`: of none)."""

    deals: list[str]
    map: dict[str, str]
    reason: str = ""
    dry_run: bool = False


@router.post("/{str:process}/deals", summary="Let deals of another process go on in this one, by a map of stages")
def move_deals(request: HttpRequest, process: str, body: Switch) -> dict[str, Any]:
    call = call_of(request)
    call.actor.must("edit_record")
    moved = switch_process(
        deals=read_deals(body.deals),
        process=process,
        into=body.map,
        actor=call.actor.name,
        at_us=call.now_us,
        reason=body.reason,
        dry_run=body.dry_run,
    )
    return {"process": process, "moved": moved}


@router.get("/{str:process}", summary="One process: its stages and versions")
def show(request: HttpRequest, process: str, as_of: str | None = None, known_at: str | None = None) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    return queries.show(process, as_of=call.as_of, known_no=call.known_no)


@router.get("/{str:process}/improvements", summary="The improvement log of a process, newest first")
def log(request: HttpRequest, process: str) -> dict[str, Any]:
    call = call_of(request)
    name = queries.process_in_force(process, day=call.as_of).id
    return {"improvements": [one.as_json() for one in improvements(name)]}


@router.get("/{str:process}/health", summary="Figures of each stage, and what to look at")
def health(request: HttpRequest, process: str, as_of: str | None = None, known_at: str | None = None) -> dict[str, Any]:
    call = call_of(request, as_of=as_of, known_at=known_at)
    found = queries.check(process, as_of=call.as_of, as_of_us=call.as_of_us, known_at=call.known_no, viewer=call.scope)
    return found.as_json()

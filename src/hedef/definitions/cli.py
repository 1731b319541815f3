"""`hedef definitions list|show|add|check|uses|diff|simulate|approve|effective|undo`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedef.cli_output import Table
from hedef.cli_support import Context, command, group
from hedef.kernel.errors import WrongUse

if TYPE_CHECKING:
    from hedef.definitions.engine import Difference
    from hedef.definitions.queries import Version

app = group("Dated documents: KPIs, processes, plans, mappings.")

Name = Annotated[str, typer.Argument(metavar="DOCUMENT", help="kind:id@version, such as metric:won_value@1.")]


@command(app, "list")
def list_all(
    run: Context,
    kind: Annotated[str | None, typer.Option("--kind", help="Only documents of this kind.")] = None,
) -> None:
    """Shows the newest version of every document."""
    from hedef.definitions.answers import SCHEMA, list_json
    from hedef.definitions.kinds import kind_named
    from hedef.definitions.queries import list_documents

    if kind is not None:
        kind_named(kind)
    found = list_documents(kind)
    run.answer(run.framed(SCHEMA, list_json(found)), _table(found))


@command(app, "show")
def show(
    run: Context,
    document: Name,
    history: Annotated[bool, typer.Option("--history", help="Every version instead of one.")] = False,
) -> None:
    """Shows a version; without number the one in force at --as-of, else the newest."""
    from hedef.definitions.answers import SCHEMA, history_json, read_reference, shown, version_json
    from hedef.definitions.queries import versions

    version = shown(read_reference(document), day=run.as_of, known_no=run.known_no)
    if history:
        told = run.framed(SCHEMA, history_json(version.kind, version.id))
        run.answer(told, _table(versions(version.kind, version.id)))
    else:
        tables = [] if run.format == "table" else [_table([version])]
        text = f"# {_standing(version)}\n{version.yaml}"
        run.answer(run.framed(SCHEMA, version_json(version)), *tables, text=text)


def _standing(version: "Version") -> str:
    """A comment above the text, so that what is shown can be kept as a file."""
    start = "always" if version.effective_from is None else version.effective_from.isoformat()
    approver = f", approved by {version.approver}" if version.approver else ""
    return f"{version.reference}, {version.state}, from {start}, written by {version.author}{approver}"


@command(app, "add", writes=True)
def add(run: Context, file: Annotated[str, typer.Argument(help="A YAML file, or - for stdin.")]) -> None:
    """Adds a draft: a new document, or the next version of one."""
    from hedef.definitions.services import add as add_draft
    from hedef.definitions.store import rehearsal

    run.actor.must("write_definition")
    text, name = _text_of(file)
    with rehearsal(run.dry_run):
        version = add_draft(text=text, file=name, actor=run.actor.name, reason=run.reason)
        _answer(run, version)


def _text_of(file: str) -> tuple[str, str]:
    if file == "-":
        return sys.stdin.read(), "stdin"
    path = Path(file)
    try:
        return path.read_text(encoding="utf-8-sig"), path.name
    except UnicodeDecodeError as fault:
        raise WrongUse(f"{file} is not written in UTF-8.", hint="Save it as UTF-8 text.") from fault
    except OSError as fault:
        raise WrongUse(f"{file} cannot be read: {fault.strerror}.") from fault


@command(app, "check")
def check(run: Context, file: Annotated[str, typer.Argument(help="A YAML file, or - for stdin.")]) -> int:
    """Checks a document and runs its cases; nothing is kept."""
    from hedef.definitions.answers import SCHEMA
    from hedef.definitions.editing import check_text

    text, name = _text_of(file)
    found = check_text(text, name)
    failed = [one for one in found.proofs if not one.passed]
    rows = [[one.level, one.code, one.message] for one in found.issues]
    rows += [["error", "case_differs", f"{one.of or name}: {one.name}: {one.said}"] for one in failed]
    payload = {
        "reference": found.version.reference if found.version else None,
        "issues": [one.as_json() for one in found.issues],
        "cases": [one.as_json() for one in found.proofs],
    }
    said = f"{name}: {len(rows)} findings, {len(found.proofs) - len(failed)} of {len(found.proofs)} cases passed"
    run.answer(run.framed(SCHEMA, payload), Table(["level", "code", "message"], rows), text=said)
    return 1 if failed or found.errors else 0


@command(app, "uses")
def uses(run: Context, document: Name) -> None:
    """Shows the documents that rest on one."""
    from hedef.definitions.answers import SCHEMA, read_reference, uses_json
    from hedef.definitions.queries import find
    from hedef.definitions.users import users_of

    found = find(read_reference(document))
    run.answer(run.framed(SCHEMA, uses_json(found.kind, found.id)), _table(users_of(found.kind, found.id)))


@command(app, "effective", writes=True)
def effective(run: Context, document: Name) -> None:
    """Marks an approved version whose first day has come."""
    from hedef.definitions.services import make_effective
    from hedef.definitions.store import rehearsal

    run.actor.must("write_definition")
    with rehearsal(run.dry_run):
        _answer(run, make_effective(**_named(document), actor=run.actor.name, reason=run.reason))


@command(app, "diff")
def diff(
    run: Context,
    document: Name,
    other: Annotated[str | None, typer.Argument(help="The version to compare with; none: the one before.")] = None,
) -> None:
    """Shows what two versions say differently."""
    from hedef.definitions.answers import SCHEMA, both_sides, diff_json, read_reference
    from hedef.definitions.queries import diff as compare

    before, after = both_sides(read_reference(document), None if other is None else read_reference(other))
    table = _differences(compare(before, after))
    run.answer(run.framed(SCHEMA, diff_json(before, after)), table, text=f"{before.reference} -> {after.reference}")


@command(app, "simulate", writes=True)
def simulate(run: Context, document: Name) -> int:
    """Tries a draft and shows what it would change; nothing of it happens yet."""
    from hedef.definitions.answers import SCHEMA
    from hedef.definitions.services import simulate as try_out
    from hedef.definitions.store import rehearsal

    run.actor.must("write_definition")
    with rehearsal(run.dry_run):
        found = try_out(**_named(document), actor=run.actor.name, reason=run.reason)
        issues = Table(["level", "code", "message"], [[one.level, one.code, one.message] for one in found.issues])
        payload = run.framed(SCHEMA, {**found.as_json(), "dry_run": run.dry_run})
        against = f"against {found.against}" if found.against else "nothing is in force yet"
        run.answer(payload, _differences(found.differences), issues, text=f"{found.version.reference}, {against}")
    return 1 if any(issue.level == "error" for issue in found.issues) else 0


@command(app, "approve", writes=True)
def approve(run: Context, document: Name) -> None:
    """Approves a draft; what moves money, targets or leads needs somebody else than its author."""
    from hedef.definitions.kinds import kind_named
    from hedef.definitions.services import approve as approve_version
    from hedef.definitions.store import rehearsal

    named = _named(document)
    run.actor.must(kind_named(named["kind"]).approve_right)
    with rehearsal(run.dry_run):
        version = approve_version(**named, actor=run.actor.name, reason=run.reason)
        _answer(run, version)
    if version.self_approved:
        run.say("Nobody else may approve it, so the version is marked: approved by its author.")


@command(app, "undo", writes=True)
def undo(
    run: Context,
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="kind:id, such as target-plan:sales-2017.")],
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="First day of the former text; today.")] = None,
) -> None:
    """Takes the newest version back: a draft is withdrawn, else the text before it becomes a new draft."""
    from hedef.definitions.answers import read_day
    from hedef.definitions.services import undo as take_back
    from hedef.definitions.store import rehearsal

    run.actor.must("write_definition")
    named = _named(document)
    with rehearsal(run.dry_run):
        version = take_back(
            kind=named["kind"], id=named["id"], actor=run.actor.name, on=read_day(on, "--on"), reason=run.reason
        )
        _answer(run, version)


def _named(document: str) -> dict[str, Any]:
    """Arguments of a service: kind, id and, where it is written, version."""
    from hedef.definitions.answers import read_reference
    from hedef.definitions.queries import find

    name = read_reference(document)
    found = find(name)
    return {"kind": found.kind, "id": found.id, "version": name.version}


def _answer(run: Context, version: "Version") -> None:
    from hedef.definitions.answers import SCHEMA, version_json

    run.answer(run.framed(SCHEMA, {**version_json(version), "dry_run": run.dry_run}), _table([version]))


def _table(found: "list[Version]") -> Table:
    rows = [
        [
            one.reference,
            one.body["name"]["en"],
            one.state + (" (self-approved)" if one.self_approved else ""),
            "always" if one.effective_from is None else one.effective_from.isoformat(),
            one.author,
            one.approver or None,
        ]
        for one in found
    ]
    return Table(["document", "name", "state", "from", "author", "approver"], rows)


def _differences(found: "Any") -> Table:
    def text(value: Any) -> str | None:
        import json

        return None if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    differences: list[Difference] = list(found)
    return Table(["place", "before", "after"], [[one.path, text(one.before), text(one.after)] for one in differences])

"""A folder a source: what is put there is imported by itself through the source's saved mapping.

inbox/acme-salesforce/Opportunity.csv            waits until nobody writes it any more
inbox/acme-salesforce/done/20261124-091500-…     imported, with its answer beside it
inbox/acme-salesforce/failed/…                   not read, with the reason beside it
inbox/acme-salesforce/asked/….answer.json        waits as an upload on the page Data for a person's answer
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from hedef.intake import drafts
from hedef.intake.run.call import Report, silent
from hedef.intake.services import run_import
from hedef.kernel.errors import HedefError, NeedsDecision

ACTOR = drafts.INBOX
DONE, FAILED, ASKED = "done", "failed", "asked"
STILL_S = 5  # seconds that a file must not have changed
_SEEN = ".seen.json"  # file -> [bytes, changed at, was it handed out] of the last look
_PARTIAL = (".part", ".tmp", ".crdownload", ".partial", ".filepart", ".swp", ".json")


def scan(begin: Callable[[str, str], object]) -> int:
    """Call `begin(source, file)` for every file that lies still; answers how many.

    Still is a file of the same size and time as at the last look, unchanged for five seconds.
    """
    root: Path = settings.HEDEF.inbox_dir
    if not root.is_dir():
        return 0
    begun = 0
    for folder in sorted(one for one in root.iterdir() if one.is_dir() and not one.name.startswith(".")):
        for name in _still(folder):
            begin(folder.name, name)
            begun += 1
    return begun


def _still(folder: Path) -> list[str]:
    """Files that were the same at the last look and were not handed out yet."""
    seen_file = folder / _SEEN
    seen = json.loads(seen_file.read_text(encoding="utf-8")) if seen_file.is_file() else {}
    there: dict[str, list[int]] = {}
    still = []
    for file in sorted(folder.iterdir()):
        if not file.is_file() or file.name.startswith(".") or file.name.lower().endswith(_PARTIAL):
            continue
        at = file.stat()
        before = seen.get(file.name, [])
        given = before[2] if before[:2] == [at.st_size, at.st_mtime_ns] else -1  # -1: new or changed since
        if given == 0 and timezone.now().timestamp() - at.st_mtime >= STILL_S:
            still.append(file.name)
        there[file.name] = [at.st_size, at.st_mtime_ns, int(given == 1 or file.name in still)]
    if there != seen:
        seen_file.write_text(json.dumps(there), encoding="utf-8")
    return still


def import_file(source: str, name: str, *, report: Report = silent) -> dict[str, Any]:
    """Import one file of the inbox and move it to where it belongs, with its answer beside it.

    Answers `state` (done, failed, asked; gone: somebody took the file away) and the numbers of the imports.
    """
    folder = settings.HEDEF.inbox_dir / Path(source).name
    file = folder / Path(name).name
    if not file.is_file():
        return {"state": "gone", "jobs": []}
    try:
        answers = run_import(
            files=[file],
            names={str(file): file.name},
            actor=ACTOR,
            source=folder.name,
            yes=True,
            spellings_open=True,
            progress=report,
        )
    except HedefError as fault:
        if isinstance(fault, NeedsDecision) or fault.error_code == "unknown_object":
            return _ask(file, fault)
        _move(file, FAILED, fault.as_json())
        return {"state": FAILED, "jobs": [], "message": fault.message, "hint": fault.hint}
    unread = all(one.object is None and any(issue.level == "error" for issue in one.issues) for one in answers.files)
    place = FAILED if unread else DONE
    _move(file, place, answers.as_json())
    return {"state": place, "jobs": [one.job for one in answers.files if one.job]}


def _ask(file: Path, asked: HedefError) -> dict[str, Any]:
    """A question waits for a person: the file becomes an upload on the page Data."""
    draft = drafts.start([file], actor=ACTOR, source=file.parent.name, take=lambda one, place: one.rename(place))
    page = f"/intake/uploads/{draft.token}/"
    _answer(file, ASKED, {**asked.as_json(), "page": page})
    _forget(file)
    return {"state": ASKED, "jobs": [], "draft": draft.token, "message": asked.message}


def _move(file: Path, place: str, answer: dict[str, Any]) -> None:
    target = _answer(file, place, answer)
    shutil.move(file, target)
    _forget(file)


def _forget(file: Path) -> None:
    """The same file may come again."""
    seen_file = file.parent / _SEEN
    if seen_file.is_file():
        seen = json.loads(seen_file.read_text(encoding="utf-8"))
        seen.pop(file.name, None)
        seen_file.write_text(json.dumps(seen), encoding="utf-8")


def _answer(file: Path, place: str, answer: dict[str, Any]) -> Path:
    """Write the answer of a file into a folder beside it; where the file itself would stand there."""
    folder = file.parent / place
    folder.mkdir(exist_ok=True)
    target = folder / f"{timezone.now():%Y%m%d-%H%M%S-%f}-{file.name}"
    told = json.dumps(answer, ensure_ascii=False, indent=2)
    target.with_name(f"{target.name}.answer.json").write_text(told, encoding="utf-8")
    return target

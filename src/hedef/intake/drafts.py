"""Uploads that wait for a person: which files, which answers, which columns were mapped by hand.

A draft lives in the home's uploads folder until it is imported or cancelled; it belongs to who uploaded it.
"""

import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hedef.intake.engine.formats.unfold import kind_of_file
from hedef.intake.run.received import receive, unfold
from hedef.kernel.errors import HedefError, NotFound, WrongUse

SKIP = "-"  # the choice "do not import"
INBOX = "inbox"  # who uploads what lies in the inbox; every importer may go on with it
_STATE, _LOOK, _ANSWER = "draft.json", "look.json", "answer.json"
_SEVERAL = ("zip", "gzip", "json")  # what may hold several files, JSON those of the present and of the past
_PACKED = 8  # text that a byte of a workbook or archive stands for
_TOKEN = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True)
class Draft:
    """`files`: stored name -> the person's name; everything else goes by stored name too.

    `objects`: what a file of no known shape holds; `keys`: the column that tells its rows apart; `columns`: column ->
    field (`-`: left out) where a person chose one; `stages`: process -> word of the file -> stage. `task`: the job
    that looks at it or imports it.
    """

    token: str
    actor: str
    files: Mapping[str, str]
    source: str | None = None
    decide: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    task: str = ""
    control: Mapping[str, str] = field(default_factory=dict)  # control totals as typed: currency or `rows` -> figure

    @property
    def small(self) -> bool:
        """So small that the page itself reads and imports it."""
        bound: int = settings.HEDEF.small_upload_kb * 1024
        return sum(weight(one) for one in self.paths if one.is_file()) <= bound

    @property
    def folder(self) -> Path:
        return _folder(self.token)

    @property
    def paths(self) -> list[Path]:
        return [self.folder / stored for stored in self.files]

    def unfolded(self, stored: str) -> Path:
        """Where the text of a file lies that is a workbook, JSON or packed; gone with the draft."""
        return self.folder / f"{stored}.text"

    @property
    def names(self) -> dict[str, str]:
        """path -> what the person called the file, as `run_import` takes it."""
        return {str(self.folder / stored): name for stored, name in self.files.items()}


def _folder(token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise missing()
    folder: Path = settings.HEDEF.uploads_dir / token
    return folder


def weight(path: Path) -> int:
    """Bytes of text that reading a file takes about."""
    size = path.stat().st_size
    return size if not size or kind_of_file(path) in ("text", "json") else size * _PACKED


type Taker = Callable[[Any, Path], None]


def start(
    uploads: Iterable[Any],
    *,
    actor: str,
    source: str | None,
    take: Taker,
    control: Mapping[str, str] | None = None,
) -> Draft:
    """Keep uploaded files under names of their own, outside the web root. WrongUse without any file.

    `take` puts one upload, which has a `name`, to a place.
    """
    token = secrets.token_hex(12)
    folder = _folder(token)
    folder.mkdir(parents=True)
    files = {}
    for number, upload in enumerate(uploads):
        stored = f"{number:03d}.csv"
        take(upload, folder / stored)
        files[stored] = Path(str(upload.name or "upload.csv").replace("\\", "/")).name or "upload.csv"
    if not files:
        shutil.rmtree(folder)
        raise WrongUse(_("No file was chosen."), hint=_("Choose one or more files."))
    draft = Draft(token, actor, files, source=source or None, control=dict(control or {}))
    _save(draft)
    return draft


def _save(draft: Draft) -> None:
    """Whole or not at all: a worker reads it too."""
    _write(draft, _STATE, asdict(draft))


def _write(draft: Draft, name: str, told: Mapping[str, Any]) -> None:
    part = draft.folder / f"{name}.{secrets.token_hex(4)}"
    part.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    part.replace(draft.folder / name)


# --- what was seen of it ----------------------------------------------------------------------------------------------


def fingerprint(draft: Draft, *extra: object) -> str:
    """Changes when something is answered that changes what the files mean; `extra`: what else it depends on."""
    told = {name: _said(value) for name, value in asdict(draft).items() if name != "task"}
    return sha256(json.dumps([told, *map(str, extra)], sort_keys=True).encode()).hexdigest()


def _said(value: Any) -> Any:
    """Without what is empty: an answer that is not there."""
    return {name: one for name, one in value.items() if one} if isinstance(value, dict) else value


def keep_look(draft: Draft, mark: str, look: Mapping[str, Any]) -> None:
    """Keep what was seen, with the fingerprint of what it was seen of."""
    _write(draft, _LOOK, {"mark": mark, "look": look})


def kept_look(draft: Draft, mark: str) -> dict[str, Any] | None:
    """What was seen with this fingerprint; none when it was never looked at so."""
    file = draft.folder / _LOOK
    if not file.is_file():
        return None
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told["look"] if told["mark"] == mark else None


def keep_answer(draft: Draft, told: Mapping[str, Any]) -> None:
    """Keep what the import answered: a job that is cut before the draft is gone does not import twice."""
    _write(draft, _ANSWER, told)


def kept_answer(draft: Draft) -> dict[str, Any] | None:
    """What the import answered; none before it was made."""
    file = draft.folder / _ANSWER
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def unpacked(draft: Draft) -> Draft:
    """The draft with the files of its archives in their place. One that cannot be unpacked yet says why later."""
    files: dict[str, str] = {}
    for stored, name in draft.files.items():
        files |= _members(draft, stored, name) or {stored: name}
    if files == draft.files:
        return draft
    changed = replace(of_token(draft.token) or draft, files=files)
    _save(changed)
    for stored in draft.files.keys() - files.keys():
        (draft.folder / stored).unlink(missing_ok=True)
        shutil.rmtree(draft.unfolded(stored), ignore_errors=True)
    return changed


def _members(draft: Draft, stored: str, name: str) -> dict[str, str]:
    """The files of one that holds several, moved beside it under names of their own; nothing for other files."""
    path = draft.folder / stored
    try:
        if not path.is_file() or kind_of_file(path) not in _SEVERAL:
            return {}
        limit = settings.HEDEF.upload_limit_mb * 1024 * 1024
        told = unfold(receive(path, name, limit_bytes=limit), answers=draft.decide, folder=draft.unfolded(stored))
    except HedefError:  # a question about a sheet too: it is asked when the file is looked at
        return {}
    if len(told) < 2:
        return {}
    found = {}
    for number, one in enumerate(told):
        own = f"{Path(stored).stem}-{number:03d}.csv"
        one.path.rename(draft.folder / own)
        found[own] = Path(one.name).name or own
    return found


def with_task(draft: Draft, task: str) -> Draft:
    """The draft while a job works on it; an empty task when none does. What the job changed meanwhile stays."""
    changed = replace(of_token(draft.token) or draft, task=task)
    _save(changed)
    return changed


# --- finding it again -------------------------------------------------------------------------------------------------


def load(token: str, *, actor: str) -> Draft:
    """The draft, for who uploaded it (one of the inbox: for every importer); NotFound for everybody else."""
    draft = _read(_folder(token) / _STATE)
    if draft is None or draft.actor not in (actor, INBOX):
        raise missing()
    return draft


def of_token(token: str) -> Draft | None:
    """The draft, for a job; none when it was imported or thrown away."""
    return _read(_folder(token) / _STATE)


def missing() -> NotFound:
    """What is said of an upload that is not there, or not this person's."""
    return NotFound(_("There is no such upload."), hint=_("It was imported or cancelled; choose the file again."))


def waiting(actor: str) -> list[Draft]:
    """The uploads of a person that were neither imported nor cancelled, by their files' names."""
    found = (_read(file) for file in settings.HEDEF.uploads_dir.glob(f"*/{_STATE}"))
    own = [one for one in found if one is not None and one.actor in (actor, INBOX)]
    return sorted(own, key=lambda one: (sorted(one.files.values()), one.token))


def came_at(draft: Draft) -> datetime | None:
    """When the files of an upload came; none where they are gone."""
    moments = [one.stat().st_mtime for one in draft.paths if one.is_file()]
    return datetime.fromtimestamp(max(moments), UTC) if moments else None


def rows_seen(draft: Draft) -> int | None:
    """Rows of an upload as they were last counted; none where nobody has looked at it yet."""
    file = draft.folder / _LOOK
    if not file.is_file():
        return None
    told = json.loads(file.read_text(encoding="utf-8"))
    return sum(int(one["rows"]) for one in told["look"]["files"])


def _read(file: Path) -> Draft | None:
    return Draft(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def answer(
    draft: Draft,
    *,
    decide: Mapping[str, str],
    columns: Mapping[str, Mapping[str, str]],
    objects: Mapping[str, str],
    keys: Mapping[str, str],
    stages: Mapping[str, Mapping[str, str]] | None = None,
) -> Draft:
    """Keep what the person chose; an empty answer takes a former one back. Another object forgets the columns."""
    told = {name: value for name, value in {**draft.decide, **decide}.items() if value}
    held = {**draft.objects, **objects}
    turned = {stored for stored, object_ in objects.items() if draft.objects.get(stored, object_) != object_}
    chosen = {stored: one for stored, one in {**draft.columns, **columns}.items() if stored not in turned}
    by_key = {stored: one for stored, one in {**draft.keys, **keys}.items() if one and stored not in turned}
    placed = {process: {**draft.stages.get(process, {}), **words} for process, words in (stages or {}).items()}
    held_stages = {**draft.stages, **placed}
    named = {process: {word: one for word, one in words.items() if one} for process, words in held_stages.items()}
    changed = replace(draft, decide=told, columns=chosen, objects=held, keys=by_key, stages=named)
    _save(changed)
    return changed


def without(draft: Draft, stored: str) -> Draft:
    """The draft without one of its files; what was said about it is forgotten. WrongUse for the last one."""
    if stored not in draft.files:
        raise NotFound(_("There is no such file in this upload."))
    if len(draft.files) == 1:
        raise WrongUse(_("It is the only file of this upload."), hint=_("Cancel the upload instead."))

    def rest[T](told: Mapping[str, T]) -> dict[str, T]:
        return {name: one for name, one in told.items() if name != stored}

    changed = replace(
        draft,
        files=rest(draft.files),
        columns=rest(draft.columns),
        objects=rest(draft.objects),
        keys=rest(draft.keys),
    )
    _save(changed)
    (draft.folder / stored).unlink(missing_ok=True)
    shutil.rmtree(draft.unfolded(stored), ignore_errors=True)
    return changed


def discard(draft: Draft) -> None:
    """The upload is gone, and its files with it."""
    shutil.rmtree(draft.folder, ignore_errors=True)

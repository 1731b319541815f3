"""Uploads that wait for a person: which files, which answers, which columns were mapped by hand.

A draft lives in the home's uploads folder until it is imported or cancelled; it belongs to who uploaded it.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hedef.kernel.errors import NotFound, WrongUse

SKIP = "-"  # the choice "do not import"
_STATE = "draft.json"
_TOKEN = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True)
class Draft:
    """`files`: stored name -> the person's name; everything else goes by stored name too.

    `objects`: what a file of no known shape holds; `keys`: the column that tells its rows apart; `columns`: column ->
    field (`-`: left out) where a person chose one.
    """

    token: str
    actor: str
    files: Mapping[str, str]
    source: str | None = None
    decide: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return _folder(self.token)

    @property
    def paths(self) -> list[Path]:
        return [self.folder / stored for stored in self.files]

    @property
    def names(self) -> dict[str, str]:
        """path -> what the person called the file, as `run_import` takes it."""
        return {str(self.folder / stored): name for stored, name in self.files.items()}


def _folder(token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise _missing()
    folder: Path = settings.HEDEF.uploads_dir / token
    return folder


def start(uploads: Iterable[Any], *, actor: str, source: str | None) -> Draft:
    """Keep uploaded files under names of their own, outside the web root. WrongUse without any file."""
    token = secrets.token_hex(12)
    folder = _folder(token)
    folder.mkdir(parents=True)
    files = {}
    for number, upload in enumerate(uploads):
        stored = f"{number:03d}.csv"
        with (folder / stored).open("wb") as out:
            for chunk in upload.chunks():
                out.write(chunk)
        files[stored] = Path(str(upload.name or "upload.csv").replace("\\", "/")).name or "upload.csv"
    if not files:
        shutil.rmtree(folder)
        raise WrongUse(_("No file was chosen."), hint=_("Choose one or more CSV files."))
    draft = Draft(token, actor, files, source=source or None)
    _save(draft)
    return draft


def _save(draft: Draft) -> None:
    (draft.folder / _STATE).write_text(json.dumps(asdict(draft), ensure_ascii=False), encoding="utf-8")


def load(token: str, *, actor: str) -> Draft:
    """The draft, for who uploaded it; NotFound for everybody else."""
    draft = _read(_folder(token) / _STATE)
    if draft is None or draft.actor != actor:
        raise _missing()
    return draft


def _missing() -> NotFound:
    return NotFound(_("There is no such upload."), hint=_("It was imported or cancelled; choose the file again."))


def waiting(actor: str) -> list[Draft]:
    """The uploads of a person that were neither imported nor cancelled, by their files' names."""
    found = (_read(file) for file in settings.HEDEF.uploads_dir.glob(f"*/{_STATE}"))
    own = [one for one in found if one is not None and one.actor == actor]
    return sorted(own, key=lambda one: (sorted(one.files.values()), one.token))


def _read(file: Path) -> Draft | None:
    return Draft(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None


def answer(
    draft: Draft,
    *,
    decide: Mapping[str, str],
    columns: Mapping[str, Mapping[str, str]],
    objects: Mapping[str, str],
    keys: Mapping[str, str],
) -> Draft:
    """Keep what the person chose; an empty answer takes a former one back. Another object forgets the columns."""
    told = {name: value for name, value in {**draft.decide, **decide}.items() if value}
    held = {**draft.objects, **objects}
    turned = {stored for stored, object_ in objects.items() if draft.objects.get(stored, object_) != object_}
    chosen = {stored: one for stored, one in {**draft.columns, **columns}.items() if stored not in turned}
    by_key = {stored: one for stored, one in {**draft.keys, **keys}.items() if one and stored not in turned}
    changed = replace(draft, decide=told, columns=chosen, objects=held, keys=by_key)
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
    return changed


def discard(draft: Draft) -> None:
    """The upload is gone, and its files with it."""
    shutil.rmtree(draft.folder, ignore_errors=True)

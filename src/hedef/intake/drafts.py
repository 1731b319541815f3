"""Uploads that wait for a person: which files, which answers, which columns were mapped by hand.

A draft lives in the home's uploads folder until it is imported or cancelled; it belongs to who uploaded it.
"""

import json
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from hedef.kernel.errors import NotFound, WrongUse

SKIP = "-"  # the choice "do not import"
_STATE = "draft.json"


@dataclass(frozen=True)
class Draft:
    """`files`: stored name -> the person's name. `columns`: person's file name -> column -> field (`-`: left out)."""

    token: str
    actor: str
    files: Mapping[str, str]
    source: str | None = None
    decide: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

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
    if not token.isalnum():
        raise NotFound("There is no such upload.")
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
        files[stored] = Path(str(upload.name or "upload.csv").replace("\\", "/")).name
    if not files:
        shutil.rmtree(folder)
        raise WrongUse("No file was chosen.", hint="Choose one or more CSV files.")
    draft = Draft(token, actor, files, source=source or None)
    _save(draft)
    return draft


def _save(draft: Draft) -> None:
    (draft.folder / _STATE).write_text(json.dumps(asdict(draft), ensure_ascii=False), encoding="utf-8")


def load(token: str, *, actor: str) -> Draft:
    """The draft, for who uploaded it; NotFound for everybody else."""
    file = _folder(token) / _STATE
    if not file.is_file():
        raise NotFound("There is no such upload.", hint="It was imported or cancelled; choose the file again.")
    draft = Draft(**json.loads(file.read_text(encoding="utf-8")))
    if draft.actor != actor:
        raise NotFound("There is no such upload.")
    return draft


def answer(draft: Draft, *, decide: Mapping[str, str], columns: Mapping[str, Mapping[str, str]]) -> Draft:
    """Keep what the person chose; an empty answer takes a former one back."""
    told = {name: value for name, value in {**draft.decide, **decide}.items() if value}
    changed = replace(draft, decide=told, columns={**draft.columns, **columns})
    _save(changed)
    return changed


def discard(draft: Draft) -> None:
    shutil.rmtree(draft.folder, ignore_errors=True)

"""Translations without the gettext tools: `python -m hedef.web.messages update|compile|check`.

`update` collects every message of the source into `locale/tr/LC_MESSAGES/django.po` (new ones stay empty, guesses are
never made), `compile` writes `django.mo`, `check` fails when a message has no Turkish text or the .mo is stale.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "tr" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")

_KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # else the .mo would change with every run
_HEAD = """\
# Turkish texts of Hedef. Terms: docs/contracts.md section 6.
msgid ""
msgstr ""
"Project-Id-Version: Hedef\\n"
"Language: tr\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def collect() -> Catalog:
    """Every message of the package's Python files and templates."""
    found = Catalog(project="Hedef", charset="utf-8")
    for file in sorted([*ROOT.rglob("*.py"), *ROOT.rglob("templates/**/*.html")]):
        for line, message, context in _messages(file):
            found.add(message, locations=[(file.relative_to(ROOT).as_posix(), line)], context=context)
    return found


def _messages(file: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    text, method = file.read_text(encoding="utf-8"), "python"
    if file.suffix == ".html":
        from django.utils.translation.template import templatize

        # it blanks all but the calls; what is left has no Python indentation, but reads as JavaScript
        text, method = templatize(text, origin=str(file)), "javascript"
    for line, message, _comments, context in extract(method, io.BytesIO(text.encode()), keywords=_KEYWORDS):
        yield line, message, context


def load() -> Catalog:
    """The Turkish catalogue as it is kept."""
    with PO.open("rb") as file:
        kept = read_po(file, locale="tr")
    kept.creation_date = kept.revision_date = _DATE
    return kept


def update() -> None:
    """Adds new messages, drops those that the source no longer says."""
    kept = load() if PO.is_file() else Catalog(locale="tr", project="Hedef", charset="utf-8")
    kept.update(collect(), no_fuzzy_matching=True, update_header_comment=False)
    kept.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, kept, width=120, sort_output=True, omit_header=False, no_location=True, include_previous=False)
    PO.write_bytes(_HEAD.encode() + out.getvalue().partition(b"\n\n")[2])  # its own head changes with every run


def compiled() -> bytes:
    """The .mo of the kept catalogue."""
    out = io.BytesIO()
    write_mo(out, load())
    return out.getvalue()


def compile_catalog() -> None:
    MO.write_bytes(compiled())


def faults() -> list[str]:
    """What is wrong with the catalogue, as sentences."""
    kept = load()
    wanted = {(message.id, message.context) for message in collect() if message.id}
    known = {(message.id, message.context): message for message in kept if message.id}
    found = [f"not in django.po: {id_!r}" for id_, context in wanted - known.keys()]
    found += [f"no longer said: {id_!r}" for id_, context in known.keys() - wanted]
    found += [f"no Turkish text: {one.id!r}" for one in known.values() if not _is_complete(one.string)]
    found += [f"guessed, not translated: {one.id!r}" for one in known.values() if one.fuzzy]
    if not MO.is_file() or MO.read_bytes() != compiled():
        found.append("django.mo is stale: python -m hedef.web.messages compile")
    return sorted(found)


def _is_complete(text: object) -> bool:
    return all(text) if isinstance(text, tuple) else bool(text)


def main(verb: str) -> int:
    """Runs one verb; 1 when `check` found something."""
    from django.conf import settings

    if not settings.configured:
        settings.configure()  # templatize reads the names of the tags only
    if verb == "update":
        update()
    elif verb == "compile":
        compile_catalog()
    elif verb == "check":
        found = faults()
        sys.stderr.write("".join(f"{one}\n" for one in found))
        return 1 if found else 0
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))

"""Comparing column names: case, spaces, BOM, a trailing `*`, `__c` and punctuation do not count."""

import re
from collections.abc import Iterable, Sequence

_RELATION = re.compile(r"^(?P<relation>.+)\.external_id__c$", re.IGNORECASE)
_CUSTOM = re.compile(r"__c$", re.IGNORECASE)
_PREFIXED = re.compile(r"^(?P<of>\w[^-]{1,30}) - \S")
_STAGE_DATE = re.compile(r'^date (entered|exited) ".*"$', re.IGNORECASE)


def fold(header: str) -> str:
    """The form in which two headers are compared; `X.External_Id__c` reads as the id column of X."""
    text = header.strip().lstrip("\ufeff").strip().rstrip("*")
    relation = _RELATION.match(text)
    if relation:
        text = relation["relation"] + "id"
    text = _CUSTOM.sub("", text).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def fold_for_detection(header: str) -> str:
    """As `fold`, with every `Date entered "..."` column folded to one name."""
    stage_date = _STAGE_DATE.match(header.strip())
    return f"date{stage_date[1].lower()}" if stage_date else fold(header)


def is_translated(header: Sequence[str]) -> bool:
    """Whether most columns are called `X - Name` with few X, the form of a vendor who translates both words."""
    parts = [found["of"] for name in header if (found := _PREFIXED.match(name.strip()))]
    return len(parts) >= 3 and len(parts) * 10 >= len(header) * 6 and len(set(parts)) <= 4


def find(names: Iterable[str], header: Sequence[str]) -> str | None:
    """The first of `names` that stands in the header, spelled as there."""
    by_fold: dict[str, str] = {}
    for actual in header:
        by_fold.setdefault(fold(actual), actual)
    for name in names:
        if name in header:
            return name
        if (actual_name := by_fold.get(fold(name))) is not None:
            return actual_name
    return None


def clean_header(raw: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Unique names for all columns and the names that occur more than once: "" -> column_8, repeated -> Name#2."""
    seen: dict[str, int] = {}
    names: list[str] = []
    repeated: list[str] = []
    for position, text in enumerate(raw, start=1):
        name = re.sub(r"\s+", " ", text.replace("\ufeff", "").replace("\x00", "")).strip() or f"column_{position}"
        seen[name] = seen.get(name, 0) + 1
        if seen[name] == 2:
            repeated.append(name)
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(_settle(names)), tuple(repeated)


def _settle(names: list[str]) -> list[str]:
    """A made-up name may itself be taken (`A, A, A#2`): count on until every name is unique."""
    taken: set[str] = set()
    for position, name in enumerate(names):
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name}#{number}", number + 1
        taken.add(candidate)
        names[position] = candidate
    return names

"""Entity numbers as people read them: a letter of the kind and the number (contracts section 1)."""

import re

LETTERS: dict[str, str] = {
    "person": "P",
    "team": "T",
    "territory": "R",
    "account": "A",
    "contact": "C",
    "lead": "L",
    "deal": "D",
    "contract": "N",
    "order": "O",
    "invoice": "I",
    "payment": "Y",
    "product": "G",
    "activity": "V",
    "campaign": "K",
    "feedback": "F",
    "cost": "X",
    "quote": "Q",
}
_KINDS = {letter: kind for kind, letter in LETTERS.items()}
_SPELLED = re.compile(r"([A-Z])-([1-9][0-9]{0,18})")


def spell(kind: str, entity: int) -> str:
    """`spell("deal", 10482)` is `D-10482`; kinds without a letter of their own get `E`."""
    return f"{LETTERS.get(kind, 'E')}-{entity}"


def parse(text: str) -> tuple[str | None, int]:
    """Kind (none for `E`) and number of a spelled id; ValueError for anything else."""
    found = _SPELLED.fullmatch(text.strip())
    if not found or (found[1] not in _KINDS and found[1] != "E"):
        raise ValueError(f'"{text}" is no id such as D-10482 or P-17')
    return _KINDS.get(found[1]), int(found[2])

"""One way to compare names of people, teams and accounts: by `normalise(name)`."""

import re
import unicodedata

# letters that lose nothing but their mark when decomposed are handled by NFD; these have no decomposition
_FOLDED = str.maketrans(
    {"ı": "i", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h", "ŀ": "l"}
)
_IN_BRACKETS = re.compile(r"[(\[]\s*(?:inactive|deactivated|disabled|left|former|pasif|ayr[iı]ld[iı])\s*[)\]]")
_NO_LETTER = re.compile(r"[^\w@&+]+")


def normalise(name: str) -> str:
    """The search key of a name: `"Işık, Gül (inactive)"` and `"GÜL IŞIK"` give `"gul isik"`.

    Case is folded so that all four Turkish i meet (İ, I, ı, i), accents and punctuation go, runs of space become one,
    "Last, First" is turned, marks like "(inactive)" are dropped. Letters of other scripts stay.
    """
    text = unicodedata.normalize("NFKD", name.replace("İ", "i").replace("I", "i")).casefold().translate(_FOLDED)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _IN_BRACKETS.sub(" ", text)
    last, comma, first = text.partition(",")
    if comma and "," not in first and last.strip() and first.strip() and not _COMPANY_TAIL.fullmatch(first.strip()):
        text = f"{first} {last}"
    return " ".join(_NO_LETTER.sub(" ", text).replace("_", " ").split())


# "Acme, Inc." is no person written "Last, First"
_COMPANY_TAIL = re.compile(
    r"(?:inc|ltd|llc|llp|lp|co|corp|gmbh|ag|sa|s\.a|plc|pty ltd|a\.?s|ltd\.? sti|limited|incorporated|company)\.?"
)

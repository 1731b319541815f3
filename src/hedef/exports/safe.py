"""Cells that a spreadsheet cannot mistake for a formula, and the way back. Pure.

OWASP, "CSV injection": a cell that begins with = + - @ tab or CR may be run by the program that opens the file.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")  # wide forms are read so too
_NUMBER = re.compile(r"[+-]?\d[\d.,\u00a0 ]*(?:[eE][+-]?\d+)?\s*%?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without control characters; tabs and ends of line stay."""
    return _CONTROL.sub("", text)


def harmless(text: str) -> str:
    """The text without control characters, and with a leading `'` where a spreadsheet would read a formula; numbers
    stay as they are."""
    text = clean(text)
    if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unharmed(text: str) -> str:
    """The text as it was before `harmless`: one leading `'` before such a beginning is taken away."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text[1:]) else text

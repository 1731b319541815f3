"""Equality of words in Turkish and English: dotted and dotless i must neither hide nor join names by accident."""

import unicodedata


def lower(text: str) -> str:
    """Lower case by Turkish rules: `IĞDIR` is `ığdır`, `İZMİR` is `izmir`."""
    return text.replace("İ", "i").replace("I", "ı").lower()


def upper(text: str) -> str:
    """Upper case by Turkish rules: `izmir` is `İZMİR`."""
    return text.replace("i", "İ").replace("ı", "I").upper()


def search_key(text: str) -> str:
    """What two spellings share: NFC, one space between words, lower case, all four letters i as one.

    `İzmir`, `IZMIR` and `ızmir` have the same key; accents are kept (`Öz` is not `Oz`).
    """
    one_line = " ".join(unicodedata.normalize("NFC", text).split())
    return one_line.replace("İ", "i").replace("I", "i").replace("ı", "i").casefold()

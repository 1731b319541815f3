"""What a file is, by its content: nothing heavy is needed to know it."""

import codecs
import re
from typing import Literal

type FileKind = Literal["text", "empty", "zip", "xlsx", "parquet", "json", "gzip", "binary"]

_MAGIC: tuple[tuple[bytes, FileKind], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "binary"),
    (b"\xd0\xcf\x11\xe0", "binary"),
    (b"MZ", "binary"),
    (b"\x7fELF", "binary"),
    (b"\x89PNG", "binary"),
    (b"#!", "binary"),
    (b"\xca\xfe\xba\xbe", "binary"),
    (b"\xcf\xfa\xed\xfe", "binary"),
    (b"\x00asm", "binary"),
    (b"7z\xbc\xaf", "binary"),
    (b"Rar!", "binary"),
    (b"BZh", "binary"),
    (b"\xfd7zXZ", "binary"),
    (b"\x28\xb5\x2f\xfd", "binary"),
)
CURE = {"binary": "Export the records as CSV and import that."}


def kind_of(head: bytes, tail: bytes) -> FileKind:
    """What a file is, by its beginning and its end."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return "xlsx" if kind == "zip" and _is_workbook(head, tail) else kind
    if head[257:262] == b"ustar":
        return "binary"
    if is_wide(head):
        return "text"
    start = head[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start[:1] == b"{" or re.match(rb'\[\s*[\[{\]"]', start):
        return "json"
    return "binary" if _is_binary(head[:4096]) else "text"


def _is_workbook(head: bytes, tail: bytes) -> bool:
    """A zip whose first entry is one of a workbook; an archive that merely holds a workbook begins otherwise."""
    return b"xl/workbook" in tail and head[30:].startswith((b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/"))


def is_wide(head: bytes) -> bool:
    return head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or wide_without_bom(head) is not None


def _is_binary(head: bytes) -> bool:
    strange = sum(head.count(byte) for byte in range(1, 32) if byte not in (9, 10, 12, 13, 27))
    return strange * 20 > len(head) or (head.count(0) * 4 > len(head) and len(head.strip(b"\x00")) > len(head) // 2)


def wide_without_bom(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a NUL in every second byte."""
    head = data[:2000]
    half = len(head) // 2
    if half < 4:
        return None
    if head[1::2].count(0) > half * 0.7 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.7 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None

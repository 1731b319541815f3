"""JSON into rows: a list of records, one object with such a list inside, or one record a line. Streamed."""

import codecs
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from hedef.intake.engine.formats.limits import Limits, Unfolded, issue, too_large, unsafe_file
from hedef.intake.engine.formats.table import Rows, plain_number, spelled
from hedef.kernel.errors import NeedsDecision, WrongUse

DEPTH = 32
VALUE_LIMIT = 64 << 20  # characters of one record, or of an object that holds the list
_BLOCK = 1 << 20
_SPACE = " \t\r\n"
_UNWRAPPED = "properties"  # HubSpot puts the fields of a record into an object of this name
_HISTORY = "propertiesWithHistory"  # and what each of them was before into another
# a history with one of these is one of such records, known by the id in this column; that of others is not kept
_KEPT = {"id": ("dealstage",), "contactId": ("firstname", "lastname", "lifecyclestage")}
_CHANGES = ("timestamp", "value", "sourceType", "sourceId")


def unfold_json(path: Path, name: str, out: Path, limits: Limits, answers: Mapping[str, str]) -> list[Unfolded]:
    """Write the records of a JSON file as CSV; former values of their properties become a second file.

    Refused for NaN, Infinity, depth over 32; WrongUse for other content; NeedsDecision for several lists or objects.
    """
    past = out.with_name(f"{out.stem}-history.csv")
    with path.open("rb") as file, Rows(out, name, limits) as rows, Rows(past, name, limits) as changes:
        reader, left_out = _Reader(file, name), 0
        for record in _of_one_object(name, _records(reader, answers), answers):
            if not isinstance(record, dict):
                raise WrongUse(f"{name} holds values that are no records.", hint="A list of objects is needed.")
            rows.add(dict(_flat(record, "")))
            known_by = _known_by(record)
            left_out += bool(record.get(_HISTORY)) and known_by is None
            for change in _changes(record, known_by) if known_by else ():
                changes.add(change)
        told = changes.rows
    made = [Unfolded(out.name, name, "json", plain=True)]
    if told:
        made.append(Unfolded(past.name, f"{name}: history", "json", plain=True))
    else:
        past.unlink()
    if left_out:
        message = f"{name}: what {left_out} records were before is left out; only deals and contacts have a history."
        made[0].issues.append(issue("history_left_out", "info", message, name, "Their present values are imported."))
    if reader.repeated:
        message = (
            f'{name}: {reader.repeated} objects name a key more than once (first: "{reader.repeated_key}"); '
            "the last value counts."
        )
        made[0].issues.append(issue("key_repeated", "warning", message, name, "Export it again with unique names."))
    return made


def _of_one_object(name: str, records: Iterator[Any], answers: Mapping[str, str]) -> Iterator[Any]:
    """Records that say themselves what they are (`{"item": "deal", "data": {...}}`) come out of their envelope.

    Those of several objects cannot be one table: a person says which are meant.
    """
    wanted = next((answer for column, answer in answers.items() if column.strip().casefold() == "list"), None)
    seen: dict[str, int] = {}
    for record in records:
        if not isinstance(record, dict) or not isinstance(record.get("data"), dict) or "item" not in record:
            yield record
            continue
        item = str(record["item"])
        seen[item] = seen.get(item, 0) + 1
        if wanted is None or wanted == item:
            yield record["data"]
    if len(seen) > 1 and wanted not in seen:
        raise _which_list(name, seen, "kinds of records")


def _known_by(record: Mapping[str, Any]) -> str | None:
    """The column for the id of a record whose history is kept; None for others."""
    told = {name for part in (_UNWRAPPED, _HISTORY) for name in (record.get(part) or ())}
    return next((column for column, names in _KEPT.items() if told.intersection(names)), None)


def _changes(record: Mapping[str, Any], known_by: str) -> Iterator[dict[str, str]]:
    """Former values of the properties of a record, oldest first; an empty list says nothing."""
    history = record.get(_HISTORY)
    for name, told in history.items() if isinstance(history, dict) else ():
        for one in reversed(told if isinstance(told, list) else []):
            if isinstance(one, dict):
                said = {key: _text(one.get(key)) for key in _CHANGES}
                yield {known_by: _text(record.get("id")), "property": str(name), **said}


def _records(reader: "_Reader", answers: Mapping[str, str]) -> Iterator[Any]:
    """All records, whichever shape the file has."""
    if reader.peek() == "[":
        yield from reader.elements()
        return
    first = reader.value()
    if reader.peek():  # one record a line
        yield first
        while reader.peek():
            yield reader.value()
        return
    lists = dict(_lists(first, "")) if isinstance(first, dict) else {}
    if not lists:
        yield first
        return
    yield from lists[_chosen(reader.name, lists, answers)]


def _lists(value: dict[str, Any], place: str) -> Iterator[tuple[str, list[Any]]]:
    """Lists of records inside of objects, by their place."""
    for key, part in value.items():
        here = f"{place}.{key}" if place else key
        if isinstance(part, list) and part and all(isinstance(one, dict) for one in part):
            yield here, part
        elif isinstance(part, dict):
            yield from _lists(part, here)


def _chosen(name: str, lists: Mapping[str, list[Any]], answers: Mapping[str, str]) -> str:
    if len(lists) == 1:
        return next(iter(lists))
    told = next((answer for column, answer in answers.items() if column.strip().casefold() == "list"), None)
    if told is not None and told in lists:
        return told
    raise _which_list(name, {one: len(records) for one, records in lists.items()}, "lists of records")


def _which_list(name: str, counts: Mapping[str, int], what: str) -> NeedsDecision:
    message = f"{name} holds {len(counts)} {what}. Which one is meant?"
    question = {
        "file": name, "column": "list", "what": "list", "value": None, "proof": dict(counts), "by": None,
        "options": list(counts), "message": message,
    }  # fmt: skip
    hint = f'Answer with --decide "list=NAME" ({", ".join(list(counts)[:8])}).'
    return NeedsDecision(message, hint=hint, decisions=[question])


# --- reading ----------------------------------------------------------------------------------------------------------


class _Reader:
    """Values of a text one after the other; only the one at hand is in memory."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name, self.repeated, self.repeated_key = name, 0, ""
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._text, self._at, self._ended = "", 0, False
        self._json = json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=plain_number, parse_int=str, parse_constant=self._constant
        )

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if (sign := self._text[self._at]) not in _SPACE:
                    return sign
                self._at += 1
            if not self._more(_BLOCK):
                return ""

    def elements(self) -> Iterator[Any]:
        """The elements of a list, which must be the whole file."""
        self._at += 1
        while self.peek() != "]":
            yield self.value()
            if self.peek() == ",":
                self._at += 1
            elif self.peek() != "]":
                raise self._broken("a comma or the end of the list is missing")
        self._at += 1
        if self.peek():
            raise self._broken("something follows the list")

    def value(self) -> Any:
        """The next value; the text behind it is read on until it is whole."""
        step = _BLOCK
        self.peek()
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
                too_deep = _depth(value) > DEPTH
            except RecursionError:
                raise self._deep() from None
            except json.JSONDecodeError as fault:
                if len(self._text) - self._at > VALUE_LIMIT:
                    raise too_large(self.name, f"holds a value of more than {VALUE_LIMIT >> 20} MB") from fault
                if not self._more(step):
                    raise self._broken(fault.msg) from None
                step *= 2
            else:
                if too_deep:
                    raise self._deep()
                self._at = end
                return value

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        self._text, self._at = self._text[self._at :], 0
        block = self._file.read(size)
        self._ended = not block
        try:
            self._text += self._decode.decode(block, final=not block)
        except UnicodeDecodeError:
            raise self._broken("it is not UTF-8") from None
        return True

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [key for key, _ in pairs]
            self.repeated += 1
            self.repeated_key = self.repeated_key or next(key for key in names if names.count(key) > 1)
        return made

    def _constant(self, text: str) -> Any:
        hint = "JSON knows no such number. Export it again, with blank values where there is none."
        raise unsafe_file(self.name, f"holds {text}", hint)

    def _deep(self) -> Exception:
        hint = "Export the records as a flat list."
        return unsafe_file(self.name, f"nests values more than {DEPTH} deep", hint)

    def _broken(self, what: str) -> Exception:
        return WrongUse(
            f"{self.name} is no JSON that can be read ({what}).",
            hint="It may be cut off: export it again.",
            code="not_data",
        )


def _depth(value: Any) -> int:
    """How deep a value nests: 0 for a text, 1 for an object of texts. RecursionError far beyond what is allowed."""
    if not isinstance(value, dict | list):
        return 0
    parts = value.values() if isinstance(value, dict) else value
    return 1 + max((_depth(one) for one in parts if isinstance(one, dict | list)), default=0)


# --- cells ------------------------------------------------------------------------------------------------------------


def _flat(record: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    """Objects inside of a record as `Owner.Name`; a list of plain values as `a;b`, any other list as JSON.

    Of a list of addresses the first one counts (`{"value": ..., "primary": true}`)."""
    for key, value in record.items():
        here = f"{place}.{key}" if place else key
        if key == _HISTORY:
            continue
        if isinstance(value, dict):
            yield from _flat(value, place if key == _UNWRAPPED else here)
        else:
            yield here, _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        if value and all(isinstance(one, dict) and {"value", "primary"} <= one.keys() for one in value):
            first = next((one for one in value if one["primary"] in (True, "true")), value[0])
            return _text(first["value"])
        if any(isinstance(one, dict | list) for one in value):
            return json.dumps(value, ensure_ascii=False)
        return spelled([_text(one) for one in value])
    return str(value)

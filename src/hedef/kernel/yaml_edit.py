"""Changes one value of a YAML text and leaves every other character where a person put it: comments, order, quotes.

The text is cut at the marks of the value that changes. What comes out is read again: where it does not say exactly what
was asked for, nothing is changed and ValueError is raised.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hedef.kernel.errors import InvalidDocument
from hedef.kernel.yaml_source import Path, read_yaml, write_yaml

_FLOW_WIDTH = 100
_PLAIN = re.compile(r"[^\W\d_][\w ]*\w|[0-9]{4}-[0-9]{2}-[0-9]{2}")  # reads as text anywhere
_NO_TEXT = {"true", "false", "null", "yes", "no", "on", "off"}


@dataclass(frozen=True)
class Gone:
    """The value of a key that is taken out."""


GONE = Gone()


@dataclass(frozen=True)
class _Node:
    """A node of the text: where it begins and ends, without the comments and blank lines behind it."""

    kind: str
    start: int
    end: int
    column: int
    flow: bool
    style: str | None
    entries: tuple[tuple[str, "_Node", "_Node"], ...] = ()  # of a mapping: key, its node, the value's node
    items: tuple["_Node", ...] = ()

    def child(self, step: str | int) -> "_Node | None":
        if self.kind == "mapping":
            return next((value for key, _, value in self.entries if key == step), None)
        return self.items[step] if isinstance(step, int) and step < len(self.items) else None


def put_value(text: str, path: Path, value: Any, *, order: Sequence[str] = ()) -> str:
    """The text with `value` (JSON types; `GONE` takes the key out) at a path of mapping keys.

    A new key of the document stands behind the keys that come before it in `order`, else at the end. InvalidDocument
    for a text that is no YAML, ValueError where the text cannot carry the change.
    """
    data, _ = read_yaml(text)
    wanted = _changed(data if isinstance(data, dict) else {}, path, value)
    if wanted == data:
        return text
    made = _cut(text, tuple(path), value, order) if isinstance(data, dict) and data else write_yaml(wanted)
    if _read_again(made) != wanted:
        raise ValueError(f"the text cannot carry a new value at {'.'.join(map(str, path))}")
    return made


def put_values(text: str, changes: Iterable[tuple[Path, Any]], *, order: Sequence[str] = ()) -> str:
    """Several changes after one another."""
    for path, value in changes:
        text = put_value(text, path, value, order=order)
    return text


def _read_again(text: str) -> Any:
    try:
        return read_yaml(text)[0]
    except InvalidDocument:
        return GONE


def _changed(data: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The data that the text should say; a mapping that loses its last key goes with it."""
    made = deepcopy(dict(data))
    step, rest = str(path[0]), path[1:]
    if not rest:
        made.pop(step, None) if value is GONE else made.__setitem__(step, value)
        return made
    below = made.get(step)
    inner = _changed(below if isinstance(below, dict) else {}, rest, value)
    if inner:
        made[step] = inner
    elif step in made:
        del made[step]
    return made


def _cut(text: str, path: tuple[str | int, ...], value: Any, order: Sequence[str]) -> str:
    node, above = _compose(text), [_compose(text)]
    for place, step in enumerate(path):
        found = node.child(step)
        if found is None or (place < len(path) - 1 and found.kind != "mapping"):
            if value is GONE:
                return text
            told = _nested(path[place + 1 :], value)
            here = order if place == 0 else ()
            return _replaced(text, found, node, told) if found else _added(text, node, str(step), told, here)
        above.append(found)
        node = found
    return _removed(text, above, path) if value is GONE else _replaced(text, node, above[-2], value)


def _nested(path: Sequence[str | int], value: Any) -> Any:
    for step in reversed(path):
        value = {str(step): value}
    return value


# --- the three cuts


def _replaced(text: str, node: _Node, parent: _Node, value: Any) -> str:
    """The value in the place of the old one."""
    if node.start == node.end and text[node.start - 1 : node.start] == ":":  # a key without a value
        return f"{text[: node.start]} {_spell(value, node, parent)}{text[node.end :]}"
    start = node.start
    if (
        node.kind != "scalar" and not node.flow
    ):  # a block begins on the line below its key: the key's colon is before it
        start = text.rindex(":", 0, node.start) + 1
        return f"{text[:start]} {_spell(value, node, parent)}{text[node.end :]}"
    return f"{text[:start]}{_spell(value, node, parent)}{text[node.end :]}"


def _added(text: str, parent: _Node, key: str, value: Any, order: Sequence[str]) -> str:
    """A new key: in a flow mapping before its brace, in a block on a line of its own."""
    last = _before(parent, key, order)
    if parent.flow:
        told = f"{key}: {_flow(value)}"
        at = last.end if last else parent.start + 1
        return f"{text[:at]}{', ' if last else ''}{told}{text[at:]}"
    indent = " " * parent.column
    told = f"{indent}{key}: {_below(value, parent.column)}\n"
    if last is None:
        at = text.rfind("\n", 0, parent.start) + 1
        return f"{text[:at]}{told}{text[at:]}"
    line_end = text.find("\n", last.end)
    if line_end < 0:
        return f"{text}\n{told}"
    return f"{text[: line_end + 1]}{told}{text[line_end + 1 :]}"


def _before(parent: _Node, key: str, order: Sequence[str]) -> _Node | None:
    """The value behind which a new key stands; none: it is the first."""
    if key in order:
        earlier = set(order[: order.index(key)])
        places = [place for place, (name, _, _) in enumerate(parent.entries) if name in earlier]
        return parent.entries[places[-1]][2] if places else None
    return parent.entries[-1][2] if parent.entries else None


def _removed(text: str, above: Sequence[_Node], path: Sequence[str | int]) -> str:
    """The text without a key, and without the mappings that would be empty then."""
    depth = len(path)
    while depth > 1 and len(above[depth - 1].entries) == 1:
        depth -= 1
    parent, step = above[depth - 1], path[depth - 1]
    place = next(number for number, (key, _, _) in enumerate(parent.entries) if key == step)
    _, key, value = parent.entries[place]
    end = max(value.end, key.end)
    if not parent.flow:
        start, stop = text.rfind("\n", 0, key.start) + 1, text.find("\n", end)
        return text[:start] + (text[stop + 1 :] if stop >= 0 else "")
    if place + 1 < len(parent.entries):
        return text[: key.start] + text[parent.entries[place + 1][1].start :]
    start = max(parent.entries[place - 1][2].end, parent.entries[place - 1][1].end) if place else key.start
    return text[:start] + text[end:]


# --- how values are spelled


def _spell(value: Any, node: _Node, parent: _Node) -> str:
    if isinstance(value, dict | list):
        return _flow(value) if parent.flow else _below(value, parent.column)
    if isinstance(value, str) and node.style == '"':
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and node.style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    return _flow(value)


def _below(value: Any, column: int) -> str:
    """A value behind a key of a block: on the same line, a long mapping on lines of its own."""
    told = _flow(value)
    if not isinstance(value, dict) or len(told) <= _FLOW_WIDTH:
        return told
    indent = " " * (column + 2)
    return "".join(f"\n{indent}{key}: {_below(one, column + 2)}" for key, one in value.items())


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int):
        return "null" if value is None else str(value)
    return next((told for told in _texts(str(value)) if _means(told, value)), json.dumps(value))


def _texts(value: str) -> Iterator[str]:
    if value and "\n" not in value and value == value.strip():
        yield value
    yield json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=4096)
def _means(told: str, value: str) -> bool:
    """Whether a spelling is read as the text that is meant, inside a mapping on one line."""
    if told == value and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT:
        return True
    return bool(_read_again(f"a: {{b: {told}, c: 1}}\n") == {"a": {"b": value, "c": 1}})


def pretty(data: Mapping[str, Any]) -> str:
    """YAML of JSON data as a person would write it: short mappings and lists on one line, long ones on several."""
    made = "".join(f"{key}: {_tall(value, 0)}\n" for key, value in data.items())
    made = re.sub(r"[ ]+$", "", made, flags=re.MULTILINE)
    return made if _read_again(made) == data else write_yaml(dict(data))


def _tall(value: Any, column: int) -> str:
    told = _flow(value)
    if len(told) + column <= _FLOW_WIDTH - 10 or not isinstance(value, dict | list):
        return told
    indent = " " * (column + 2)
    if isinstance(value, dict):
        return "".join(f"\n{indent}{key}: {_tall(one, column + 2)}" for key, one in value.items())
    return "".join(f"\n{indent}- {_item(one, column + 2)}" for one in value)


def _item(value: Any, column: int) -> str:
    """A value behind the dash of a list: a long mapping begins on the same line."""
    told = _tall(value, column)
    return told.lstrip() if told.startswith("\n") else told


# --- reading


def _compose(text: str) -> _Node:
    from ruamel.yaml import YAML

    return _node(YAML(typ="safe", pure=True).compose(text), text)


def _node(node: Any, text: str) -> _Node:
    start, end = node.start_mark.index, node.end_mark.index
    flow = bool(node.flow_style) if node.id != "scalar" else False
    entries = tuple((str(key.value), _node(key, text), _node(value, text)) for key, value in _pairs(node))
    items = tuple(_node(one, text) for one in node.value) if node.id == "sequence" else ()
    if node.id != "scalar" and not flow:  # a block ends with its last value, not with the comments behind it
        inner = [one.end for _, key, value in entries for one in (key, value)] + [one.end for one in items]
        end = max(inner, default=end)
    elif node.id == "scalar":
        end = start + len(text[start:end].rstrip())
    style = node.style if node.id == "scalar" else None
    return _Node(node.id, start, end, node.start_mark.column, flow, style, entries, items)


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return list(node.value) if node.id == "mapping" else []

"""YAML as people write it: line and column of every value, and nothing that could read differently tomorrow.

Only mappings, lists, texts, integers, true/false and null come out. Numbers with decimals and dates stay the text that
was written (`0.10`, `2017-08-14`): the model gives them their type, so no float ever appears. Repeated keys, anchors,
aliases, merge keys and tags are refused.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hedef.kernel.errors import InvalidDocument
from hedef.kernel.issue import Issue, Source

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

type Path = Sequence[str | int]
type Place = tuple[int, int]

LIMIT = 2_000_000  # characters; far above any definition
_PLAIN_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_TAG = "tag:yaml.org,2002:"
_TAGS = {
    "scalar": frozenset({"null", "bool", "int", "float", "str", "timestamp"}),
    "sequence": frozenset({"seq"}),
    "mapping": frozenset({"map"}),
}
_ONE_DOCUMENT = "but found another document"


@dataclass(frozen=True)
class Locate:
    """Where a path of the data stands: `locate(("split", "round_to"))` is `(line, column)`, both from 1.

    Steps that the data does not have are passed over, so the place of something missing is that of its surroundings.
    With `key=True` the place of the key is meant, not of its value.
    """

    values: dict[tuple[str | int, ...], Place] = field(default_factory=dict)
    keys: dict[tuple[str | int, ...], Place] = field(default_factory=dict)

    def __call__(self, path: Path = (), *, key: bool = False) -> Place:
        found = self.known(path)
        return self.keys.get(found, self.place(found)) if key else self.place(found)

    def known(self, path: Path) -> tuple[str | int, ...]:
        """The part of `path` that the data has."""
        found: tuple[str | int, ...] = ()
        for step in path:
            if (*found, step) in self.values:
                found = (*found, step)
        return found

    def place(self, path: tuple[str | int, ...]) -> Place:
        return self.values.get(path, (1, 1))


NOWHERE = Locate()
"""For documents that were not read from text."""


def read_yaml(text: str, file: str | None = None) -> tuple[Any, Locate]:
    """Data and places of one YAML document; `file` is only named in messages.

    InvalidDocument with one issue per fault (`bad_yaml`, `repeated_key`, `yaml_feature`, `too_large`).
    """
    if len(text) > LIMIT:
        raise _refused(_issue("too_large", "the document is longer than 2 million characters", file, (1, 1)))
    with _readable(file):
        node = _compose(text)
    reader = _Reader(file)
    with _readable(file):
        data = None if node is None else reader.value(node, ())
    if reader.issues:
        raise _refused(*reader.issues)
    return data, reader.locate


def _compose(text: str) -> "Node | None":
    from ruamel.yaml import YAML  # 96 ms, and only needed once a document is read

    node: Node | None = YAML(typ="safe", pure=True).compose(text)
    return node


@contextmanager
def _readable(file: str | None) -> Iterator[None]:
    """Turns the reader's faults into one issue with its place."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _refused(_issue("bad_yaml", _sentence(fault), file, place)) from fault
    except YAMLError as fault:
        message = "the text holds a character that YAML does not allow, such as a control character"
        raise _refused(_issue("bad_yaml", message, file, (1, 1))) from fault
    except RecursionError as fault:
        raise _refused(_issue("bad_yaml", "the document is nested too deeply", file, (1, 1))) from fault


def _sentence(fault: Any) -> str:
    problem = str(fault.problem or "this is no YAML").rstrip()
    if problem == _ONE_DOCUMENT:
        return "a second document begins here (---); write one document a file"
    return f"{problem} ({fault.context})" if fault.context else problem


@dataclass
class _Reader:
    """Turns nodes into data; collects places and all issues on the way."""

    file: str | None
    locate: Locate = field(default_factory=Locate)
    issues: list[Issue] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def value(self, node: Any, path: tuple[str | int, ...]) -> Any:
        place = _place(node)
        self.locate.values[path] = place
        if id(node) in self.seen or node.anchor:
            return self.refuse("anchors and aliases (& and *) are not read; write the value out", place, path)
        self.seen.add(id(node))
        tag = str(node.tag)
        if tag.removeprefix(_TAG) not in _TAGS[node.id]:
            return self.refuse(f"the tag {tag} is not read; write the plain value", place, path)
        if node.id == "scalar":
            return _scalar(tag.removeprefix(_TAG), node.value)
        if node.id == "sequence":
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        return self.mapping(node, path)

    def mapping(self, node: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, item in node.value:
            place = _place(key)
            if key.id != "scalar" or str(key.tag).removeprefix(_TAG) not in _TAGS["scalar"]:
                self.refuse("a key is a plain word; merge keys (<<) and lists as keys are not read", place, path)
            elif key.value in found:
                first = self.locate.keys[(*path, key.value)][0]
                message = f'the key "{key.value}" stands here twice; it was first written in line {first}'
                self.issues.append(_issue("repeated_key", message, self.file, place, (*path, key.value)))
            else:
                self.locate.keys[(*path, key.value)] = place
                found[key.value] = self.value(item, (*path, key.value))
        return found

    def refuse(self, message: str, place: Place, path: tuple[str | int, ...]) -> None:
        self.issues.append(_issue("yaml_feature", message, self.file, place, path))


def _place(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scalar(tag: str, text: str) -> Any:
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() == "true"
    # 007, 0x1F and 1_000 stay text: they are codes more often than numbers
    if tag == "int" and _PLAIN_INTEGER.fullmatch(text):
        return int(text)
    return text


def spell_path(path: Path) -> str:
    """`stages[2].limit.days`: how messages name a place in the data."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def document_issue(
    code: str, message: str, *, file: str | None, place: Place, path: Path = (), hint: str | None = None
) -> Issue:
    """An error in a document: the sentence says the place, `source` carries file, line and column."""
    line, column = place
    where = f"{file} line {line}, column {column}" if file else f"line {line}, column {column}"
    about = spell_path(path)
    sentence = f"{where}: {about}: {message}" if about else f"{where}: {message}"
    return Issue(code, "error", sentence, Source(file, line, str(column)), about or None, hint)


def _issue(code: str, message: str, file: str | None, place: Place, path: Path = ()) -> Issue:
    return document_issue(code, message, file=file, place=place, path=path)


def _refused(*issues: Issue) -> InvalidDocument:
    return InvalidDocument(issues[0].message, issues=issues)


def write_yaml(data: Any) -> str:
    """YAML of JSON data, keys in their order; `read_yaml` gives the same data back."""
    from ruamel.yaml import YAML

    out = io.StringIO()
    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False
    writer.width = 110
    writer.dump(data, out)
    return out.getvalue()

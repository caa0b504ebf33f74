"""YAML as plain values that remember their lines. Pure.

Only what a rule file needs is read: no aliases, no tags, no second document, nothing deep or large, so a
small file cannot become a large value.
"""

import math
from collections.abc import Callable
from typing import Any

import yaml

from fraud_detection.services.rule_packs.pack import Fault, PackRefused

LARGEST = 1 << 20  # bytes
DEEPEST = 8
MOST_NODES = 100_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_scalars = yaml.SafeLoader("")


class Located(dict):
    """A mapping; `lines` has the line of each value, `blocks` the keys of block texts (`|`)."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}
        self.blocks: set[str] = set()


def load(content: bytes | str) -> Any:
    """The one document of a file; raises PackRefused naming the line."""
    text = _text(content)
    try:
        _refuse_unsafe(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise PackRefused([Fault(line, f"not YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:  # a character that YAML does not know
        raise PackRefused([Fault(1, f"not YAML: {str(error).splitlines()[0][:200]}")]) from None
    return _value(node) if node is not None else None


def _text(content: bytes | str) -> str:
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    if len(content) > LARGEST:
        raise PackRefused([Fault(1, f"the file is too large; at most {LARGEST:,} bytes are read")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PackRefused([Fault(line, "not UTF-8 text; save the file as UTF-8")]) from None


def _refuse_unsafe(text: str) -> None:
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise PackRefused([Fault(line, "anchors and aliases are not read; write the value out")])
        if getattr(event, "tag", None):
            raise PackRefused([Fault(line, f"tags such as {event.tag[:40]} are not read")])
        documents += isinstance(event, yaml.DocumentStartEvent)
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST or nodes > MOST_NODES or documents > 1:
            raise PackRefused([Fault(line, "is too deep, too long or a second document")])


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node)
    read = _READERS.get(node.tag.removeprefix(_TAG))
    if read is None:
        return node.value
    try:
        found = read(node)
    except (ValueError, OverflowError):
        found = math.inf
    if isinstance(found, float) and not math.isfinite(found):
        raise PackRefused([Fault(_line(node), f"{node.value[:40]} is no number a rule can use")])
    return found


def _mapping(node: yaml.MappingNode) -> Located:
    made = Located(_line(node))
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise PackRefused([Fault(_line(key), "a name must be plain text")])
        if key.value in made:
            raise PackRefused([Fault(_line(key), f"'{key.value[:60]}' stands twice")])
        made[key.value] = _value(value)
        made.lines[key.value] = _line(value)
        if isinstance(value, yaml.ScalarNode) and value.style in ("|", ">"):
            made.blocks.add(key.value)
    return made


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


_READERS: dict[str, Callable[[yaml.Node], Any]] = {
    "null": lambda node: None,
    "bool": _scalars.construct_yaml_bool,
    "int": _scalars.construct_yaml_int,
    "float": _scalars.construct_yaml_float,
}

"""The rules of an engine as YAML that reads well and compares well in git."""

from typing import Any

import yaml

from fraud_detection.models import CustomList, EngineState, RuleVersion
from fraud_detection.services.listing.usage import names_in
from fraud_detection.services.rule_packs.pack import FIELDS, FORMAT
from fraud_detection.services.serving import EngineNotInstalled

_LEFT_OUT: tuple[Any, ...] = (None, False, {}, [], "")


def exported_rules(engine: str) -> str:
    """Every rule in force with the lists they read, by code; raises EngineNotInstalled."""
    versions = versions_in_force(engine)
    read = set().union(*(names_in(version.definition) for version in versions.values()))
    lists = {
        each.name: {"kind": each.kind, "description": each.description}
        for each in CustomList.objects.filter(name__in=read, removed_at=None)
    }
    top: dict[str, Any] = {"format": FORMAT, "engine": engine, "complete": True}
    if lists:
        top["lists"] = lists
    top["rules"] = [written_rule(version.definition) for _, version in sorted(versions.items())]
    return dumped(top)


def versions_in_force(engine: str) -> dict[str, RuleVersion]:
    """The version of each rule that decides, by code; of two that share a rollout the newer."""
    state = EngineState.objects.select_related("rule_set").filter(engine=engine).first()
    if state is None:
        raise EngineNotInstalled(engine)
    found = state.rule_set.rule_versions.select_related("rule").order_by("rule__code", "number")
    return {version.rule.code: version for version in found}


def written_rule(definition: dict[str, Any]) -> dict[str, Any]:
    """A definition as it is written: known order, defaults left out, each line of a condition on its own."""
    made = {}
    for name in FIELDS:
        value = definition.get(name)
        if any(value == empty and type(value) is type(empty) for empty in _LEFT_OUT):
            continue
        is_text = isinstance(value, str) and name != "reason"
        made[name] = _trimmed(value) if is_text else value
    return made


def _trimmed(text: str) -> str:
    """Without blanks at the ends of its lines, which would cost the block form; indentation stays."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def dumped(top: dict[str, Any]) -> str:
    """YAML with block texts, in the given order."""
    return yaml.dump(top, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, lists indented below their name."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)

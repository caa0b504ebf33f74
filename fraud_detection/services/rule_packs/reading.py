"""From a YAML file to a pack whose rules hold here; every fault names its line."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import CUSTOM_KINDS, ListKind
from fraud_detection.rules.compiled import compile_rule
from fraud_detection.rules.language import RuleSyntaxError
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.rule_packs.pack import (
    FIELDS,
    FORMAT,
    Fault,
    Pack,
    PackList,
    PackRefused,
    PackRule,
)
from fraud_detection.services.rule_packs.yaml_nodes import Located, load
from fraud_detection.services.rulebook import RuleRefused
from fraud_detection.services.rulebook.definitions import checked_shape

KEYS = ("format", "engine", "title", "description", "complete", "lists", "rules")
MOST_RULES = 500
KINDS = tuple(kind for kind, _ in CUSTOM_KINDS)


def read_pack(content: bytes | str) -> Pack:
    """The pack of a file; raises PackRefused."""
    top = load(content)
    if not isinstance(top, Located):
        raise PackRefused([Fault(1, f"must be a mapping with {', '.join(KEYS)}")])
    _refuse_unknown(top, KEYS, "the file")
    if top.get("format") != FORMAT:
        raise PackRefused([Fault(top.lines.get("format", top.line), f"format must be {FORMAT}")])
    engine = top.get("engine")
    if engine not in ENGINES:
        raise PackRefused(
            [Fault(top.lines.get("engine", top.line), f"engine is one of {', '.join(ENGINES)}")]
        )
    pack = Pack(
        engine,
        _rules(top),
        _lists(top),
        title=_said(top, "title"),
        description=_said(top, "description"),
        complete=top.get("complete") is True,
    )
    faults = [fault for rule in pack.rules for fault in _faults(rule, pack)]
    if faults:
        raise PackRefused(faults)
    return pack


def _rules(top: Located) -> tuple[PackRule, ...]:
    given = top.get("rules")
    line = top.lines.get("rules", top.line)
    if not isinstance(given, list) or not given or len(given) > MOST_RULES:
        raise PackRefused([Fault(line, f"rules must be a list of 1 to {MOST_RULES} rules")])
    rules: dict[str, PackRule] = {}
    for each in given:
        if not isinstance(each, Located):
            raise PackRefused([Fault(line, "each rule must be a mapping of its fields")])
        rule = _rule(each)
        if rule.code.casefold() in rules:
            raise PackRefused([Fault(rule.line, f"the rule {rule.code} stands twice")])
        rules[rule.code.casefold()] = rule
    return tuple(rules.values())


def _rule(given: Located) -> PackRule:
    _refuse_unknown(given, FIELDS, "a rule")
    try:
        checked_shape(dict(given))
        definition = RuleSpec.from_data({k: v for k, v in given.items() if v is not None}).as_data()
    except RuleRefused as refused:
        raise PackRefused(
            [Fault(given.lines.get(name, given.line), f"{name}: {told}") for name, told in refused.faults]
        ) from None
    except (ValueError, TypeError) as error:
        raise PackRefused([Fault(given.line, str(error))]) from None
    lines = {name: line + (name in given.blocks) for name, line in given.lines.items()}
    return PackRule(definition["code"], definition, given.line, lines)


def _lists(top: Located) -> tuple[PackList, ...]:
    given = top.get("lists") or {}
    line = top.lines.get("lists", top.line)
    if not isinstance(given, Located | dict):
        raise PackRefused([Fault(line, "lists must name each list with its kind and description")])
    found = []
    for name, each in given.items():
        line = given.lines[name]
        if not isinstance(each, Located):
            raise PackRefused([Fault(line, f"the list {name[:48]} needs a kind and a description")])
        _refuse_unknown(each, ("kind", "description"), "a list")
        kind, description = each.get("kind", ListKind.WORD.value), each.get("description")
        if kind not in KINDS:
            raise PackRefused([Fault(line, f"the kind of a list is one of {', '.join(KINDS)}")])
        if not isinstance(description, str) or not description.strip():
            raise PackRefused([Fault(line, f"say in `description` what the list {name[:48]} is for")])
        found.append(PackList(name, kind, description.strip()[:500], line))
    return tuple(found)


def _faults(rule: PackRule, pack: Pack) -> list[Fault]:
    """What keeps a rule from compiling with the features there are, and the lists here or in the file."""
    engine = engine_in_use(pack.engine)
    lists = dict.fromkeys((each.name for each in pack.lists), frozenset()) | custom_lists(timezone.now())
    try:
        compile_rule(
            RuleSpec.from_data(rule.definition), Vocabulary.of(engine.feature_set, engine.context), lists
        )
    except RuleSyntaxError as error:
        start = rule.lines.get(error.part or "condition", rule.line)
        return [
            Fault(start + max((error.line or 1) - 1, 0), f"rule {rule.code}, {error.part}: {error.message}")
        ]
    except (ValueError, TypeError, RecursionError) as error:
        return [Fault(rule.line, f"rule {rule.code}: {error}")]
    return []


def _refuse_unknown(given: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        line = given.lines[unknown[0]] if isinstance(given, Located) else 1
        raise PackRefused([Fault(line, f"{what} has no '{unknown[0][:60]}'; it has {', '.join(known)}")])


def _said(top: Located, name: str) -> str:
    value = top.get(name) or ""
    if not isinstance(value, str):
        raise PackRefused([Fault(top.lines[name], f"{name} must be a text")])
    return value.strip()

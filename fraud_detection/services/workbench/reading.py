"""Reads a definition field by field, so that everything wrong with it is said at once."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from fraud_detection.rules.compiled import Lists, compile_rule
from fraud_detection.rules.language import MAX_CHARACTERS, Kind, Node, RuleSyntaxError, Scope, parse
from fraud_detection.rules.language.lexer import tokenize
from fraud_detection.rules.language.names import check_names
from fraud_detection.rules.language.scope import kind_of
from fraud_detection.rules.language.tree import Value
from fraud_detection.rules.reasons import placeholders
from fraud_detection.rules.spec import OUTCOMES, SEVERITIES, SUBJECTS, RuleSpec
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.workbench.findings import Finding, length_at, of_error

MOST_PARAMETERS = 50
MOST_EVIDENCE = 50
LONGEST_PARAMETER = 500
LONGEST = {"code": 64, "family": 32, "reason": 500, "description": 2_000}  # as they are stored with a hit
MOST_NAME_ERRORS = 10
_CODE = re.compile(r"(?=.{2,64}\Z)[A-Za-z]\w*( \w+)*", re.ASCII)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass
class Reading:
    """What was understood of a definition: unbound trees by field, and the errors of the others."""

    definition: Mapping[str, Any]
    scope: Scope
    params: dict[str, Value]
    trees: dict[str, Node] = field(default_factory=dict)
    errors: list[Finding] = field(default_factory=list)

    def text(self, name: str) -> str:
        value = self.definition.get(name)
        return value if isinstance(value, str) else ""

    def refuse(self, name: str, message: str, **place: Any) -> None:
        self.errors.append(Finding(name, message, **place))


def read_definition(definition: object, vocabulary: Vocabulary, lists: Lists) -> Reading:
    """Every field of a rule as JSON data; never raises for what people wrote."""
    if not isinstance(definition, Mapping):
        reading = Reading({}, Scope.of(vocabulary.kinds), {})
        reading.refuse("definition", "a rule is an object with fields such as condition and severity")
        return reading
    params, errors = _parameters(definition.get("params") or {})
    reading = Reading(definition, Scope.of(vocabulary.kinds, params, lists), params, errors=errors)
    _known_fields(reading)
    _plain_texts(reading)
    _expression(reading, "condition", Kind.BOOL)
    if definition.get("requires"):
        _expression(reading, "requires", Kind.BOOL)
    _choice(reading, "subject", SUBJECTS)
    _choice(reading, "severity", SEVERITIES)
    _share(reading, "confidence")
    _share(reading, "weight")
    _reason(reading)
    _rest(reading)
    if not reading.errors:
        _compiles(reading, vocabulary, lists)
    return reading


def _parameters(given: object) -> tuple[dict[str, Value], list[Finding]]:
    """Those that can be used, and what is wrong with the others."""
    if not isinstance(given, Mapping):
        return {}, [Finding("params", "parameters are an object: name and value")]
    if len(given) > MOST_PARAMETERS:
        message = f"at most {MOST_PARAMETERS} parameters; these are {len(given):,}"
        return {}, [Finding("params", message)]
    usable, errors = {}, []
    for name, value in given.items():
        try:
            kind_of(str(name)[:64], value)
            Scope.of({}, {str(name): value})
            if isinstance(value, str):
                _check_text_parameter(name, value)
        except (ValueError, OverflowError) as error:
            message = "is too large for a number" if isinstance(error, OverflowError) else str(error)[:200]
            errors.append(Finding("params", message, code="bad_parameter"))
        else:
            usable[str(name)] = value
    return usable, errors


def _check_text_parameter(name: str, value: str) -> None:
    if len(value) > LONGEST_PARAMETER:
        raise ValueError(f"parameter '{name}' is longer than {LONGEST_PARAMETER} characters")
    if _UNSTORABLE.search(value):
        raise ValueError(f"parameter '{name}' holds a control character")


def _known_fields(reading: Reading) -> None:
    known = {each.name for each in fields(RuleSpec)}
    for name in sorted(str(name)[:64] for name in reading.definition if name not in known)[:5]:
        reading.refuse("definition", f"a rule has no field '{name}'")


def _plain_texts(reading: Reading) -> None:
    for name, longest in LONGEST.items():
        value = reading.definition.get(name)
        if not isinstance(value, str) or not value.strip():
            reading.refuse(name, f"a rule needs a {name}", code="required")
        elif len(value) > longest:
            reading.refuse(name, f"longer than {longest:,} characters", column=longest + 1)
        elif _UNSTORABLE.search(value):
            reading.refuse(name, "unexpected control character")
        elif name == "code" and not _CODE.fullmatch(value):
            reading.refuse(
                name, "2 to 64 letters, digits and underscores, words apart by one blank; a letter first"
            )


def _expression(reading: Reading, name: str, kind: Kind) -> None:
    source = reading.definition.get(name)
    if not isinstance(source, str):
        reading.refuse(
            name, f"a rule needs a {name}" if source is None else "must be a text", code="required"
        )
        return
    try:
        reading.trees[name] = parse(source, reading.scope, kind)
    except RuleSyntaxError as error:
        first = of_error(error, name, source[: MAX_CHARACTERS + 1])
        others = name_errors(source, reading.scope, name) if error.message.startswith("unknown ") else []
        reading.errors += others or [first]


def name_errors(source: str, scope: Scope, name: str) -> list[Finding]:
    """Every unknown name or parameter of an expression, in its order, at most MOST_NAME_ERRORS."""
    found: list[Finding] = []
    tokens = tokenize(source)
    while len(found) < MOST_NAME_ERRORS:
        try:
            check_names(tokens, scope, source)
        except RuleSyntaxError as error:
            if not error.message.startswith(("unknown name", "unknown parameter")):
                break
            found.append(of_error(error, name, source))
            scope = _with(scope, error.message.split("'")[1])
        else:
            break
    return found


def _with(scope: Scope, name: str) -> Scope:
    """The same scope with one more name, so that the next unknown one is found."""
    if name.startswith("p."):
        return Scope(scope.names, {**scope.parameters, name[2:]: Kind.NUMBER}, scope.lists)
    return Scope({**scope.names, name: Kind.NUMBER}, scope.parameters, scope.lists)


def _choice(reading: Reading, name: str, among: tuple[str, ...]) -> None:
    given = reading.definition.get(name)
    if given in among:
        return
    known = f"{', '.join(among[:-1])} or {among[-1]}"
    if not isinstance(given, str) or not given.strip():
        reading.refuse(name, f"a {name} is {known}", code="required")
    elif "?" not in given:
        nearest = Scope(dict.fromkeys(among, Kind.TEXT), {}, frozenset()).nearest(given[:64])
        shown = given if len(given) <= 64 else f"{given[:64]}…"
        message = f"'{shown}' is not a {name}: {known}, or an expression that chooses among them"
        reading.refuse(name, message, length=min(len(given), 200), suggestion=nearest or "")
    else:
        _expression(reading, name, Kind.TEXT)


def _share(reading: Reading, name: str) -> None:
    given = reading.definition.get(name)
    if given is None or given == "":
        return
    if isinstance(given, str):
        _expression(reading, name, Kind.NUMBER)
    elif isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        reading.refuse(name, f"{name} must be a number from 0 to 1, or an expression")


def _reason(reading: Reading) -> None:
    source = reading.text("reason")[: LONGEST["reason"]]
    try:
        found = placeholders(source)
    except ValueError as error:
        reading.refuse("reason", str(error), column=_brace(source) + 1)
        return
    for name, _, offset in found:
        scope = reading.scope
        if name[2:] in scope.parameters if name.startswith("p.") else name in scope.names:
            continue
        what = "parameter" if name.startswith("p.") else "name"
        reading.refuse(
            "reason",
            f"unknown {what} '{name}'",
            column=offset + 2,
            length=len(name),
            suggestion=scope.nearest(name) or "",
        )


def _brace(source: str) -> int:
    """Where the first brace stands that belongs to no placeholder."""
    kept = re.sub(r"\{(?:p\.)?\w+(?::[a-z/]+)?\}", lambda match: " " * len(match[0]), source, flags=re.ASCII)
    return min(at for at in (kept.find("{"), kept.find("}")) if at >= 0)


def _rest(reading: Reading) -> None:
    outcome = reading.definition.get("outcome") or None
    if outcome not in OUTCOMES:
        reading.refuse("outcome", "an outcome is review or decline, or left out")
    if not isinstance(reading.definition.get("cannot_be_overridden", False), bool):
        reading.refuse("cannot_be_overridden", "must be true or false")
    evidence = reading.definition.get("evidence") or []
    if not isinstance(evidence, list | tuple) or not all(isinstance(name, str) for name in evidence):
        reading.refuse("evidence", "evidence is a list of names")
        return
    if len(evidence) > MOST_EVIDENCE:
        reading.refuse("evidence", f"at most {MOST_EVIDENCE} names; these are {len(evidence):,}")
        return
    unknown = [name for name in evidence if name not in reading.scope.names]
    for name in unknown[:MOST_NAME_ERRORS]:
        nearest = Scope(reading.scope.names, {}, frozenset()).nearest(name[:64])
        reading.refuse("evidence", f"unknown name '{name[:64]}'", suggestion=nearest or "")


def _compiles(reading: Reading, vocabulary: Vocabulary, lists: Lists) -> None:
    """Whatever the compiler refuses beyond that is an error too."""
    try:
        compile_rule(RuleSpec.from_data(cleaned(reading.definition)), vocabulary, lists)
    except RuleSyntaxError as error:
        place = error.part or "condition"
        source = reading.text(place)
        at = length_at(source, error.line, error.column)
        reading.refuse(place, error.message, line=error.line, column=error.column, length=at)
    except (ValueError, TypeError) as error:
        reading.refuse("definition", str(error)[:500])


def cleaned(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition with its empty optional fields left out, as it is stored."""
    optional = ("confidence", "weight", "requires", "outcome")
    data = {
        name: value for name, value in definition.items() if name not in optional or value not in ("", None)
    }
    given = {name: data.get(name) or empty for name, empty in (("params", {}), ("evidence", []))}
    return json.loads(json.dumps(data | given))

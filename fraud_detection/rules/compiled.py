"""One rule, checked and bound to its parameters and lists, ready for both executors."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fraud_detection.rules.spec import SEVERITIES, SUBJECTS, RuleSpec

from .fused import ALWAYS, RuleLogic
from .language import Kind, Node, RuleSyntaxError, Scope, bind, depends_on, parse
from .language.tree import Call, Constant
from .reasons import placeholders
from .vocabulary import Vocabulary

Lists = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class CompiledRule:
    """`subject`, `severity`, `confidence` and `weight` are bound expressions.

    A confidence of None follows the severity, a weight of None the confidence.
    """

    spec: RuleSpec
    logic: RuleLogic
    subject: Node
    severity: Node
    confidence: Node | None
    weight: Node | None
    hit_names: tuple[str, ...]  # what a hit reads: evidence, reason and the bound expressions

    @cached_property
    def most_severe(self) -> str:
        """The worst severity it can have: what a hit gets when its severity cannot be evaluated."""
        return max(_choices(self.severity), key=SEVERITIES.index)


def compile_rule(spec: RuleSpec, vocabulary: Vocabulary, lists: Lists | None = None) -> CompiledRule:
    """Check every expression of a rule.

    RuleSyntaxError (its `part` names the field) for an expression, reason or evidence that does not hold;
    ValueError for a parameter whose name or value cannot be used.
    """
    lists = lists or {}
    checker = _Checker(spec, Scope.of(vocabulary.kinds, spec.params, lists), lists)
    subject = checker.choice("subject", SUBJECTS)
    severity = checker.choice("severity", SEVERITIES)
    confidence = checker.share("confidence")
    weight = checker.share("weight")
    logic = RuleLogic(
        checker.expression("condition", spec.condition, Kind.BOOL),
        checker.expression("requires", spec.requires, Kind.BOOL) if spec.requires else ALWAYS,
    )
    names = {*checker.reason_names(), *checker.evidence()}
    for read in (subject, severity, confidence, weight):
        names |= depends_on(read) if read else set()
    return CompiledRule(spec, logic, subject, severity, confidence, weight, tuple(sorted(names)))


@dataclass(frozen=True)
class _Checker:
    spec: RuleSpec
    scope: Scope
    lists: Lists

    def expression(self, part: str, source: str, kind: Kind) -> Node:
        try:
            return bind(parse(source, self.scope, kind), self.spec.params, self.lists)
        except RuleSyntaxError as error:
            error.part = part
            raise

    def choice(self, part: str, among: tuple[str, ...]) -> Node:
        """A field that is one of these texts, or an expression that chooses among them."""
        given = getattr(self.spec, part)
        if given in among:
            return Constant(given, Kind.TEXT)
        tree = self.expression(part, given, Kind.TEXT)
        wrong = _choices(tree) - set(among)
        if wrong:
            known = f"{', '.join(among[:-1])} or {among[-1]}"
            raise RuleSyntaxError(f"a {part} is {known}; this can be '{min(wrong)}'", given, part=part)
        return tree

    def share(self, part: str) -> Node | None:
        """A field that is a number 0..1, an expression, or None."""
        given = getattr(self.spec, part)
        if given is None:
            return None
        if isinstance(given, str):
            return self.expression(part, given, Kind.NUMBER)
        return Constant(float(given), Kind.NUMBER)

    def reason_names(self) -> list[str]:
        """Names of the features in the reason; every placeholder must be declared."""
        try:
            found = placeholders(self.spec.reason)
        except ValueError as error:
            raise RuleSyntaxError(str(error), self.spec.reason, part="reason") from None
        for name, _, offset in found:
            known = name[2:] in self.scope.parameters if name.startswith("p.") else name in self.scope.names
            if not known:
                raise RuleSyntaxError(f"unknown name '{name}'", self.spec.reason, offset, "reason")
        return [name for name, _, _ in found if not name.startswith("p.")]

    def evidence(self) -> tuple[str, ...]:
        for name in self.spec.evidence:
            if name not in self.scope.names:
                raise RuleSyntaxError(f"unknown name '{name}'", name, part="evidence")
        return self.spec.evidence


def _choices(node: Node) -> frozenset[str]:
    """Texts that the expression can give; what only the event decides counts as 'anything'."""
    if isinstance(node, Constant):
        return frozenset([node.value])
    if isinstance(node, Call) and node.operator == "?:":
        return _choices(node.arguments[1]) | _choices(node.arguments[2])
    return frozenset(["anything"])

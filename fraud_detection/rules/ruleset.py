"""The rules of one engine in one version: compiled once, asked for every event."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from fraud_detection.rules.spec import WEIGHTS, RuleSpec

from .backtest import RuleMasks, backtest
from .columns import Column
from .compiled import CompiledRule, Lists, compile_rule
from .fused import Failed, Outcome, compile_value, fuse
from .language import depends_on
from .missing import MISSING
from .reasons import render_reason
from .vocabulary import FeatureSetLike, Vocabulary

Values = Mapping[str, object] | Sequence[object]


@dataclass(frozen=True)
class Hit:
    """A rule that holds for the event. `confidence` and `weight`, its share of the risk, are 0..1."""

    rule: RuleSpec
    subject: str  # the kind of whom it is about
    severity: str
    confidence: float
    weight: float
    reason: str
    metadata: dict[str, object]


@dataclass(frozen=True)
class RuleOutcomes:
    """What the rules say about one event; rules that simply do not hold are in none of the four."""

    hits: tuple[Hit, ...]
    not_evaluable: tuple[str, ...]
    insufficient: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]  # (code, error text); the fail policy applies


class RuleSet:
    """All rules of an engine, fused into one function.

    Values are a mapping by name, or a sequence in the order of the vocabulary (features, then context);
    None, NaN and (in a mapping) an absent name are missing. Not a numpy array: pass `.tolist()`.
    """

    def __init__(self, rules: Iterable[CompiledRule], vocabulary: Vocabulary) -> None:
        self.rules = tuple(rules)
        self.vocabulary = vocabulary
        order = list(vocabulary.kinds)
        read = {name for rule in self.rules for name in _logic_names(rule)}
        self.names = tuple(name for name in order if name in read)  # what the conditions read
        self._read = _reader(self.names, order)
        self._fused = fuse([rule.logic for rule in self.rules], self.names)
        self._hits = [_HitBuilder(rule, vocabulary.units, order) for rule in self.rules]

    @classmethod
    def build(
        cls,
        specs: Iterable[RuleSpec],
        feature_set: FeatureSetLike,
        context: Mapping[str, tuple[str, str]] | None = None,
        lists: Lists | None = None,
    ) -> "RuleSet":
        """Compile the rules; RuleSyntaxError or ValueError for the first that does not hold."""
        vocabulary = Vocabulary.of(feature_set, context)
        return cls([compile_rule(spec, vocabulary, lists) for spec in specs], vocabulary)

    def evaluate(self, values: Values) -> RuleOutcomes:
        """Every rule against one event. Never raises for a rule: it is listed as failed."""
        hits, failed = [], []
        codes: dict[Outcome, list[str]] = {Outcome.NOT_EVALUABLE: [], Outcome.INSUFFICIENT_DATA: []}
        for index, outcome in enumerate(self._fused(self._read(values))):
            if outcome is Outcome.NO_HIT:
                continue
            rule = self.rules[index].spec
            if outcome is Outcome.HIT:
                outcome = self._hits[index].build(values)
            if isinstance(outcome, Hit):
                hits.append(outcome)
            elif isinstance(outcome, Failed):
                failed.append((rule.code, f"{type(outcome.error).__name__}: {outcome.error}"))
            else:
                codes[outcome].append(rule.code)
        return RuleOutcomes(
            tuple(hits),
            tuple(codes[Outcome.NOT_EVALUABLE]),
            tuple(codes[Outcome.INSUFFICIENT_DATA]),
            tuple(failed),
        )

    def backtest(self, columns: Mapping[str, Column]) -> dict[str, RuleMasks]:
        """Outcomes by rule code over many events; `columns` as described in columns.as_column."""
        return backtest(self.rules, columns)


class _HitBuilder:
    """All that a hit of one rule says, worked out only when it holds."""

    def __init__(self, rule: CompiledRule, units: Mapping[str, str], order: list[str]) -> None:
        self._rule = rule.spec
        self._units = units
        self._names = rule.hit_names
        self._read = _reader(rule.hit_names, order)
        self._subject = compile_value(rule.subject, rule.hit_names)
        self._severity = compile_value(rule.severity, rule.hit_names)
        self._confidence = compile_value(rule.confidence, rule.hit_names) if rule.confidence else None
        self._weight = compile_value(rule.weight, rule.hit_names) if rule.weight else None
        self._most_severe = rule.most_severe
        self._parameters = {f"p.{name}": value for name, value in rule.spec.params.items()}

    def build(self, values: Values) -> Hit | Failed:
        read = self._read(values)
        try:
            subject = self._subject(read) or "customer"
            severity = self._severity(read) or self._most_severe
            confidence = _share(self._confidence, read, WEIGHTS[severity])
            weight = _share(self._weight, read, confidence)
        except Exception as error:
            return Failed(error)
        present = [None if value is MISSING else value for value in read]
        named = dict(zip(self._names, present, strict=True))
        return Hit(
            self._rule,
            subject,
            severity,
            confidence,
            weight,
            render_reason(self._rule.reason, named | self._parameters, self._units),
            {name: self._plain(name, named[name]) for name in self._rule.evidence}
            | {"thresholds": dict(self._rule.params)},
        )

    def _plain(self, name: str, value: object) -> object:
        """Counts as integers: 14, not 14.0."""
        is_whole = isinstance(value, float) and value.is_integer()
        return int(value) if is_whole and self._units.get(name) == "count" else value


def _share(expression: Callable | None, read: list[object], otherwise: float) -> float:
    """Its value clipped to 0..1; `otherwise` when there is none, or what it reads is missing."""
    value = expression(read) if expression else None
    return otherwise if value is None else min(max(value, 0.0), 1.0)


def _logic_names(rule: CompiledRule) -> frozenset[str]:
    return depends_on(rule.logic.condition) | depends_on(rule.logic.requires)


def _reader(names: Sequence[str], order: list[str]) -> Callable[[Values], list[object]]:
    """Picks the named values of an event and turns None and NaN into MISSING."""
    positions = [order.index(name) for name in names]
    pick = itemgetter(*positions) if len(positions) > 1 else lambda values: [values[at] for at in positions]

    def read(values: Values) -> list[object]:
        found = map(values.get, names) if isinstance(values, Mapping) else pick(values)
        return [MISSING if v is None or v is MISSING or v != v else v for v in found]

    return read

"""Hypothesis strategies: expressions of the rule language, each with its meaning in plain CEL."""

from typing import NamedTuple

from hypothesis import strategies as st

from fraud_detection.rules.language import Kind

NAMES = {
    "x": Kind.NUMBER,
    "y": Kind.NUMBER,
    "z": Kind.NUMBER,
    "s": Kind.TEXT,
    "u": Kind.TEXT,
    "b": Kind.BOOL,
    "c": Kind.BOOL,
    "t": Kind.TIMESTAMP,
    "t2": Kind.TIMESTAMP,
    "d": Kind.DURATION,
}
PARAMETERS = {"k": 2, "half": 0.5, "word": "ab", "on": True}
LISTS = {"grey": frozenset(["a", "ab", "é"])}
TEXTS = ["a", "ab", "abc", "", "é", 'b"q', "A"]
NUMBERS = [0.0, 1.0, 2.0, -1.0, 0.5, 3.0, 1e15]
LITERALS = ["0", "1", "2", "0.5", "3", "1e15", "1e300", "1e-300"]
NOON = 1_767_355_200_000_000  # 2026-01-02T12:00:00Z
TIMES = [NOON, NOON + 1, NOON + 3_600_000_000, NOON - 86_400_000_000, NOON + 5_400_000_000]
DURATIONS = [0, 1, 5_400_000_000, -60_000_000]


class Pair(NamedTuple):
    """The same expression in the rule language and in CEL, whose functions raise (test_rules_oracle)."""

    rule: str
    oracle: str


def both(text: str) -> Pair:
    return Pair(text, text)


def form(template: str, *parts: Pair, oracle: str | None = None) -> Pair:
    rule = template.format(*(part.rule for part in parts))
    return Pair(rule, (oracle or template).format(*(part.oracle for part in parts)))


def forms(template: str, *parts: st.SearchStrategy, oracle: str | None = None) -> st.SearchStrategy:
    return st.tuples(*parts).map(lambda chosen: form(template, *chosen, oracle=oracle))


def quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _double(literal: str) -> Pair:
    return Pair(literal, literal if set(literal) & set(".e") else f"{literal}.0")


def _number_step(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        forms("({0} + {1})", inner, inner, oracle="finite({0} + {1})"),
        forms("({0} - {1})", inner, inner, oracle="finite({0} - {1})"),
        forms("({0} * {1})", inner, inner, oracle="finite({0} * {1})"),
        forms("({0} / {1})", inner, inner, oracle="divide({0}, {1})"),
        forms("min({0}, {1})", inner, inner),
        forms("max({0}, {1})", inner, inner),
        forms("abs({0})", inner),
        forms("(-({0}))", inner),
        forms("({0} ? {1} : {2})", st.sampled_from([both("b"), both("(b && c)")]), inner, inner),
    )


number_leaves = st.one_of(
    st.sampled_from([both("x"), both("y"), both("z"), Pair("p.k", "2.0"), Pair("p.half", "0.5")]),
    st.sampled_from(LITERALS).map(_double),
    st.sampled_from([both("hour(t)"), both("weekday(t2)")]),
)
numbers = st.recursive(number_leaves, _number_step, max_leaves=4)
durations = st.sampled_from(["d", "(t - t2)", 'duration("90m")', '(d + duration("1h30m"))']).map(both)
times = st.sampled_from(
    ["t", "t2", '(t - duration("24h"))', "(t2 + d)", "(d + t)", 'timestamp("2026-01-02T12:00:00Z")']
).map(both)
text_names = st.sampled_from([both("s"), both("u")])
texts = st.one_of(
    text_names,
    st.sampled_from(TEXTS).map(quoted).map(both),
    st.just(Pair("p.word", '"ab"')),
    forms("(c ? {0} : {1})", text_names, text_names),
)
_equality = st.sampled_from(["==", "!="])
_comparison = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def _compared(operators: st.SearchStrategy, side: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(operators, side, side).map(lambda c: form(f"({{0}} {c[0]} {{1}})", c[1], c[2]))


def _listed(values: list[Pair]) -> Pair:
    return Pair(*(f"[{', '.join(texts)}]" for texts in zip(*values, strict=True)))


_text_lists = st.lists(st.sampled_from(TEXTS).map(quoted).map(both), min_size=1, max_size=3).map(_listed)
_number_lists = st.lists(st.sampled_from(LITERALS).map(_double), min_size=1, max_size=3).map(_listed)

leaves = st.one_of(
    st.sampled_from([both("b"), both("c"), both("true"), Pair("p.on", "true")]),
    st.sampled_from(list(NAMES)).map(lambda name: Pair(f"missing({name})", f"{name}__missing")),
    *(_compared(_comparison, side) for side in (numbers, numbers, durations, times)),
    _compared(_equality, texts),
    _compared(_equality, st.sampled_from([both("b"), both("c"), both("false")])),
    forms("({0} in {1})", texts, _text_lists),
    forms("({0} in grey)", texts),
    forms("({0} in {1})", numbers, _number_lists),
    *(forms(f"{{0}}.{name}({{1}})", text_names, texts.filter(lambda pair: pair.rule[0] in '"p'))
      for name in ("startsWith", "endsWith", "contains")),
)  # fmt: skip


def _bool_step(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        forms("({0} && {1})", inner, inner),
        forms("({0} || {1})", inner, inner),
        forms("({0} && {1} && {2})", inner, inner, inner),
        forms("!({0})", inner),
        forms("({0} ? {1} : {2})", inner, inner, inner),
        forms("({0} == {1})", inner, inner),
    )


conditions = st.recursive(leaves, _bool_step, max_leaves=6)

_ROW_VALUES = {
    Kind.NUMBER: NUMBERS,
    Kind.TEXT: TEXTS,
    Kind.BOOL: [True, False],
    Kind.TIMESTAMP: TIMES,
    Kind.DURATION: DURATIONS,
}
rows = st.fixed_dictionaries(
    {name: st.one_of(st.none(), *[st.sampled_from(_ROW_VALUES[kind])] * 3) for name, kind in NAMES.items()}
)

"""What the rule language accepts, and what it says when it does not."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fraud_detection.rules.language import (
    MAX_CHARACTERS,
    Kind,
    RuleSyntaxError,
    Scope,
    bind,
    depends_on,
    parse,
)
from fraud_detection.rules.language.tree import Call, Constant, IsMissing, Members, Parameter, Variable

NAMES = {
    "x": Kind.NUMBER,
    "sender_count_1h": Kind.NUMBER,
    "country": Kind.TEXT,
    "type": Kind.TEXT,
    "weekday": Kind.NUMBER,
    "flag": Kind.BOOL,
    "at": Kind.TIMESTAMP,
    "age": Kind.DURATION,
}
SCOPE = Scope.of(NAMES, {"min_count": 3, "word": "a", "on": True}, ["grey"])
X, FLAG = Variable("x", Kind.NUMBER), Variable("flag", Kind.BOOL)


def refused(source: str, result: Kind = Kind.BOOL) -> RuleSyntaxError:
    with pytest.raises(RuleSyntaxError) as raised:
        parse(source, SCOPE, result)
    return raised.value


def error_of(source: str) -> RuleSyntaxError | None:
    try:
        parse(source, SCOPE)
    except RuleSyntaxError as error:
        return error
    return None


def test_the_tree_of_a_condition():
    tree = parse("x >= p.min_count && (country in grey || !missing(at)) && flag", SCOPE)
    assert (tree.operator, tree.kind, len(tree.arguments)) == ("&&", Kind.BOOL, 3)
    assert tree.arguments[0] == Call(">=", (X, Parameter("min_count", Kind.NUMBER)), Kind.BOOL)
    assert tree.arguments[1].arguments[1].arguments == (IsMissing(Variable("at", Kind.TIMESTAMP)),)
    assert depends_on(tree) == {"x", "country", "at", "flag"}


def test_integers_are_numbers():
    assert parse("x > 3", SCOPE) == parse("x > 3.0", SCOPE)
    assert parse("x in [1, 9.5, -2]", SCOPE).arguments[1] == Members(frozenset([1.0, 9.5, -2.0]), Kind.NUMBER)


def test_digits_in_texts_and_comments_stay():
    tree = parse('country == "5 or 6" // 7, 8', SCOPE)
    assert tree.arguments[1] == Constant("5 or 6", Kind.TEXT)


def test_binding_puts_parameters_and_lists_in_place():
    tree = bind(
        parse("x > p.min_count && country in grey", SCOPE), {"min_count": 4}, {"grey": frozenset("ab")}
    )
    assert tree.arguments[0].arguments[1] == Constant(4.0, Kind.NUMBER)
    assert tree.arguments[1].arguments[1] == Members(frozenset("ab"), Kind.TEXT)


def test_names_that_cel_itself_uses_are_free():
    assert parse('type == "transfer" && weekday == weekday(at)', SCOPE).kind is Kind.BOOL


def test_times_are_microseconds():
    tree = parse('at - timestamp("2026-01-02T00:00:00+01:00") > duration("1h30m")', SCOPE)
    assert tree.arguments[0].arguments[1] == Constant(1_767_308_400_000_000, Kind.TIMESTAMP)
    assert tree.arguments[1] == Constant(5_400_000_000, Kind.DURATION)


@pytest.mark.parametrize(
    ("source", "kind"),
    [('x > 3 ? "high" : "low"', Kind.TEXT), ("min(1, x / 10)", Kind.NUMBER), ("flag", Kind.BOOL)],
)
def test_other_results_than_conditions(source, kind):
    assert parse(source, SCOPE, kind).kind is kind


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("sender_cnt_1h > 1", 1, "unknown name 'sender_cnt_1h'; did you mean 'sender_count_1h'?"),
        ("Country == 'FR'", 1, "unknown name 'Country'; did you mean 'country'?"),
        ("qqq > 1", 1, "unknown name 'qqq'"),
        ("x > p.min_cuont", 5, "unknown parameter 'p.min_cuont'; did you mean 'p.min_count'?"),
        ("p > 1", 1, "unknown name 'p'"),
        ("p. > 1", 1, "a parameter is written p.name"),
        ("maxx(x, 1) > 2", 1, "unknown function 'maxx'; did you mean 'max'?"),
        ("country.size() > 2", 9, "unknown function 'size'"),
        ("x.value > 2", 3, "values have no fields: '.value'"),
        ("x > 1 && country", 7, "'&&' cannot be applied to bool and text"),
        ("country > 'a'", 9, "'>' cannot be applied to text and text"),
        ("x > 'a'", 3, "'>' cannot be applied to number and text"),
        ("at > age", 4, "'>' cannot be applied to timestamp and duration"),
        ("country + country == 'aa'", 9, "'+' cannot be applied to text and text"),
        ("-flag", 1, "'-' cannot be applied to bool"),
        ("flag ? x : country", 6, "'?:' cannot be applied to bool and number and text"),
        ("x + 1", 1, "a condition must be true or false; it is a number"),
        ("x > 1 and flag", 7, "unexpected 'and'; did you mean '&&'?"),
        ("x > 1 or flag", 7, "unexpected 'or'; did you mean '||'?"),
        ("not flag", 1, "unexpected 'not'; did you mean '!'?"),
        ("flag == True", 9, "unexpected 'True'; did you mean 'true'?"),
        ("x == null", 6, "unexpected 'null'; to ask whether a value is absent write missing(name)"),
        ("x = 3", 3, "unexpected '='; did you mean '=='?"),
        ("x <> 3", 3, "unexpected '<>'; did you mean '!='?"),
        ("flag & flag", 6, "unexpected '&'; did you mean '&&'?"),
        ("flag | flag", 6, "unexpected '|'; did you mean '||'?"),
        ("x >= 1,000", 7, "write 1000, not 1,000"),
        ("(x > 1, flag)", 7, "unexpected ','"),
        ("x in (1, 2)", 8, "a list is written [a, b]"),
        ("x % 2 == 0", 3, "'%' is not allowed in a rule"),
        ("{'a': 1} == x", 1, "maps are not allowed in a rule"),
        ("[1, 2].exists(i, i > x)", 8, "'exists' is not allowed in a rule: no macros"),
        ("has(x.y)", 1, "'has' is not allowed in a rule: no macros"),
        (
            "country.matches('a+')",
            9,
            "'matches' is not allowed in a rule; use startsWith, endsWith or contains",
        ),
        ("int(x) > 1", 1, "'int' is not allowed in a rule: no conversions"),
        ("country.min(x) > 1", 9, "write min(...), without a dot"),
        ("startsWith(country, 'a')", 1, "write text.startsWith(...), with a dot"),
        ("country.startsWith(type)", 9, "startsWith takes a literal text or a parameter"),
        ("min(x) > 1", 1, "wrong number of arguments for 'min'"),
        ("missing(x + 1)", 1, "missing(...) takes the name of a value"),
        ("x in [1, 'a']", 6, "a list must hold values of one kind"),
        ("x in [x]", 6, "a list may hold only literals"),
        ("x in []", 6, "a list needs at least one value"),
        ("x in grey", 3, "'in' cannot be applied to number and list of text"),
        ("grey == grey", 1, "a list can only stand on the right of 'in'"),
        ("x > 5u", 5, "'5u' is not a number"),
        ("x > 0x1F", 5, "'0x1F' is not a number"),
        ("x > 5.", 5, "'5.' is not a number"),
        ("x > 1e400", 5, "this number is too large"),
        ("country == r'a'", 12, "write a text in one pair of plain quotes"),
        ("country == '''a'''", 12, "write a text in one pair of plain quotes"),
        ("country == 'a", 12, "this text is never closed"),
        ("(x > 1", 1, "this '(' is never closed"),
        ("x > 1)", 6, "unexpected ')'"),
        ("x > 1 flag", 7, "unexpected 'flag'"),
        ("x > 1 # high", 7, "unexpected '#'; a comment starts with //"),
        ("x > 1;", 6, "unexpected ';'; a rule is one expression"),
        ("x > é", 5, "unexpected 'é'"),
        ("x > \x00", 5, "unexpected control character"),
        ("x >", 4, "the expression ends too early"),
        ("  ", 1, "the expression is empty"),
        ("at > timestamp('2026-01-02')", 6, "a timestamp is written like 2026-01-31T08:00:00Z"),
        ("at > timestamp('2026-02-30T00:00:00Z')", 6, "this date or time does not exist"),
        ("age > duration('1 day')", 7, "a duration is written like 24h, 90m, 1h30m or 15s"),
        ("age > duration('9999999h')", 7, "this duration is longer than a hundred years"),
    ],
)
def test_messages(source, column, message):
    error = refused(source)
    assert (error.line, error.column, error.message) == (1, column, message)


def test_wrong_results():
    assert refused("x > 1", Kind.TEXT).message == "this must be a text; it is a bool"
    assert refused("flag", Kind.NUMBER).message == "this must be a number; it is a bool"


def test_the_caret_stands_below_the_place():
    error = refused("x > 1\n\t&& contry == 'é'")
    assert (error.line, error.column) == (2, 5)
    assert str(error) == (
        "line 2, column 5: unknown name 'contry'; did you mean 'country'?\n\t&& contry == 'é'\n\t   ^"
    )


def test_places_count_what_was_written_not_what_cel_sees():
    assert refused("type == 'é' && 10 + 20 > 5 && x > country").column == 33


def test_limits():
    assert parse("flag" + " " * (MAX_CHARACTERS - 4), SCOPE) == FLAG
    assert refused("flag" + " " * (MAX_CHARACTERS - 3)).message == "longer than 4,000 characters"
    assert parse("(" * 20 + "flag" + ")" * 20, SCOPE) == FLAG
    for deep in ("(" * 60 + "flag" + ")" * 60, "x" + " + x" * 60 + " > 1", "flag ? flag : " * 60 + "flag"):
        assert refused(deep).message == "nested too deeply; at most 32 levels"
    assert len(parse(" && ".join(["flag"] * 400), SCOPE).arguments) == 400


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"k": float("nan")}, "parameter 'k' must be a finite number, a text or true/false"),
        ({"k": [1]}, "parameter 'k' must be a finite number, a text or true/false"),
        ({"a b": 1}, "'a b' cannot be the name of a parameter"),
    ],
)
def test_parameters_that_cannot_be_used(parameters, message):
    with pytest.raises(ValueError, match=message):
        Scope.of(NAMES, parameters)


VALID = (
    "x > 1 && (flag || !missing(at)) && country in ['a', 'b'] ? min(x, 2) / p.min_count >= 3 : at - at < age"
)
PIECES = [
    *NAMES, "p.min_count", "grey", "missing(", "min(", "startsWith(", "exists(",
    "(", ")", "[", "]", "{", ",", ".", "?", ":", "&&", "||", "!", "-", "+", "/", "<", "<=", "==", " in ", "@",
    "true", "1", "2.5", "1e3", "0x1", "1u", "'a'", '"', "'", "r'",
    "//", "\n", "\\", "é", "\x00", "\ud800", "\u2028",
]  # fmt: skip
mutated = st.tuples(st.integers(0, len(VALID)), st.integers(0, 8), st.sampled_from(PIECES)).map(
    lambda change: VALID[: change[0]] + change[2] + VALID[change[0] + change[1] :]
)
jumbled = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
repeated = st.tuples(st.sampled_from(PIECES), st.integers(1, 900)).map(lambda chosen: chosen[0] * chosen[1])


@settings(max_examples=400, deadline=1_000, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(max_size=80), mutated, mutated, jumbled, repeated))
@example("!" * 4_000)
@example("((" * 2_000)
def test_any_text_is_accepted_or_refused_with_a_place(source):
    error = error_of(source)
    if error:
        assert 1 <= error.line <= source.count("\n") + 1
        assert 1 <= error.column <= len(error.source_line) + 1
        assert "INVALID" not in error.message

"""Plain English: no sign of the language is left, every comparison appears once, groups keep brackets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud_detection.engines.registry import ENGINES
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.workbench.english import in_english, joined
from fraud_detection.services.workbench.reading import read_definition

RAW = re.compile(r"&&|\|\||[=!<>]=|[<>!?]|\bp\.|\w_\w|None|missing\(")
SHORT = {
    "FIRST": "the sender pays this receiver for the first time",
    "BEFORE": "the sender has paid this receiver before",
    "NIGHT": "it is night (local hour 0 to 5)",
    "DAY": "it is not night (local hour 0 to 5)",
    "MEAN": "the mean amount of the sender's earlier events in 30 days",
    "EVENTS": "events of this sender in the last hour (this one included)",
}
RULES = [(engine, rule) for engine in ENGINES.values() for rule in engine.pack]


def said(condition, engine="payments", lists=None, **changes):
    used = ENGINES[engine]
    definition = {
        **{"code": "TRIAL", "family": "x", "subject": "sender", "severity": "medium", "reason": "x"},
        **{"description": "x", "condition": condition, **changes},
    }
    reading = read_definition(definition, Vocabulary.of(used.feature_set, used.context), lists or {})
    return in_english(reading, used, lists or {})


def when(condition, **changes):
    """Only what stands between 'When' and the verdict."""
    return joined(said(condition, **changes)).removeprefix("When ").partition(": raise")[0]


@pytest.mark.parametrize(("engine", "rule"), RULES, ids=[rule.code for _, rule in RULES])
def test_every_shipped_rule_reads_without_a_sign_of_the_language(engine, rule):
    reading = read_definition(rule.as_data(), Vocabulary.of(engine.feature_set, engine.context), {})
    assert reading.errors == []
    pieces = in_english(reading, engine, {})
    sentence = joined(pieces)
    assert sentence.startswith("When ") and sentence.endswith(".")
    assert "not understood" not in sentence
    assert not RAW.search(re.sub("“[^”]*”", "", sentence)), sentence
    assert "  " not in sentence and " ," not in sentence


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("first_pair", "FIRST"),
        ("!first_pair", "BEFORE"),
        ("amount >= 500", "the amount is at least 500.00 USD"),
        ("!(amount >= 500)", "the amount is less than 500.00 USD"),
        ("500 < amount", "the amount is more than 500.00 USD"),
        ("amount > 3 * sender_earlier_mean_30d", "the amount is more than 3 times MEAN"),
        (
            "amount > 2 * (sender_earlier_mean_30d + 1)",
            "the amount is more than 2 times (MEAN plus 1.00 USD)",
        ),
        ("sender_count_1h == 0", "there are no EVENTS"),
        ("sender_count_1h < 3", "there are fewer than 3 EVENTS"),
        ("drained_share >= 0.95", "the amount is at least 95% of the sender's balance before the event"),
        ('type in ["transfer", "cash_out"]', "the type of the event is “cash_out” or “transfer”"),
        ('!(type in ["transfer", "cash_out"])', "the type of the event is neither “cash_out” nor “transfer”"),
        ('country.startsWith("U")', "the country of the event starts with “U”"),
        ("missing(travel_km)", "the distance from the sender's last located event is not known"),
        ("first_pair == false", "BEFORE"),
        ("first_pair && (is_night || amount > 5)", "FIRST, and (NIGHT, or the amount is more than 5.00 USD)"),
        ("!(first_pair && is_night)", "BEFORE, or DAY"),
        (
            "first_pair ? amount > 5 : is_night",
            "if FIRST then the amount is more than 5.00 USD, otherwise NIGHT",
        ),
        ("amount >= 5 && amount < 9", "the amount is at least 5.00 USD, and less than 9.00 USD"),
        (
            "hour_of_day - 1 >= min(2, 3)",
            "the local hour of the event (0 to 23) minus 1 is at least the smaller of 2 and 3",
        ),
    ],
)
def test_conditions_in_words(condition, words, settings):
    settings.REPORTING_CURRENCY = "USD"
    for short, long in SHORT.items():
        words = words.replace(short, long)
    assert when(condition) == words


def test_a_list_is_an_exception(settings):
    lists = {"trusted_payees": frozenset(str(n) for n in range(1_214))}
    assert when("first_pair && !(merchant_category in trusted_payees) && is_night", lists=lists) == (
        "the sender pays this receiver for the first time, and it is night (local hour 0 to 5), "
        "unless the merchant category is on the list trusted payees (1,214 entries)"
    )
    inner = when("is_night || (first_pair && !(merchant_category in trusted_payees))", lists=lists)
    assert inner.endswith("and the merchant category is not on the list trusted payees (1,214 entries))")


def test_what_is_not_understood_is_marked():
    pieces = said("first_pair\n && amont > 3\n && is_night")
    assert [piece.text for piece in pieces if piece.kind == "unknown"] == ["line 2 (not understood yet)"]
    assert when("first_pair\n && amont > 3") == (
        "the sender pays this receiver for the first time, and line 2 (not understood yet)"
    )
    assert when("first_pair || amont > 3") == "line 1 (not understood yet)"
    assert when("first_pair && (") == "the condition (not understood yet)"


def test_severity_subject_weight_and_outcome_are_told(settings):
    settings.REPORTING_CURRENCY = "EUR"
    sentence = joined(
        said(
            "first_pair",
            severity='amount > 9 ? "critical" : "low"',
            subject="device",
            weight="amount > 9 ? 0.9 : 0.1",
            outcome="decline",
            cannot_be_overridden=True,
            requires="sender_earlier_count_30d >= 5",
        )
    )
    assert sentence == (
        "When the sender pays this receiver for the first time: about the device, raise critical when "
        "the amount is more than 9.00 EUR, otherwise low; weight 0.90 when the amount is more than 9.00 EUR, "
        "otherwise 0.10, and decline it whatever an allow list says. Judged only when the sender has at "
        "least 5 earlier events in 30 days; otherwise there is not enough data."
    )


BOOLS = ("first_pair", "first_device", "is_night", "is_outgoing", "sender_is_merchant", "is_card_present")
YES = {name: when(name) for name in BOOLS}
NO = {name: when(f"!{name}") for name in BOOLS}


def conditions():
    """(text, tree): leaves are names, a tree is a name, ("!", t), ("&&", ...) or ("||", ...)."""
    leaf = st.sampled_from(BOOLS).map(lambda name: (name, name))

    def grown(inner):
        negated = inner.map(lambda c: (f"!({c[0]})", ("!", c[1])))
        several = st.lists(inner, min_size=2, max_size=3)
        both = several.map(lambda cs: (" && ".join(f"({c[0]})" for c in cs), ("&&", *(c[1] for c in cs))))
        either = several.map(lambda cs: (" || ".join(f"({c[0]})" for c in cs), ("||", *(c[1] for c in cs))))
        return negated | both | either

    return st.recursive(leaf, grown, max_leaves=8)


def truth(tree, values):
    if isinstance(tree, str):
        return values[tree]
    operator, *parts = tree
    found = [truth(part, values) for part in parts]
    return not found[0] if operator == "!" else all(found) if operator == "&&" else any(found)


def read_back(pieces):
    """Python of the sentence: its brackets, its "and" and "or", and each phrase by what it says."""
    phrases = {text: name for name, text in YES.items()} | {text: f"not {name}" for name, text in NO.items()}
    words = {"and": " and ", "or": " or ", "open": "(", "close": ")"}
    return "".join(
        f"({phrases[piece.text]})" if piece.kind == "leaf" else words[piece.kind]
        for piece in pieces
        if piece.kind != "plain"
    )


@given(conditions())
def test_a_sentence_has_one_reading_and_it_is_the_rule(condition):
    text, tree = condition
    pieces = [piece for piece in said(text) if piece.kind != "strong"]
    sentence = read_back(pieces)
    assert sum(piece.kind == "leaf" for piece in pieces) == sum(text.count(name) for name in BOOLS)
    for number in range(2 ** len(BOOLS)):
        values = {name: bool(number >> place & 1) for place, name in enumerate(BOOLS)}
        assert eval(sentence, {}, values) is truth(tree, values)
    mixed = {"and", "or"} <= {piece.kind for piece in _top(pieces)}
    assert not mixed  # "a and b or c" could be read in two ways


def _top(pieces):
    depth, found = 0, []
    for piece in pieces:
        depth += {"open": 1, "close": -1}.get(piece.kind, 0)
        if not depth:
            found.append(piece)
    return found

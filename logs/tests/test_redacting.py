"""Card numbers and secrets in texts: what is found, what is kept of it, and what is left alone."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logs.redacting import fits, mask_cards, mask_cards_in, may_hold_cards, redact, redact_text, token_of
from logs.redacting.schemes import SCHEMES, luhn_valid, scheme_of

VISA = "4111111111111111"
ORDINARY = (
    "4111111111111112",  # no check digit
    "9111111111111117",  # no scheme
    "41111111111111111111",  # a longer number that holds one
    "+44 7911 123456 789",
    "GB29NWBK60161331926819",
    "DE89 3704 0044 0532 0130 00",
    "EE382200221020145685",
    "2026-11-20 19:06:18.123456",
    "1763665578123",
    "1763665578123456",
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "203.0.113.24",
    "411111******1111:abcdefghijklmnop",
)


def with_check_digit(digits: str) -> str:
    return next(digits + last for last in string.digits if luhn_valid(digits + last))


@st.composite
def card_numbers(draw) -> str:
    scheme = draw(st.sampled_from(SCHEMES))
    length = draw(st.sampled_from(sorted(scheme.lengths)))
    prefix = str(draw(st.integers(scheme.first, scheme.last)))
    rest = draw(st.text(string.digits, min_size=length - len(prefix) - 1, max_size=length - len(prefix) - 1))
    return with_check_digit(prefix + rest)


@pytest.mark.parametrize(
    ("number", "scheme"),
    [
        (VISA, "Visa"),
        ("5555555555554444", "Mastercard"),
        ("2223003122003222", "Mastercard"),
        ("378282246310005", "American Express"),
        ("6011111111111117", "Discover"),
        ("3530111333300000", "JCB"),
        ("30569309025904", "Diners Club"),
        ("6200000000000005", "UnionPay"),
        ("6759649826438453", "Maestro"),
    ],
)
def test_each_scheme_is_known_by_prefix_length_and_check_digit(number, scheme):
    other = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert (scheme_of(number), scheme_of(other)) == (scheme, None)


@pytest.mark.parametrize("text", ORDINARY)
def test_other_numbers_stay(text):
    assert mask_cards(text) is text


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111\u00a01111\u20111111 1111",
        "４１１１１１１１１１１１１１１１",
        "4111.1111.1111.1111",
        "**4111111111111111**",
        "card:4111111111111111x",
    ],
)
def test_a_card_is_found_however_it_is_written(written):
    assert token_of(VISA) in mask_cards(written)


def test_several_cards_of_one_text_are_masked_and_the_rest_stays():
    text = f"12 4111 1111 1111 1111 12/28 then 5555555555554444, 378282246310005 and {ORDINARY[0]}"
    cards = (VISA, "5555555555554444", "378282246310005")
    assert mask_cards(text) == "12 {} 12/28 then {}, {} and 4111111111111112".format(*map(token_of, cards))


def test_the_token_is_the_same_for_the_same_card_and_tells_others_apart(settings):
    settings.CARD_HASH_KEY = "a key of these tests"
    other = with_check_digit("411111000001111"[:15])
    assert token_of(VISA).startswith("411111******1111:")
    assert token_of(VISA) == mask_cards("4111 1111 1111 1111")
    assert token_of(VISA) != token_of(other)
    before = token_of(VISA)
    settings.CARD_HASH_KEY = "another key of these tests"
    assert token_of(VISA) != before


def test_json_is_masked_in_names_numbers_and_at_any_depth():
    value = {"a": [{VISA: 4111111111111111}], "b": 4111111111111111.0, "n": 12, "t": None, "f": True}
    token = token_of(VISA)
    assert mask_cards_in(value) == {"a": [{token: token}], "b": token, "n": 12, "t": None, "f": True}
    assert mask_cards_in({"transaction_id": VISA, "x": VISA}, frozenset({"transaction_id"})) == {
        "transaction_id": VISA,
        "x": token,
    }


@given(card_numbers(), st.text(max_size=20), st.text(max_size=20), st.sampled_from(["", " ", "-"]))
def test_no_card_survives_and_masking_twice_changes_nothing(number, before, after, gap):
    written = gap.join((number[:4], number[4:8], number[8:12], number[12:])).rstrip(gap)
    text = f"{before}_{written}_{after}"
    masked = mask_cards(text)
    assert number not in masked and written not in masked
    assert mask_cards(masked) == masked


@given(card_numbers())
def test_the_quick_look_at_a_body_misses_none(number):
    assert may_hold_cards(f'{{"a":"{number}"}}') and may_hold_cards(f'{{"a":{number}}}')


def test_a_masked_text_fits_its_column_and_stays_apart_from_others():
    texts = ["x" * 60 + token_of(VISA), "x" * 60 + token_of("5555555555554444")]
    short = [fits(text, 64) for text in texts]
    assert [len(text) for text in short] == [64, 64] and short[0] != short[1]
    assert fits("short", 64) == "short"


def test_secrets_are_hidden_by_name_and_by_look():
    assert redact({"password": "x", "card_token": "tok_1", "access_token": "abc", "amount": 12}) == {
        "password": "[hidden]",
        "card_token": "tok_1",
        "access_token": "[hidden]",
        "amount": 12,
    }
    text = "Authorization: Bearer abcdefghijk; key fg_abcd1234_ABCDEFGHIJKLMNOP; postgres://me:pw@host/x"
    assert redact_text(text) == "Authorization: Bearer [hidden]; key [hidden]; postgres://[hidden]@host/x"
    assert redact_text("an ordinary sentence with a key and a token") == (
        "an ordinary sentence with a key and a token"
    )

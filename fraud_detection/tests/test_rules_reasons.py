"""Reason sentences and how values are written in them."""

import math

import pytest

from fraud_detection.rules.missing import MISSING
from fraud_detection.rules.reasons import format_value, placeholders, render_reason


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (14.0, "count", "14"),
        (12_345.0, "count", "12,345"),
        (2.4, "count", "2.4"),
        (0.0417, "count", "0.042"),
        (1234.5, "money", "1,234.50"),
        (-0.5, "money", "-0.50"),
        (5.1, "ratio", "5.1×"),
        (3.0, "ratio", "3×"),
        (0.953, "share", "95.3%"),
        (1.0, "share", "100%"),
        (45.0, "seconds", "45 s"),
        (180.0, "seconds", "3 min"),
        (7_200.0, "seconds", "2 h"),
        (5_400.0, "seconds", "1.5 h"),
        (108_000.0, "seconds", "30 h"),
        (259_200.0, "seconds", "3 d"),
        (1.0, "days", "1 day"),
        (12.5, "days", "12.5 days"),
        (812.4, "km", "812 km"),
        (1_234.0, "km/h", "1,234 km/h"),
        (3.0, "hour", "3"),
        (1.0, "flag", "yes"),
        (False, "", "no"),
        ("FR", "text", "FR"),
        (1_767_355_200_000_000.0, "time", "2026-01-02 12:00 UTC"),
        (0.123, "score", "0.12"),
        (2.5, "", "2.5"),
        (1_000, "", "1,000"),
        (0.000012, "", "1.2e-05"),
        (None, "count", "no data"),
        (math.nan, "money", "no data"),
    ],
)
def test_values_by_unit(value, unit, text):
    assert format_value(value, unit) == text


def test_the_missing_value_reads_no_data():
    assert format_value(MISSING, "count") == "no data"


def test_a_sentence():
    units = {"sender_count_1h": "count", "sender_usual_count_1h": "count"}
    values = {"sender_count_1h": 14.0, "sender_usual_count_1h": 2.0, "p.limit": 10, "share": 0.5}
    assert (
        render_reason("{sender_count_1h} payments in 1 h; usual {sender_usual_count_1h}", values, units)
        == "14 payments in 1 h; usual 2"
    )
    assert (
        render_reason("limit {p.limit}, {share:share}, {absent}", values, units) == "limit 10, 50%, no data"
    )


def test_values_are_not_read_as_templates():
    assert (
        render_reason("On a block list: {entry}", {"entry": "{x} {p.y}"}, {}) == "On a block list: {x} {p.y}"
    )


def test_placeholders():
    assert placeholders("{a} and {p.b:money}") == [("a", None, 0), ("p.b", "money", 8)]
    for template in ("{a", "a}", "{}", "{a.b}", "{a!r}", "{{a}}"):
        with pytest.raises(ValueError, match="a placeholder is written"):
            placeholders(template)


def test_a_part_in_brackets_is_left_out_when_a_value_in_it_is_absent():
    template = "{n:count} events[, usual {u:count}][; card {c:count}]"
    assert render_reason(template, {"n": 12.0, "u": 2.0, "c": 3.0}, {}) == "12 events, usual 2; card 3"
    assert render_reason(template, {"n": 12.0, "u": 2.0, "c": None}, {}) == "12 events, usual 2"
    assert render_reason(template, {"n": 12.0, "u": float("nan")}, {}) == "12 events"

"""Values at the edge of what can be stored are refused by name, never by a crash."""

from datetime import UTC, datetime

import pytest

from ml.domains.fields import RecordRefused
from ml.domains.payments.schema import parse

NOW = datetime(2026, 6, 1, tzinfo=UTC)
GOOD = {"transaction_id": "T", "amount": "1", "sender_id": "a", "receiver_id": "b"}


def nested(levels):
    value = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("ip_address", "fe80::1%eth0", "not_an_ip"),
        ("occurred_at", "2026-03-01T00:00:00+23:59", "not_a_time"),
        ("occurred_at", "2026-03-01T00:00:00-16:30", "not_a_time"),
        ("metadata", nested(4), "too_deep"),
        ("metadata", nested(900), "too_deep"),
    ],
)
def test_it_is_refused_and_named(field, value, code):
    with pytest.raises(RecordRefused) as refused:
        parse(GOOD | {field: value}, now=NOW)
    assert [(p.field, p.code) for p in refused.value.problems] == [(field, code)]


def test_text_nested_beyond_python_is_refused():
    with pytest.raises(RecordRefused, match="metadata"):
        parse(GOOD | {"metadata": "[" * 60_000}, now=NOW, text=True)


def test_three_levels_and_every_real_offset_are_accepted():
    values = parse(GOOD | {"metadata": nested(2), "occurred_at": "2026-03-01T00:00:00+14:00"}, now=NOW)
    assert values["metadata"] == {"a": {"a": {}}} and values["occurred_at"].hour == 0


def test_a_flood_of_unknown_names_is_cut_short():
    with pytest.raises(RecordRefused) as refused:
        parse(GOOD | {f"x{n}": 1 for n in range(100_000)}, now=NOW)
    assert len(refused.value.problems) <= 25
    assert any("100,004 names" in problem.detail for problem in refused.value.problems)

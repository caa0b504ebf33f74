"""The filters of queues: data that is checked when it is stored, and a condition when it is used."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q

from alerts.models import Severity

MOST_VALUES = 50
LONGEST_VALUE = 128
LARGEST_AMOUNT = Decimal(10) ** 15
COLUMNS = {
    "engine": "engine", "family": "family", "rule": "rule", "subject_kind": "subject_kind",
    "severity": "severity", "country": "customer__home_country",
}  # fmt: skip
MEANINGS = {
    "engine": "engines, say payments",
    "family": "rule families, say velocity",
    "rule": "codes of the strongest rule",
    "subject_kind": "sender, receiver, card, device, ...",
    "severity": "low, medium, high, critical",
    "country": "home countries of the customer, two letters",
    "min_amount": "at stake, in the reporting currency",
    "min_risk": "risk score from 0 to 100",
}


def faults_of(value: Any) -> list[tuple[str, str]]:
    """[(member, what is wrong with it)] of a filter; empty when it can be used."""
    if not isinstance(value, dict):
        return [("", "must be an object of conditions")]
    found = [
        (str(name)[:60], f"is not known; there are: {', '.join(MEANINGS)}")
        for name in value
        if name not in MEANINGS
    ]
    checks: dict[str, Callable[[Any], str]] = dict.fromkeys(COLUMNS, _list_fault)
    checks |= {"min_amount": _amount_fault, "min_risk": _risk_fault}
    found += [
        (name, fault) for name, check in checks.items() if name in value and (fault := check(value[name]))
    ]
    unknown = set(value.get("severity") or ()) - set(Severity.values) if not found else set()
    return found + [("severity", f"{text} is no severity") for text in sorted(unknown)]


def _list_fault(values: Any) -> str:
    if not isinstance(values, list) or not values or not all(isinstance(text, str) for text in values):
        return "must be a list of texts, at least one"
    if len(values) > MOST_VALUES or any(not 0 < len(text) <= LONGEST_VALUE for text in values):
        return f"at most {MOST_VALUES} values of 1 to {LONGEST_VALUE} characters"
    if any("\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text) for text in values):
        return "a value cannot be stored"
    return ""


def _amount_fault(value: Any) -> str:
    amount = _amount(value)
    return (
        "" if amount is not None and 0 <= amount <= LARGEST_AMOUNT else 'must be an amount such as "5000.00"'
    )


def _risk_fault(value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return "" if number and 0 <= value <= 100 else "must be a number from 0 to 100"


def _amount(value: Any) -> Decimal | None:
    if not isinstance(value, str) or len(value) > 20:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def condition_of(value: dict[str, Any]) -> Q:
    """What the filter lets through; an empty one everything."""
    condition = Q()
    for name, column in COLUMNS.items():
        if name in value:
            condition &= Q(**{f"{column}__in": value[name]})
    if "min_amount" in value:
        condition &= Q(amount_minor__gte=int(Decimal(value["min_amount"]) * 100))
    if "min_risk" in value:
        condition &= Q(risk_score__gte=value["min_risk"])
    return condition


def in_words(value: dict[str, Any]) -> str:
    """family velocity or balance, at least 5000.00."""
    parts = [f"{name.replace('_', ' ')} {' or '.join(value[name])}" for name in COLUMNS if name in value]
    if "min_amount" in value:
        parts.append(f"at least {value['min_amount']}")
    if "min_risk" in value:
        parts.append(f"risk from {value['min_risk']:g}")
    return ", ".join(parts) or "everything"

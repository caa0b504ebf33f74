"""A small history for backtests: payments of a March, decided now, with labels of given days."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fraud_detection.models import Assessment, Backtest, EngineState, Rule
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.backtesting import Terms, run_backtest, start_backtest
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.engine_setup import first_versions, new_rule_set
from transactions.models import Transaction
from transactions.services import record_labels
from users.services import client_system

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def day(number: int, hour: int = 12) -> datetime:
    """A moment of a day of that March."""
    return MARCH + timedelta(days=number - 1, hours=hour)


def wording(**changes: Any) -> dict[str, Any]:
    """A rule that holds for large payments."""
    spec = {
        "code": "LARGE_AMOUNT",
        "family": "amount",
        "subject": "sender",
        "condition": "amount >= p.limit",
        "severity": "medium",
        "reason": "{amount} at once",
        "description": "A large payment.",
        "params": {"limit": 500},
    }
    return spec | changes


def pay(key: str, number: int, amount: str, sender: str = "acc-1", **fields: Any) -> dict[str, Any]:
    """A payment with this id on a day of March."""
    return {
        "transaction_id": key,
        "type": "payment",
        "amount": amount,
        "currency": "USD",
        "sender_id": sender,
        "receiver_id": "shop-1",
        "country": "US",
        "occurred_at": day(number).isoformat(),
        **fields,
    }


def decide(*records: dict[str, Any]) -> None:
    for answer in decide_payments(records, client=client_system("shop")):
        assert hasattr(answer, "body"), answer


def label(key: str, verdict: str, known_at: datetime) -> None:
    event = Transaction.objects.get(transaction_id=key, superseded_by=None)
    record_labels([event.pk], verdict=verdict, source="chargeback", known_at=known_at)


def put_in_force(*definitions: dict[str, Any]) -> None:
    """Exactly these wordings decide from now on."""
    versions = first_versions("payments", [RuleSpec.from_data(definition) for definition in definitions])
    EngineState.objects.filter(engine="payments").update(rule_set=new_rule_set("payments", versions))


def replayed(definition: dict[str, Any], person: Any, **terms: Any) -> Backtest:
    """A finished backtest of the whole March unless `terms` say otherwise."""
    period = {"since": MARCH, "until": MARCH + timedelta(days=31)} | terms
    rule = Rule.objects.filter(engine="payments", code=definition["code"]).first()
    backtest = start_backtest(
        definition=definition, engine="payments", terms=Terms(**period), acting_user=person, rule=rule
    )
    assert run_backtest(backtest.pk)
    backtest.refresh_from_db()
    return backtest


def assessment_of(key: str) -> Assessment:
    return Assessment.objects.order_by("-id").filter(external_id=key, engine="payments").first()

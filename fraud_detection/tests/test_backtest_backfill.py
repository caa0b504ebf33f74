"""Backtests of features and fields that are younger than the decisions: filled in as they would have been."""

import numpy as np
import pytest
from django.utils import timezone

from fraud_detection.models import Assessment
from fraud_detection.rules.columns import Texts
from fraud_detection.rules.language import Kind
from fraud_detection.selectors import feature_values
from fraud_detection.services.backtesting import hits_csv
from fraud_detection.services.backtesting.columns import Columns
from fraud_detection.services.backtesting.shelf import blocks, reach
from fraud_detection.services.corrections import correct_payment
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.feature_definitions import approve, declare_field, new_definition, submit
from fraud_detection.services.serving import forget
from fraud_detection.tests.backtest_history import MARCH, decide, pay, replayed, wording
from users.services import client_system

pytestmark = pytest.mark.django_db
BASKETS = [{"column": "field_basket", "is": ">=", "value": 3}]
SPECS = {
    "spent_before": {
        "entity": "sender", "aggregate": "sum", "column": "amount", "window": "7d", "include_current": False
    },
    "device_users": {"entity": "device", "aggregate": "distinct", "column": "sender", "window": "30d"},
    "big_baskets": {"entity": "sender", "aggregate": "count", "window": "30d", "filter": BASKETS},
    "idle_seconds": {"entity": "sender", "aggregate": "since_last"},
}  # fmt: skip
KINDS = {
    **dict.fromkeys(SPECS, Kind.NUMBER),
    "field_basket": Kind.NUMBER,
    "field_gift": Kind.BOOL,
    "field_promo": Kind.TEXT,
}
SENT = ({}, {"basket": 4, "gift": True, "promo": "X"}, {"basket": 2, "gift": False}, {"promo": "Y"})


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.BACKTEST_DIR = tmp_path / "backtests"


def world(name: str) -> None:
    """The same thirty payments among parties of a world of its own; some arrive late, two are corrected."""
    drawn = np.random.default_rng(17)
    records = [
        pay(
            f"{name}-{number}",
            int(drawn.integers(1, 20)),
            f"{drawn.integers(1, 900)}.{drawn.integers(10, 99)}",
            f"{name}-acc-{drawn.integers(4)}",
            receiver_id=f"{name}-shop",
            device_id=f"{name}-device-{drawn.integers(2)}",
            metadata=SENT[drawn.integers(4)],
        )
        for number in range(30)
    ]
    for record in records[:20]:
        decide(record)
    for record in records[3:5]:
        changed = {**record, "amount": "77.00"}
        correct_payment(changed, transaction_id=record["transaction_id"], client=client_system("shop"))
    decide(*records[20:])


@pytest.fixture
def two_worlds(approving_engine, analyst, admin):
    """What `old` holds was decided before anybody defined anything, `new` afterwards."""
    world("old")
    for name, kind in (("basket", "number"), ("gift", "bool"), ("promo", "text")):
        declare_field(name=name, kind=kind, unit="", meaning=f"The {name}.", acting_user=analyst)
    for name, spec in SPECS.items():
        row = new_definition(engine="payments", name=name, spec=spec, acting_user=analyst)
        row = submit(row, seen=row.revision, acting_user=analyst)
        approve(row, seen=row.revision, acting_user=admin)
    forget()
    world("new")


def backtest_columns() -> dict[str, list]:
    """What a backtest reads of every decision, in the order of their ids."""
    engine = engine_in_use("payments")
    columns = Columns(engine, KINDS)
    found: dict[str, list] = {name: [] for name in KINDS}
    for block in blocks(engine, reach(engine, MARCH, timezone.now())):
        everything = np.ones(block.length, bool)
        for name, column in columns.of(block, everything).items():
            values = (
                [(*column.values, None)[code] for code in column.codes]
                if isinstance(column, Texts)
                else plain(column)
            )
            found[name] += values
    return found


def texts(column: Texts) -> list[str | None]:
    return [(*column.values, None)[code] for code in column.codes]


def plain(column: np.ndarray) -> list[float | None]:
    return [None if value != value else value for value in column.tolist()]


def test_old_decisions_get_what_the_same_events_get_after_activation(two_worlds):
    decisions = list(Assessment.objects.order_by("id"))
    half = len(decisions) // 2
    stored = [feature_values(one) for one in decisions[half:]]
    assert half == 32 and all("spent_before" not in feature_values(one) for one in decisions[:half])
    for _ in range(2):  # computed, then kept
        found = backtest_columns()
        for name in KINDS:
            decided = [row[name] for row in stored]
            assert found[name][half:] == decided
            assert found[name][:half] == decided, name
            assert len(set(decided)) > 1


def test_a_rule_over_old_decisions_hits_what_it_would_have_hit(two_worlds, analyst):
    text = (
        "spent_before >= p.spent && device_users >= 2 && big_baskets >= 1 && idle_seconds < 900000"
        " || field_gift && field_promo == 'X'"
    )
    done = replayed(wording(condition=text, params={"spent": 200}), analyst)
    hits = [line.split(",")[1] for line in hits_csv(done)][1:]
    old, new = ({hit.split("-")[1] for hit in hits if hit.startswith(name)} for name in ("old", "new"))
    assert old == new and 0 < len(old) < 30
    lacking = {row["name"]: (row["events"], row["filled"]) for row in done.result["lacking"]}
    assert lacking == {name: (30, True) for name in KINDS if name in SPECS or name == "field_gift"}

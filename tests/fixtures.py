"""Fixtures that tests of every app share: people, keys, payments, an engine ready to decide."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # settings do not stand yet when plugins load
    from rest_framework.test import APIClient

PASSWORD = "correct horse battery staple"
Payment = Callable[..., dict[str, Any]]
Caller = Callable[..., "APIClient"]
_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def flushable_audit_trail() -> Iterator[None]:
    """Tests that commit are cleaned up by TRUNCATE, which the audit trail refuses to everybody else."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    plain = DatabaseOperations.execute_sql_flush
    tables = ("auditevent", "auditseal", "auditsealentries", "auditcheckpoint")

    def switched(how: str) -> list[str]:
        return [f"alter table logs_{table} {how} trigger user" for table in tables]

    def flush(operations: DatabaseOperations, statements: list[str]) -> None:
        plain(operations, [*switched("disable"), *statements, *switched("enable")])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(autouse=True)
def fresh_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a process remembers of the database goes with the rows that a test leaves behind."""
    if not {"db", "transactional_db", "live_server"} & set(request.fixturenames) and not (
        request.node.get_closest_marker("django_db")
    ):
        yield
        return
    import redis
    from django.conf import settings

    from fraud_detection.services import serving
    from users.selectors import forget_cached_keys

    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=20) as store:
        store.flushdb()
    forget_cached_keys()
    serving.forget()
    yield


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """person("analyst") makes somebody of this role; their password is PASSWORD."""
    from users.models import User

    def make(role: str = "analyst", **fields: Any) -> User:
        email = fields.pop("email", f"{role}{next(_numbers)}@example.com")
        return User.objects.create_user(email, fields.pop("password", PASSWORD), role=role, **fields)

    return make


@pytest.fixture
def admin(person: Callable) -> Any:
    return person("admin")


@pytest.fixture
def analyst(person: Callable) -> Any:
    return person("analyst")


@pytest.fixture
def auditor(person: Callable) -> Any:
    return person("auditor")


@pytest.fixture
def client_system(db: None) -> Any:
    from users.models import ClientSystem

    return ClientSystem.objects.get_or_create(name="shop")[0]


@pytest.fixture
def api_key(db: None) -> Callable[..., str]:
    """api_key("ingest", "read") is the secret of a new key of the client system "shop"."""
    from users.services import create_api_key

    def make(*scopes: str, name: str = "shop", **options: Any) -> str:
        return create_api_key(name=name, scopes=list(scopes), created_by="tests", **options)[1]

    return make


@pytest.fixture
def as_key(api_key: Callable[..., str]) -> Caller:
    """as_key("ingest") is a client that sends such a key."""

    from rest_framework.test import APIClient

    def make(*scopes: str, **options: Any) -> "APIClient":
        return APIClient(headers={"X-API-Key": api_key(*scopes, **options)})

    return make


@pytest.fixture
def as_person(person: Callable, settings: Any) -> Caller:
    """as_person("analyst") is a client that sends such a person's token; `client.person` is who."""
    from rest_framework.test import APIClient

    from users.services.tokens import issue_tokens

    settings.RATE_LIMIT_REQUESTS = 1_000_000

    def make(role: str = "analyst", user: Any = None) -> "APIClient":
        user = user or person(role)
        client = APIClient(headers={"Authorization": f"Bearer {issue_tokens(user).access}"})
        client.person = user
        return client

    return make


@pytest.fixture
def anyone(settings: Any) -> "APIClient":
    """A client that says nothing about itself, within generous limits."""
    from rest_framework.test import APIClient

    settings.RATE_LIMIT_REQUESTS = 1_000_000
    return APIClient()


@pytest.fixture
def payments_engine(db: None) -> None:
    """The payments engine in force: shipped rules and policy, no model."""
    from fraud_detection.services.engine_setup import install

    install()


@pytest.fixture
def approving_engine(payments_engine: None) -> None:
    """The same under a policy that does not send everything to review for want of a model."""
    from fraud_detection.models import EngineState, PolicyVersion

    policy = PolicyVersion.objects.create(engine="payments", number=2, fail_decision="approve")
    EngineState.objects.filter(engine="payments").update(policy=policy, revision=2)


@pytest.fixture
def payment() -> Payment:
    """payment(amount="5.00") is an ordinary payment with an id of its own; None leaves a field out."""

    def make(**changes: Any) -> dict[str, Any]:
        record = {
            "transaction_id": f"T-{uuid.uuid4().hex[:12]}",
            "type": "payment",
            "amount": "25.00",
            "currency": "USD",
            "sender_id": "acc-1",
            "receiver_id": "acc-2",
            "country": "US",
        } | changes
        return {name: value for name, value in record.items() if value is not None}

    return make


@pytest.fixture
def drain(payment: Payment) -> Payment:
    """drain() is a transfer that empties an account: ACCOUNT_DRAIN hits and an alert is raised."""

    def make(**changes: Any) -> dict[str, Any]:
        emptied = {
            "type": "transfer",
            "amount": "9100.00",
            "sender_balance_before": "9100.00",
            "sender_balance_after": "0.00",
        }
        return payment(**(emptied | changes))

    return make


@pytest.fixture(scope="session")
def customer_model() -> Any:
    return quick_customer_model()


def quick_customer_model() -> Any:
    """A quick unpaid-debt model of generated customers."""
    from ml.data_generation.customers import generate_customers
    from ml.domains.customers.training import train_from_frame

    frame = generate_customers(rows=1_500, seed=4)
    return train_from_frame(
        frame, seed=4, allowed=("dependants",), source="generated", candidates=("lightgbm",)
    )


@pytest.fixture
def customer_champion(payments_engine: None, customer_model: Any, settings: Any, tmp_path: Any) -> Any:
    """The customers engine with a champion; its version."""
    from fraud_detection.services.customers import champion as customers
    from fraud_detection.services.model_registry import promote_first, register

    settings.MODEL_DIR = tmp_path
    customers._loaded.clear()
    version = register(customer_model, created_by="tests")
    assert promote_first(version, created_by="tests")
    return version


@pytest.fixture
def debtor() -> dict[str, Any]:
    """A posted customer deep in debt."""
    return {
        "customer_id": "U1",
        "dependants": 0,
        "employment": "unemployed",
        "employment_months": 0,
        "housing": "tenant",
        "monthly_income": "800.00",
        "tenure_months": 20,
        "credit_limit": "1000.00",
        "card_balance": "1100.00",
        "open_loans": 4,
        "total_debt": "9000.00",
        "monthly_debt_payment": "500.00",
        "late_payments_24m": 12,
        "worst_delay_days": 90,
        "previous_defaults": 2,
        "inquiries_6m": 5,
        "savings": "0.00",
        "overdraft_days_90d": 40,
        "returned_debits_12m": 4,
    }


@pytest.fixture(scope="session")
def tiny_model() -> Any:
    return quick_payment_model()


def quick_payment_model() -> Any:
    """A model of payments that reads two features, made without training."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    from ml.artifacts import Card, Model
    from ml.artifacts.calibration import IDENTITY
    from ml.artifacts.scorers import EstimatorScorer
    from ml.domains.payments.features import PAYMENTS

    names = PAYMENTS.numbers[:2]
    estimator = LogisticRegression().fit(np.array([[0.0, 0.0], [1.0, 1.0]]), [0, 1])
    card = Card(
        engine="payments", name="tiny", algorithm="logistic regression", features=names,
        feature_set=PAYMENTS.version, source="stored", seed=1, metrics={"roc_auc": 0.91}, candidates={},
        calibration="none", explanation="", split="", training_window={}, medians=dict.fromkeys(names, 0.0),
        percentiles={}, score_percentiles=(), prediction_hash="abc123", libraries={},
    )  # fmt: skip
    return Model(EstimatorScorer(estimator, np.zeros(2)), IDENTITY, card)


@pytest.fixture
def registered(payments_engine: None, tiny_model: Any, settings: Any, tmp_path: Any) -> Callable[..., Any]:
    """registered(created_by=..., report=...) enters the tiny model in the registry; the rest is its card."""
    from fraud_detection.services.model_registry import register

    settings.MODEL_DIR = tmp_path / "models"

    def make(created_by: str = "ana@example.com", report: dict | None = None, **card: Any) -> Any:
        return register(tiny_model.with_card(**card), created_by=created_by, report=report)

    return make

"""Alerts as decisions raise them, with a stored event behind each."""

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from transactions.tests.conftest import stored  # noqa: F401

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def suspicion():
    """suspicion(subject="acc-9") is a high suspicion of drained balance."""
    from alerts.services import Suspicion

    def make(**changes):
        values = {
            "engine": "payments",
            "family": "balance",
            "subject_kind": "sender",
            "subject": "acc-1",
            "customer_id": None,
            "severity": "high",
            "risk_score": 60.0,
            "amount_minor": 10_000,
            "rule": "ACCOUNT_DRAIN",
            "reason": "drained",
            "hits": 1,
        }
        return Suspicion(**(values | changes))

    return make


@pytest.fixture
def alert(payments_engine, drain, client_system):
    """The alert of one drained account, its event and assessment stored."""
    from alerts.models import Alert
    from fraud_detection.services.decisions import decide_payment

    decide_payment(drain(), client=client_system)
    return Alert.objects.get()


@pytest.fixture
def receiver(settings):
    from alerts.services.webhooks.subscribing import forget
    from alerts.tests.receivers import ALLOWED, receiving

    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network(ALLOWED)]
    with receiving() as found:
        yield found
    forget()


@pytest.fixture
def endpoint(receiver, admin):
    """endpoint("alert.created") is a new endpoint of the receiver; `endpoint.secret` is the last one's."""
    from alerts.services.webhooks import new_endpoint

    def make(*events, path="/hook", url=None):
        made, make.secret = new_endpoint(
            url=url or receiver.url + path, events=events or ("alert.created",), acting_user=admin
        )
        return made

    return make


@pytest.fixture
def rule(admin):
    """rule(channels=["email"], ...) is a stored rule of alerts to analysts; no other is in force."""
    from alerts.models import NotificationRule
    from alerts.services.notifying import managing

    def make(**values):
        usual = {"name": "mine", "topic": "alert.created", "roles": ["analyst"], "channels": ["email"]}
        made = managing.save_rule(None, values=usual | values, acting_user=admin)
        NotificationRule.objects.exclude(name=made.name).delete()
        return made

    return make


@pytest.fixture
def chat(settings):
    from alerts.tests.receivers import ALLOWED, receiving

    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network(ALLOWED)]
    with receiving() as found:
        found.host = found.url.removeprefix("http://")
        yield found

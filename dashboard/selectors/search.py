"""One box for any id: the one thing that a text names, else a list of what it may mean."""

from dataclasses import dataclass

from django.db.models import Model

from alerts.models import Alert
from dashboard.selectors.customers import customers
from dashboard.selectors.queue import QueueFilter, queue
from fraud_detection.models import Assessment
from transactions.models import Transaction
from transactions.selectors import found_by_card, found_by_text
from users.models import Customer, User

SHOWN = 8


@dataclass(frozen=True)
class Found:
    customers: list[Customer]
    alerts: list[Alert]
    events: list[Assessment]

    @property
    def nothing(self) -> bool:
        return not (self.customers or self.alerts or self.events)


def named(text: str) -> Model | None:
    """The alert (A-12), event or customer whose id is the text."""
    number = text.upper().removeprefix("A-")
    is_alert = text.upper().startswith("A-") and number.isdecimal() and len(number) < 19
    if is_alert and (alert := Alert.objects.filter(pk=int(number)).first()):
        return alert
    event = Transaction.objects.filter(transaction_id=text, superseded_by__isnull=True)[:2]
    if len(event) == 1:
        return event[0]
    return Customer.objects.filter(external_id=text).first()


def found(text: str, user: User, now) -> Found:
    """The first few of each kind."""
    events: list[int] = []
    for finder in (found_by_card, found_by_text):  # the first is answered by its index
        asked = finder(Transaction.objects.all(), text).order_by("-id")
        events = events or list(asked.values_list("pk", flat=True)[:SHOWN])
    decided = Assessment.objects.filter(transaction__in=events).select_related("transaction", "customer")
    return Found(
        customers=list(customers(text)[:SHOWN]),
        alerts=list(queue(QueueFilter(tab="all", q=text), user, now).order_by("-id")[:SHOWN]),
        events=list(decided.order_by("-id")),
    )

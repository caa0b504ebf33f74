"""Decided events as a list with filters from the URL, and one of them in full."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.db.models import Count, QuerySet, Sum
from django.http import QueryDict

from dashboard.selectors.decisions import STOPPED
from dashboard.selectors.period import CHOICES, period_of
from dashboard.templatetags.figures import amount, plain
from fraud_detection.models import Assessment, Decision, ExternalPrediction, RiskLevel
from transactions.models import Transaction, TransactionType
from transactions.selectors import found_by_text

COUNTED = 10_000  # beyond this a list says "more than"
LARGEST = Decimal(10) ** 15


@dataclass(frozen=True)
class EventFilter:
    """What the URL asks for; every value is empty or usable."""

    q: str = ""
    decision: str = ""
    level: str = ""
    type: str = ""
    decided: str = ""
    rule: str = ""
    least: str = ""
    degraded: str = ""  # "yes": only what was decided without a part of the engine

    @classmethod
    def read(cls, query: QueryDict) -> "EventFilter":
        """Unknown values count as not given."""
        return cls(
            q=_text(query, "q"),
            decision=_known(query, "decision", (*Decision.values, "stopped")),
            level=_known(query, "level", RiskLevel.values),
            type=_known(query, "type", [label for label, _ in type_choices()]),
            decided=_known(query, "decided", [key for key, _ in CHOICES]),
            rule=_text(query, "rule"),
            least=_money(query.get("least", "")),
            degraded=_known(query, "degraded", ("yes",)),
        )

    @property
    def narrows(self) -> bool:
        return any(asdict(self).values())

    def address(self, **changes: str) -> str:
        return urlencode({name: value for name, value in (asdict(self) | changes).items() if value})


def type_choices() -> list[tuple[str, str]]:
    """(name in the URL, label)."""
    return [(kind.name.lower(), kind.label) for kind in TransactionType]


def _text(query: QueryDict, name: str) -> str:
    return query.get(name, "").strip()[:128].replace("\x00", "")


def _known(query: QueryDict, name: str, allowed) -> str:
    value = query.get(name, "")
    return value if value in allowed else ""


def _money(text: str) -> str:
    try:
        value = Decimal(text.strip().replace(",", "")) if text.strip() else None
    except InvalidOperation:
        return ""
    return f"{value:f}" if value is not None and value.is_finite() and 0 < value < LARGEST else ""


def decided_events(wanted: EventFilter, now: datetime) -> QuerySet[Assessment]:
    """Decisions that the filter lets through, unordered."""
    found = Assessment.objects.select_related("transaction", "customer").filter(transaction__isnull=False)
    if wanted.q:
        found = found.filter(transaction__in=found_by_text(Transaction.objects.all(), wanted.q).values("pk"))
    if wanted.decision:
        found = found.filter(decision__in=STOPPED if wanted.decision == "stopped" else (wanted.decision,))
    if wanted.level:
        found = found.filter(risk_level=wanted.level)
    if wanted.type:
        found = found.filter(transaction__type=TransactionType[wanted.type.upper()])
    if wanted.decided:
        period = period_of(wanted.decided, now)
        found = found.filter(decided_at__gte=period.start, decided_at__lt=period.end)
    if wanted.rule:
        found = found.filter(hits__rule=wanted.rule).distinct()
    if wanted.degraded:
        found = found.filter(degraded=True)
    if wanted.least:
        found = found.filter(amount_minor__gte=int(Decimal(wanted.least) * 100))
    return found


@dataclass(frozen=True)
class Extent:
    """Events and their amount, hundredths; amount is nothing beyond what is counted."""

    count: int
    amount: int | None
    more: bool


def extent(found: QuerySet[Assessment]) -> Extent:
    """How much a filter lets through; counts at most COUNTED rows, whatever the table's size."""
    some = found.order_by().values("id", "amount_minor")[: COUNTED + 1]
    sums = some.aggregate(n=Count("id"), amount=Sum("amount_minor"))
    if sums["n"] > COUNTED:
        return Extent(COUNTED, None, True)
    return Extent(sums["n"], int(sums["amount"] or 0), False)


def told_elsewhere(event: Transaction) -> list[ExternalPrediction]:
    """Predictions about the event that its client system's other models made, newest first."""
    found = ExternalPrediction.objects.filter(client=event.client_id, external_id=event.transaction_id)
    return list(found.order_by("-pk")[:20])


def assessments_of(transaction: Transaction) -> list[Assessment]:
    """Every engine's decision on the event, with its hits."""
    return list(transaction.assessments.prefetch_related("hits__alert").order_by("id"))


def versions_of(transaction: Transaction) -> list[Transaction]:
    """All versions of the event, oldest first; one unless it was corrected."""
    found = Transaction.objects.filter(
        client=transaction.client_id, transaction_id=transaction.transaction_id
    )
    return list(found.order_by("id"))


SENT = (
    ("Sender id", "sender_id"), ("Sender name", "sender_name"), ("Receiver id", "receiver_id"),
    ("Receiver name", "receiver_name"), ("User id", "user_id"), ("Merchant id", "merchant_id"),
    ("Merchant category", "merchant_category"), ("Card token", "card_token"), ("Device id", "device_id"),
    ("IP address", "ip_address"), ("IP country", "ip_country"), ("E-mail", "email"), ("Country", "country"),
    ("Region", "region"), ("Branch", "branch"), ("Sender country", "sender_country"),
    ("Receiver country", "receiver_country"), ("Status", "status"),
)  # fmt: skip
BALANCES = (
    "sender_balance_before",
    "sender_balance_after",
    "receiver_balance_before",
    "receiver_balance_after",
)


def sent_fields(event: Transaction) -> list[tuple[str, str]]:
    """(label, text) of what the client sent, in a fixed order, absent fields left out."""
    fields = [("Type", event.get_type_display()), ("Amount", f"{amount(event.amount)} {event.currency}")]
    fields += [("Channel", event.get_channel_display())] if event.channel else []
    fields += [(label, str(getattr(event, name))) for label, name in SENT if getattr(event, name)]
    balances = [(name.replace("_", " ").capitalize(), getattr(event, name)) for name in BALANCES]
    fields += [(label, f"{amount(value)} {event.currency}") for label, value in balances if value is not None]
    if event.latitude is not None and event.longitude is not None:
        fields.append(("Place", f"{event.latitude:.4f}, {event.longitude:.4f}"))
    return fields + [(f"Metadata: {name}", plain(value)) for name, value in (event.metadata or {}).items()]

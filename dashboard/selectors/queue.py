"""The alert queue: filters from the URL and tabs with their counts."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import QueryDict

from alerts.models import Alert, AlertStatus, Disposition, Severity
from alerts.selectors import BY_PRIORITY, seen_by
from alerts.selectors.families import families_of_closed, families_of_open
from alerts.selectors.queues import awake, queue_list
from dashboard.selectors.period import CHOICES, period_of
from logs.redacting import mask_cards
from users.models import User

TABS = ("open", "mine", "unassigned", "due", "overdue", "critical", "snoozed", "resolved")
TAB_NAMES = {
    "open": "All open",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "due": "Due within 1 h",
    "overdue": "Overdue",
    "critical": "Critical",
    "snoozed": "Snoozed",
    "resolved": "Closed",
}


@dataclass(frozen=True)
class QueueFilter:
    """What the URL asks for; every value is empty or one that exists."""

    tab: str = "open"
    severity: str = ""
    engine: str = ""
    family: str = ""
    disposition: str = ""
    opened: str = ""
    queue: str = ""
    q: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "QueueFilter":
        """Unknown values count as not given, so that an edited address still shows a page."""
        tab = query.get("tab", "open")
        return cls(
            tab=tab if tab in (*TABS, "all") else "open",
            severity=_known(query.get("severity", ""), Severity.values),
            engine=query.get("engine", "")[:16].replace("\x00", ""),
            family=query.get("family", "")[:32].replace("\x00", ""),
            disposition=_known(query.get("disposition", ""), Disposition.values),
            opened=_known(query.get("opened", ""), [key for key, _ in CHOICES]),
            queue=_number(query.get("queue", "")),
            q=query.get("q", "").strip()[:128].replace("\x00", ""),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything beside the tab hides alerts."""
        return any(value for name, value in asdict(self).items() if name != "tab")

    @property
    def order(self) -> tuple[str, str] | tuple[str]:
        return ("id",) if self.tab in ("resolved", "all") else BY_PRIORITY

    def address(self, **changes: str) -> str:
        """The query string of this filter with changes, defaults left out."""
        values = asdict(self) | changes
        return urlencode(
            {name: value for name, value in values.items() if value and (name, value) != ("tab", "open")}
        )


def _known(value: str, allowed: list[str]) -> str:
    return value if value in allowed else ""


def _number(value: str) -> str:
    return value if value.isascii() and value.isdigit() and len(value) < 19 else ""


def queue(wanted: QueueFilter, user: User, now: datetime) -> QuerySet[Alert]:
    """The alerts that the filter lets through, unordered."""
    found = Alert.objects.filter(tab_condition(wanted.tab, user, now))
    found = seen_by(found.select_related("customer", "assignee", "queue"), user)
    for name in ("severity", "engine", "family", "disposition", "queue"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    if wanted.opened:
        period = period_of(wanted.opened, now)
        found = found.filter(opened_at__gte=period.start, opened_at__lt=period.end)
    return found.filter(_text(wanted.q)) if wanted.q else found


def tab_condition(tab: str, user: User, now: datetime) -> Q:
    is_open = Q(status=AlertStatus.OPEN) & awake(now)
    return {
        "open": is_open,
        "mine": is_open & Q(assignee=user),
        "unassigned": is_open & Q(assignee__isnull=True),
        "due": is_open & Q(due_at__gte=now, due_at__lt=now + timedelta(hours=1)),
        "overdue": is_open & Q(due_at__lt=now),
        "critical": is_open & Q(severity=Severity.CRITICAL),
        "snoozed": Q(status=AlertStatus.OPEN, snoozed_until__gt=now),
        "resolved": Q(status=AlertStatus.RESOLVED),
        "all": Q(),
    }[tab]


def _text(text: str) -> Q:
    number = text.upper().removeprefix("A-")
    text = mask_cards(text)  # people type full card numbers, tables hold masked ones
    wanted = Q(subject__icontains=text) | Q(rule__icontains=text) | Q(reason__icontains=text)
    wanted |= Q(customer__name__icontains=text) | Q(customer__external_id=text)
    return wanted | Q(pk=int(number)) if number.isdecimal() and len(number) < 19 else wanted


@dataclass(frozen=True)
class OpenAlerts:
    """Counts of all open alerts: by tab, by severity (critical first), and what the tab "open" lists."""

    tabs: dict[str, int]
    severities: dict[str, int]
    listed: dict[str, int]


def open_alerts(user: User, now: datetime) -> OpenAlerts:
    """Everything that a page says of open alerts, in one pass over them; closed ones are not counted."""
    tabs = [tab for tab in TABS if tab != "resolved"]
    severities = [*reversed(Severity.values)]
    is_listed = tab_condition("open", user, now)
    found = Alert.objects.filter(status=AlertStatus.OPEN).aggregate(
        **{tab: Count("id", filter=tab_condition(tab, user, now)) for tab in tabs},
        **{f"severity_{severity}": Count("id", filter=Q(severity=severity)) for severity in severities},
        listed_amount=Sum("amount_minor", filter=is_listed),
        listed_newest=Max("id", filter=is_listed),
    )
    return OpenAlerts(
        tabs={tab: found[tab] for tab in tabs},
        severities={severity: found[f"severity_{severity}"] for severity in severities},
        listed=_listed(found["open"], found["listed_amount"], found["listed_newest"]),
    )


def listed(found: QuerySet[Alert]) -> dict[str, int]:
    """Number and amount at stake of what a filter lets through."""
    return _listed(
        **found.order_by().aggregate(count=Count("id"), amount=Sum("amount_minor"), newest=Max("id"))
    )


def _listed(count: int, amount: int | None, newest: int | None) -> dict[str, int]:
    return {"count": count, "amount": int(amount or 0), "newest": newest or 0}


def kinds(wanted: QueueFilter) -> dict[str, list[str]]:
    """Engines and rule families to choose from: those of the alerts that the tab is about."""
    pairs = families_of_open() if wanted.tab != "resolved" else []
    if wanted.tab in ("resolved", "all"):
        pairs += families_of_closed()
    engines = {engine for engine, _ in pairs} | {wanted.engine}
    families = {family for _, family in pairs} | {wanted.family}
    return {"engines": sorted(engines - {""}), "families": sorted(families - {""})}


def queues() -> list[tuple[str, str]]:
    """(id, name) of the active queues, as filters of the address."""
    return [(str(found.pk), found.name) for found in queue_list().filter(active=True)]


def colleagues() -> QuerySet[User]:
    """Who can be given alerts."""
    return User.objects.filter(is_active=True, role__in=("admin", "analyst")).order_by("name", "email")

"""The alert queue: filters from the URL and tabs with their counts."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import QueryDict

from alerts.models import Alert, AlertStatus, Disposition, Severity
from dashboard.selectors.period import CHOICES, period_of
from users.models import User

TABS = ("open", "mine", "unassigned", "due", "overdue", "critical", "resolved")
TAB_NAMES = {
    "open": "All open",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "due": "Due within 1 h",
    "overdue": "Overdue",
    "critical": "Critical",
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
            q=query.get("q", "").strip()[:128].replace("\x00", ""),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything beside the tab hides alerts."""
        return any(value for name, value in asdict(self).items() if name != "tab")

    @property
    def order(self) -> tuple[str, str] | tuple[str]:
        return ("id",) if self.tab in ("resolved", "all") else ("risk_score", "id")

    def address(self, **changes: str) -> str:
        """The query string of this filter with changes, defaults left out."""
        values = asdict(self) | changes
        return urlencode(
            {name: value for name, value in values.items() if value and (name, value) != ("tab", "open")}
        )


def _known(value: str, allowed: list[str]) -> str:
    return value if value in allowed else ""


def queue(wanted: QueueFilter, user: User, now: datetime) -> QuerySet[Alert]:
    """The alerts that the filter lets through, unordered."""
    found = Alert.objects.filter(tab_condition(wanted.tab, user, now)).select_related("customer", "assignee")
    for name in ("severity", "engine", "family", "disposition"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    if wanted.opened:
        period = period_of(wanted.opened, now)
        found = found.filter(opened_at__gte=period.start, opened_at__lt=period.end)
    return found.filter(_text(wanted.q)) if wanted.q else found


def tab_condition(tab: str, user: User, now: datetime) -> Q:
    is_open = Q(status=AlertStatus.OPEN)
    return {
        "open": is_open,
        "mine": is_open & Q(assignee=user),
        "unassigned": is_open & Q(assignee__isnull=True),
        "due": is_open & Q(due_at__gte=now, due_at__lt=now + timedelta(hours=1)),
        "overdue": is_open & Q(due_at__lt=now),
        "critical": is_open & Q(severity=Severity.CRITICAL),
        "resolved": Q(status=AlertStatus.RESOLVED),
        "all": Q(),
    }[tab]


def _text(text: str) -> Q:
    number = text.upper().removeprefix("A-")
    wanted = Q(subject__icontains=text) | Q(rule__icontains=text) | Q(reason__icontains=text)
    wanted |= Q(customer__name__icontains=text) | Q(customer__external_id=text)
    return wanted | Q(pk=int(number)) if number.isdecimal() and len(number) < 19 else wanted


def tab_counts(user: User, now: datetime) -> dict[str, int]:
    """How many alerts each tab of open ones holds, in one query; closed ones are not counted."""
    tabs = [tab for tab in TABS if tab != "resolved"]
    counted = {tab: Count("id", filter=tab_condition(tab, user, now)) for tab in tabs}
    return Alert.objects.filter(status=AlertStatus.OPEN).aggregate(**counted)


def listed(found: QuerySet[Alert]) -> dict[str, int]:
    """Number and amount at stake of what a filter lets through."""
    sums = found.order_by().aggregate(count=Count("id"), amount=Sum("amount_minor"), newest=Max("id"))
    return {"count": sums["count"], "amount": int(sums["amount"] or 0), "newest": sums["newest"] or 0}


def families() -> list[str]:
    """Rule families that have raised alerts."""
    return list(Alert.objects.order_by("family").values_list("family", flat=True).distinct())


def engines() -> list[str]:
    return list(Alert.objects.order_by("engine").values_list("engine", flat=True).distinct())

"""The case list: tabs, filters from the URL, and what one case's page reads."""

from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from alerts.models import Alert, Case, Severity
from alerts.selectors.cases import TABS, case_list, found_by_text, tab_condition
from users.models import User


@dataclass(frozen=True)
class CaseListFilter:
    """What the URL asks for; every value is empty or one that exists."""

    tab: str = "open"
    severity: str = ""
    q: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "CaseListFilter":
        """Unknown values count as not given, so that an edited address still shows a page."""
        tab, severity = query.get("tab", "open"), query.get("severity", "")
        return cls(
            tab=tab if tab in (*TABS, "all") else "open",
            severity=severity if severity in Severity.values else "",
            q=query.get("q", "").strip()[:128].replace("\x00", ""),
        )

    @property
    def narrows(self) -> bool:
        return bool(self.severity or self.q)

    @property
    def address(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def listed(wanted: CaseListFilter, user: User, now: datetime) -> QuerySet[Case]:
    found = case_list().filter(tab_condition(wanted.tab, user, now))
    if wanted.severity:
        found = found.filter(severity=wanted.severity)
    return found_by_text(found, wanted.q) if wanted.q else found


def named_alerts(text: str, limit: int = 100) -> list[Alert]:
    """The alerts of "12,A-13"; what is no number is passed over."""
    names = [part.strip().upper().removeprefix("A-") for part in text.split(",")[:limit]]
    ids = [int(name) for name in names if name.isdecimal() and len(name) < 19]
    return list(Alert.objects.filter(pk__in=ids).select_related("customer").order_by("pk"))

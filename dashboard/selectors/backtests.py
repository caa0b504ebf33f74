"""What the pages show of backtests: the panel of a rule, the figures side by side, a try-out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dashboard.selectors.backtest_chart import Chart, chart_of
from dashboard.selectors.backtest_rows import Row, rows_of
from fraud_detection.models import Backtest, BacktestLabels, BacktestState, Rule
from fraud_detection.services.backtesting.wordings import definition_in_force
from fraud_detection.services.engine_setup import definition_digest
from fraud_detection.services.workbench.reading import cleaned
from users.models import User
from users.roles import Ability

USUAL_DAYS = 30
GROUPS = (
    ("dropped", "Hits that this text drops"),
    ("added", "Hits that it adds"),
    ("fraud_missed", "Frauds it misses"),
)
MORE_GROUPS = (
    ("fraud_hit", "Frauds it hits"),
    ("good_hit", "Good events it hits"),
    ("unlabelled_hit", "Hits without a label"),
)
MATRIX_RULES = 12
Groups = list[tuple[str, list[dict[str, Any]]]]


@dataclass(frozen=True)
class Panel:
    """The backtest panel of a rule: what can be asked, what runs, what came out last.

    `stale` says that the result belongs to another text; empty when it is of this one.
    """

    rule: Rule
    form: Mapping[str, Any]
    backtest: Backtest | None
    shown: "Shown | None"
    stale: str
    may_start: bool
    has_draft: bool
    address: str
    problem: str = ""


@dataclass(frozen=True)
class Shown:
    """A finished backtest as the page reads it."""

    backtest: Backtest
    result: Mapping[str, Any]
    rows: list[Row]
    chart: Chart | None
    by_day: list[dict[str, Any]]
    groups: Groups
    more_groups: Groups
    overlap: list[Mapping[str, Any]]
    matrix: list[tuple[str, list[int]]]
    matrix_names: list[str]
    lacking: list[dict[str, Any]]

    @property
    def has_active(self) -> bool:
        return self.result["active"] is not None

    @property
    def known_by(self) -> datetime | None:
        return parse_datetime(self.result["known_by"])


def backtest_panel(
    rule: Rule, draft: Any, user: User, *, posted: Mapping[str, str] | None = None, problem: str = ""
) -> Panel:
    """The newest backtest of a rule beside its text. `draft` is its RuleDraft (or has its `definition`)."""
    definition = getattr(draft, "definition", None) or definition_in_force(rule) or {}
    backtest = Backtest.objects.filter(rule=rule).exclude(state=BacktestState.CANCELLED).defer("hits").first()
    done = backtest is not None and backtest.state == BacktestState.DONE
    return Panel(
        rule=rule,
        form=form_of(posted or {}, backtest),
        backtest=backtest,
        shown=shown(backtest) if done else None,
        stale=_stale(backtest, definition) if backtest else "",
        may_start=user.can(Ability.DRAFT_RULES) and bool(definition),
        has_draft=bool(getattr(draft, "definition", None)),
        address=reverse("dashboard:rule_backtest", args=[rule.pk]),
        problem=problem,
    )


def form_of(posted: Mapping[str, str], before: Backtest | None) -> dict[str, Any]:
    """The fields of the form: what was posted, else what was asked last, else thirty days up to now."""
    today = timezone.localdate()
    fields: dict[str, Any] = {
        "since": (today - timedelta(days=USUAL_DAYS - 1)).isoformat(),
        "until": today.isoformat(),
        "labels": BacktestLabels.FINAL.value,
        "cut_off": "",
        "alert_cost": f"{settings.BACKTEST_ALERT_COST:.2f}",
        "friction": f"{100 * settings.BACKTEST_FRICTION_SHARE:g}",
    }
    if before is not None:
        fields |= _asked_before(before)
    return fields | {name: posted[name] for name in fields if name in posted}


def shown(backtest: Backtest) -> Shown:
    """A finished backtest, ready to be laid out."""
    result = backtest.result
    names = result["matrix"]["rules"][:MATRIX_RULES]
    both = [row[:MATRIX_RULES] for row in result["matrix"]["both"][:MATRIX_RULES]]
    return Shown(
        backtest=backtest,
        result=result,
        rows=rows_of(result),
        chart=chart_of(result["by_day"]),
        by_day=[row | {"day": date.fromisoformat(row["day"])} for row in result["by_day"] if row["events"]],
        groups=_groups(result, GROUPS),
        more_groups=_groups(result, MORE_GROUPS),
        overlap=result["overlap"][:MATRIX_RULES],
        matrix=list(zip(names, both, strict=True)),
        matrix_names=names,
        lacking=[row | {"until": parse_datetime(row["until"])} for row in result["lacking"]],
    )


def _stale(backtest: Backtest, definition: Mapping[str, Any]) -> str:
    """Whose text a result is, when it is not the one on the page."""
    if not definition or backtest.digest == definition_digest(cleaned(definition)):
        return ""
    saved = backtest.wording_saved_at
    told = f"the text saved at {timezone.localtime(saved):%-d %b %H:%M}" if saved else "another text"
    return f"This result is for {told}. The text was changed since."


def _asked_before(backtest: Backtest) -> dict[str, str]:
    last = backtest.until - timedelta(microseconds=1)
    return {
        "since": timezone.localtime(backtest.since).date().isoformat(),
        "until": timezone.localtime(last).date().isoformat(),
        "labels": backtest.labels,
        "alert_cost": f"{backtest.alert_cost:.2f}",
        "friction": f"{100 * backtest.friction_share:g}",
    }


def _groups(result: Mapping[str, Any], kinds: tuple[tuple[str, str], ...]) -> Groups:
    """Those that have an example."""
    found = result["examples"]
    return [(title, [_example(each) for each in found[kind]]) for kind, title in kinds if found.get(kind)]


def _example(example: Mapping[str, Any]) -> dict[str, Any]:
    by = {(True, True): "both", (True, False): "this text", (False, True): "active"}
    return {
        **example,
        "decided_at": parse_datetime(example["decided_at"]),
        "hit_by": by.get((example["draft"], bool(example["active"])), "neither"),
    }

"""The list of rules: each with its stage, figures and flags, and what waits for whom."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from dashboard.selectors.precision import Share, share
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, RuleStage
from fraud_detection.models.governance import Engine
from fraud_detection.rules.spec import SEVERITIES
from fraud_detection.services.rule_watch import FLAGS, RuleFigures, days_of
from fraud_detection.services.rulebook import reading
from fraud_detection.services.rulebook.reading import RuleView
from users.models import User

DAYS = 30
FIRST = {RuleStage.PENDING: 0, RuleStage.ACTIVE: 1, RuleStage.PAUSED: 2, RuleStage.SHADOW: 3, "draft": 4}


@dataclass(frozen=True)
class Row:
    view: RuleView
    figures: RuleFigures
    severity: str  # empty where an expression chooses it
    flags: list[tuple[str, str]]
    waits_for_me: bool

    @property
    def precision(self) -> Share:
        return share(self.figures.frauds, self.figures.labelled)

    @property
    def hits_by_day(self) -> list[int]:
        return [day.hits for day in self.figures.days]


@dataclass(frozen=True)
class Listing:
    engine: str
    tabs: list[tuple[str, str, int]]  # engine, label, rules
    stages: list[tuple[str, str, int]]  # stage, label, rules in it
    rows: list[Row]
    asked: dict[str, str]
    waiting: int  # for this person's approval, in every engine

    @property
    def narrowed(self) -> bool:
        return any(value for name, value in self.asked.items())


def rule_list(asked: dict[str, str], user: User) -> Listing:
    """The rules of one engine under what was asked for: engine, stage, text, flagged, waiting."""
    views = [reading.view_of(rule) for rule in reading.rules().order_by("code")]
    engine = asked.get("engine") if asked.get("engine") in ENGINES else next(iter(ENGINES))
    mine = [view for view in views if view.rule.engine == engine]
    shown = [view for view in mine if _wanted(view, asked, user)]
    figures = days_of([view.rule.pk for view in shown], days=DAYS, today=timezone.localdate())
    rows = [_row(view, figures[view.rule.pk], user) for view in shown]
    return Listing(
        engine=engine,
        tabs=_tabs(views),
        stages=_stages(mine),
        rows=sorted(rows, key=_rank),
        asked={name: asked.get(name, "") for name in ("stage", "text", "flagged", "waiting")},
        waiting=sum(_waits(view, user) for view in views),
    )


def _wanted(view: RuleView, asked: dict[str, str], user: User) -> bool:
    stage, text = asked.get("stage", ""), asked.get("text", "").casefold().strip()
    if stage and stage not in _stages_of(view):
        return False
    if asked.get("flagged") and not view.flags:
        return False
    if asked.get("waiting") and not _waits(view, user):
        return False
    said = (view.rule.code, view.definition.get("description"), view.definition.get("condition"))
    return text in " ".join(filter(None, said)).casefold()


def _stages_of(view: RuleView) -> set[str]:
    found = set(view.of_stage)
    if len(found) > 1:
        found.discard(RuleStage.RETIRED)  # every rule that was ever reworded has a retired version
    return found | ({"draft"} if view.draft else set())


def _waits(view: RuleView, user: User) -> bool:
    return view.candidate is not None and reading.may_approve(view.candidate, user)


def _row(view: RuleView, figures: RuleFigures, user: User) -> Row:
    severity = view.definition.get("severity") or ""
    return Row(
        view=view,
        figures=figures,
        severity=severity if severity in SEVERITIES else "",
        flags=[(FLAGS[flag], told) for flag, told in view.flags.items()],
        waits_for_me=_waits(view, user),
    )


def _rank(row: Row) -> tuple[Any, ...]:
    """What waits for this person first, then by stage, then whoever hit most."""
    candidate = row.view.candidate.stage if row.view.candidate else None
    stage = candidate if candidate == RuleStage.PENDING else row.view.stage
    return (not row.waits_for_me, FIRST.get(stage, 9), -row.figures.hits, row.view.rule.code)


def _tabs(views: list[RuleView]) -> list[tuple[str, str, int]]:
    installed = set(EngineState.objects.values_list("engine", flat=True))
    return [
        (engine, Engine(engine).label, sum(view.rule.engine == engine for view in views))
        for engine in ENGINES
        if engine in installed
    ]


def _stages(views: list[RuleView]) -> list[tuple[str, str, int]]:
    labels = {"draft": "Draft", **dict(RuleStage.choices)}
    counts = {stage: sum(stage in _stages_of(view) for view in views) for stage in labels}
    return [(stage, label, counts[stage]) for stage, label in labels.items() if counts[stage]]

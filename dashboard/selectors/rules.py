"""The panels of a rule's page: its stages and what may be done, its versions, its figures, its shadow.

`rule_panels` gives the context of dashboard/rules/_stages.html, _versions.html, _watch.html, _shadow.html.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from dashboard.selectors.precision import Share, share
from fraud_detection.models import Rule, RuleDraft, RuleSet, RuleStage, RuleStanding, RuleVersion
from fraud_detection.services.rule_watch import (
    FLAGS,
    RuleFigures,
    ShadowFigures,
    figures_of,
    shadow_figures,
)
from fraud_detection.services.rulebook import FieldDiff, RuleFourEyesRefused, check_four_eyes, compare
from fraud_detection.services.rulebook.reading import RuleView, rules, view_of
from users.models import User
from users.roles import Ability

WATCHED_DAYS = 30
DRAFT = "draft"


@dataclass(frozen=True)
class Step:
    label: str
    said: str
    current: bool
    done: bool


@dataclass(frozen=True)
class Action:
    """A change of stage this person may ask for. `barred` says why not, if the service would refuse it.

    `version` is what was seen: the revision of the standing, or of the draft where `number` is empty.
    """

    key: str
    label: str
    effect: str
    version: int
    number: int | None = None
    barred: str = ""
    primary: bool = False


@dataclass(frozen=True)
class StagePanel:
    rule: Rule
    view: RuleView
    steps: list[Step]
    actions: list[Action]
    older: list[RuleVersion]  # whose wording can be brought back


@dataclass(frozen=True)
class WatchPanel:
    figures: RuleFigures
    precision: Share
    view: RuleView
    flags: list[tuple[str, str]]
    looked_at: Any

    @property
    def hits(self) -> list[int]:
        return [day.hits for day in self.figures.days]


@dataclass(frozen=True)
class VersionsPanel:
    rule: Rule
    view: RuleView
    before: str
    after: str
    choices: list[tuple[str, str]]
    differences: list[FieldDiff] | None


def rule_panels(rule: Rule, request: HttpRequest) -> dict[str, Any]:
    """The context of all panels of a rule's page."""
    return {
        "stages": stage_panel(rule, request.user),
        "watched": watch_panel(rule),
        "versions": versions_panel(rule, request),
        "shadow": shadow_panel(rule),
    }


def stage_panel(rule: Rule, user: User) -> StagePanel:
    """Where the rule stands, and what this person may do next."""
    view = _view(rule)
    return StagePanel(rule, view, _steps(view), _actions(view, user), _former(view))


def watch_panel(rule: Rule) -> WatchPanel:
    """Thirty days of a rule, what it costs and what stands out."""
    view = _view(rule)
    figures = figures_of(rule, days=WATCHED_DAYS, today=timezone.localdate())
    flags = [(FLAGS[flag], told) for flag, told in view.flags.items()]
    looked_at = view.watch.looked_at if view.watch else None
    return WatchPanel(figures, share(figures.frauds, figures.labelled), view, flags, looked_at)


def versions_panel(rule: Rule, request: HttpRequest) -> VersionsPanel:
    """Every version, and the difference between the two that `from` and `to` name."""
    view = _view(rule)
    choices = [(str(version.number), f"v{version.number}") for version in view.versions]
    if view.draft:
        choices.insert(0, (DRAFT, DRAFT))
    before, after = _chosen(view, request, dict(choices))
    differences = None
    if before and after:
        differences = compare(_wording(view, before), _wording(view, after))
    return VersionsPanel(rule, view, before, after, choices, differences)


def shadow_panel(rule: Rule) -> tuple[RuleStanding, ShadowFigures] | None:
    """The version that watches without a say, with what it would have changed; None without one."""
    candidate = _view(rule).candidate
    return (candidate, shadow_figures(candidate)) if candidate else None


def _view(rule: Rule) -> RuleView:
    return view_of(rules().get(pk=rule.pk))


def _steps(view: RuleView) -> list[Step]:
    of = view.of_stage
    draft, candidate = view.draft, view.candidate
    focus = DRAFT if draft else (candidate.stage if candidate else view.stage)
    said = {
        DRAFT: f"saved by {draft.saved_by}" if draft else "nothing being written",
        RuleStage.SHADOW: _named(of.get(RuleStage.SHADOW)) or "watches, changes nothing",
        RuleStage.PENDING: _waiting(candidate) or "not by who wrote it",
        RuleStage.ACTIVE: _active(of.get(RuleStage.ACTIVE, [])) or "nothing in force",
        RuleStage.PAUSED: _named(of.get(RuleStage.PAUSED)),
        RuleStage.RETIRED: _numbers(of.get(RuleStage.RETIRED, [])),
    }
    labels = {DRAFT: "Draft", **dict(RuleStage.choices), RuleStage.PENDING: "Approval"}
    done = {RuleStage.ACTIVE} if of.get(RuleStage.ACTIVE) else set()
    return [Step(labels[key], told, key == focus, key in done) for key, told in said.items()]


def _named(standings: list[RuleStanding] | None) -> str:
    return " and ".join(f"v{one.version.number}" for one in standings or ())


def _numbers(standings: list[RuleStanding]) -> str:
    numbers = sorted(one.version.number for one in standings)
    if len(numbers) > 2:
        return f"v{numbers[0]} to v{numbers[-1]}, {len(numbers)} versions"
    return " and ".join(f"v{number}" for number in numbers)


def _waiting(candidate: RuleStanding | None) -> str:
    if candidate is None or candidate.stage != RuleStage.PENDING:
        return ""
    if candidate.approved_at:
        return f"v{candidate.version.number} approved, from {_moment(candidate.effective_at)}"
    return f"v{candidate.version.number}, submitted by {candidate.submitted_by}"


def _active(standings: list[RuleStanding]) -> str:
    if not standings:
        return ""
    newest = standings[0]
    if newest.rollout < 100:
        rest = f", v{standings[1].version.number} for the rest" if len(standings) > 1 else ""
        return f"v{newest.version.number} for {newest.rollout}%{rest}"
    since = newest.effective_at or newest.version.created_at
    return f"v{newest.version.number} since {_moment(since)}"


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%-d %b %Y %H:%M}"


def _actions(view: RuleView, user: User) -> list[Action]:
    found: list[Action] = []
    drafts, approves = user.can(Ability.DRAFT_RULES), user.can(Ability.APPROVE_RULES)
    if drafts and view.draft:
        found += _of_draft(view.draft, view.candidate)
    if view.candidate:
        found += _of_candidate(view.candidate, user, drafts, approves)
    if approves:
        found += _of_force(view, user)
    return found


def _of_draft(draft: RuleDraft, candidate: RuleStanding | None) -> list[Action]:
    seen = draft.revision
    barred = ""
    if candidate and candidate.stage == RuleStage.PENDING:
        barred = f"{candidate.version} awaits approval: it is rejected or withdrawn first."
    watches = "It becomes a version that sees every event and changes no decision."
    asks = "It becomes a version that waits for somebody else's approval."
    return [
        Action("shadow", "Start shadow", watches, seen, barred=barred, primary=not barred),
        Action("submit", "Submit for approval", asks, seen, barred=barred),
        Action("discard", "Discard draft", "The draft is gone for everybody. Versions stay.", seen),
    ]


def _of_candidate(standing: RuleStanding, user: User, drafts: bool, approves: bool) -> list[Action]:
    seen, number = standing.revision, standing.version.number
    found = []
    if standing.stage == RuleStage.SHADOW and drafts:
        effect = f"v{number} waits for somebody else's approval, and goes on watching."
        found.append(Action("submit", f"Submit v{number}", effect, seen, number))
    if standing.stage == RuleStage.PENDING and approves:
        if not standing.approved_at:
            effect = f"v{number} decides, in every process within 5 seconds. What it replaces is retired."
            barred = barred_from(standing, user)
            found.append(
                Action("approve", f"Approve v{number}", effect, seen, number, barred, primary=not barred)
            )
        effect = f"v{number} is retired, and its wording is a draft again."
        found.append(Action("reject", f"Reject v{number}", effect, seen, number))
    if drafts:
        effect = f"v{number} is retired and watches no more."
        found.append(Action("retire", f"Withdraw v{number}", effect, seen, number))
    return found


def _of_force(view: RuleView, user: User) -> list[Action]:
    active = view.of_stage.get(RuleStage.ACTIVE, [])
    paused = view.of_stage.get(RuleStage.PAUSED, [])
    found = []
    for standing in active[:1]:
        seen, number = standing.revision, standing.version.number
        if standing.rollout < 100:
            effect = f"v{number} decides about this share of the entities; 100 retires the older version."
            found.append(
                Action("rollout", f"Change share of v{number}", effect, seen, number,
                       barred_from(standing, user, "You may narrow the share, not widen it."))
            )  # fmt: skip
        effect = "The rule decides nothing until it is resumed."
        found.append(Action("pause", "Pause", effect, seen, number))
    for standing in paused[:1]:
        effect = "The rule decides again as before, in every process within 5 seconds."
        seen, number = standing.revision, standing.version.number
        found.append(Action("resume", "Resume", effect, seen, number))
    for standing in (active or paused)[:1]:
        effect = "An older wording decides again at once, as a new version."
        seen, number = standing.revision, standing.version.number
        if len(view.versions) > 1:
            found.append(Action("rollback", "Roll back", effect, seen, number))
    for standing in active + paused:
        seen, number = standing.revision, standing.version.number
        effect = f"v{number} decides no more. It can be rolled back to, or drafted from."
        found.append(Action("retire", f"Retire v{number}", effect, seen, number))
    return found


def barred_from(standing: RuleStanding, user: User, instead: str = "") -> str:
    """Why four eyes keep this person from approving; empty when they do not."""
    try:
        check_four_eyes(standing, user)
    except RuleFourEyesRefused as refused:
        return instead or str(refused)
    return ""


def _former(view: RuleView) -> list[RuleVersion]:
    """Versions that decided once and say something else than the present one, the newest first."""
    held = RuleSet.objects.filter(rule_versions__rule=view.rule).values_list("rule_versions__pk", flat=True)
    decided = set(held)
    current = view.current.version.definition if view.current else None
    return [one for one in view.versions if one.pk in decided and one.definition != current]


def _chosen(view: RuleView, request: HttpRequest, known: dict[str, str]) -> tuple[str, str]:
    before, after = request.GET.get("from", ""), request.GET.get("to", "")
    if before in known and after in known:
        return before, after
    names = list(known)
    return (names[1], names[0]) if len(names) > 1 else ("", "")


def _wording(view: RuleView, name: str) -> dict[str, Any]:
    if name == DRAFT:
        return view.draft.definition
    return next(version.definition for version in view.versions if str(version.number) == name)

"""Rules as lists and pages show them: which version stands for a rule, and what waits for whom."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from fraud_detection.models import Rule, RuleDraft, RuleStage, RuleStanding, RuleVersion, RuleWatch
from fraud_detection.services.rulebook.approving import check_four_eyes
from fraud_detection.services.rulebook.errors import RuleFourEyesRefused
from users.models import User
from users.roles import Ability

DRAFT = "draft"
STAGES = (DRAFT, *RuleStage.values)
ORDER = (
    RuleStage.ACTIVE,
    RuleStage.PAUSED,
    RuleStage.PENDING,
    RuleStage.SHADOW,
    RuleStage.RETIRED,
)  # which stage names a rule that has versions in several


@dataclass(frozen=True)
class RuleView:
    """A rule with its versions, the newest first. `stage` is that of the version which stands for it."""

    rule: Rule
    versions: tuple[RuleVersion, ...]
    draft: RuleDraft | None
    watch: RuleWatch | None

    @property
    def standings(self) -> tuple[RuleStanding, ...]:
        return tuple(v.standing for v in self.versions if hasattr(v, "standing"))

    @property
    def of_stage(self) -> dict[str, list[RuleStanding]]:
        """The standings by stage, the newest version first."""
        found: dict[str, list[RuleStanding]] = {}
        for standing in self.standings:
            found.setdefault(standing.stage, []).append(standing)
        return found

    @property
    def current(self) -> RuleStanding | None:
        """The version that stands for the rule: what decides, else what comes next to it."""
        by_stage = self.of_stage
        return next((by_stage[stage][0] for stage in ORDER if stage in by_stage), None)

    @property
    def candidate(self) -> RuleStanding | None:
        """The version in shadow or awaiting approval; a rule has one at most."""
        by_stage = self.of_stage
        return next(iter(by_stage.get(RuleStage.PENDING, []) + by_stage.get(RuleStage.SHADOW, [])), None)

    @property
    def stage(self) -> str:
        return self.current.stage if self.current else DRAFT

    @property
    def definition(self) -> dict[str, Any]:
        if self.current:
            return self.current.version.definition
        return self.draft.definition if self.draft else {}

    @property
    def flags(self) -> dict[str, str]:
        return self.watch.flags if self.watch else {}


def rules() -> QuerySet[Rule]:
    """Every rule with what `view_of` reads."""
    versions = RuleVersion.objects.select_related("standing").order_by("-number")
    return Rule.objects.select_related("draft", "watch").prefetch_related(
        Prefetch("versions", queryset=versions)
    )


def view_of(rule: Rule) -> RuleView:
    """A rule of `rules()`."""
    versions = tuple(rule.versions.all())
    for version in versions:
        version.rule = rule
        if hasattr(version, "standing"):
            version.standing.version = version
    return RuleView(rule, versions, _related(rule, "draft"), _related(rule, "watch"))


def in_stage(found: QuerySet[Rule], stage: str) -> QuerySet[Rule]:
    """The rules that have a version in this stage, or a draft."""
    if stage == DRAFT:
        return found.filter(draft__isnull=False)
    standing = RuleStanding.objects.filter(version__rule=OuterRef("pk"), stage=stage)
    return found.filter(Exists(standing))


def of_family(found: QuerySet[Rule], family: str) -> QuerySet[Rule]:
    """The rules of which a version that is not retired, or the draft, is of this family."""
    return found.filter(
        Exists(_standing().filter(definition__family=family)) | Q(draft__definition__family=family)
    )


def by_author(found: QuerySet[Rule], author: str) -> QuerySet[Rule]:
    """The rules of which this person wrote a version or the draft; `pack` wrote what was shipped."""
    version = RuleVersion.objects.filter(rule=OuterRef("pk"), author__iexact=author)
    return found.filter(Exists(version) | Q(draft__author__iexact=author) | Q(draft__saved_by__iexact=author))


def flagged(found: QuerySet[Rule], yes: bool) -> QuerySet[Rule]:
    """The rules with a flag, or those without."""
    none = Q(watch__isnull=True) | Q(watch__flags={})
    return found.exclude(none) if yes else found.filter(none)


def saying(found: QuerySet[Rule], text: str) -> QuerySet[Rule]:
    """The rules whose code, description or condition contains this text."""
    told = _standing().filter(
        Q(definition__description__icontains=text) | Q(definition__condition__icontains=text)
    )
    drafted = Q(draft__definition__description__icontains=text) | Q(
        draft__definition__condition__icontains=text
    )
    return found.filter(Q(code__icontains=text) | Exists(told) | drafted)


def may_approve(standing: RuleStanding, person: User) -> bool:
    """Whether this version waits for approval, and this person may give it."""
    if standing.stage != RuleStage.PENDING or standing.approved_at or not person.can(Ability.APPROVE_RULES):
        return False
    try:
        check_four_eyes(standing, person)
    except RuleFourEyesRefused:
        return False
    return True


def _standing() -> QuerySet[RuleVersion]:
    return RuleVersion.objects.filter(rule=OuterRef("pk")).exclude(standing__stage=RuleStage.RETIRED)


def _related(rule: Rule, name: str) -> Any:
    try:
        return getattr(rule, name)
    except ObjectDoesNotExist:
        return None

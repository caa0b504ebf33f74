"""Rule sets: which versions decide together, which only watch, and whom each decides about."""

from collections.abc import Iterable, Mapping

from django.db.models import F, Max

from fraud_detection.models import EngineState, Rule, RuleSet, RuleStage, RuleStanding, RuleVersion

WATCHING = (RuleStage.SHADOW, RuleStage.PENDING)  # whoever approves a version sees what it would do
Shares = Mapping[str, list[float]]


def new_rule_set(
    engine: str,
    versions: Iterable[RuleVersion],
    shadows: Iterable[RuleVersion] = (),
    shares: Shares | None = None,
) -> RuleSet:
    """The next rule set of an engine, holding these versions; `shares` as in models.RuleSet."""
    last = RuleSet.objects.filter(engine=engine).aggregate(last=Max("number"))["last"] or 0
    rule_set = RuleSet.objects.create(engine=engine, number=last + 1, shares=dict(shares or {}))
    rule_set.rule_versions.set(versions)
    rule_set.shadow_versions.set(shadows)
    return rule_set


def recompose(state: EngineState, rules: Iterable[Rule]) -> RuleSet:
    """Put a rule set in force in which these rules are as their standings say, the others as before.

    The caller holds the state row. Nothing happens where the standings change nothing of what is in force.
    """
    rules = list(rules)
    before = state.rule_set
    deciding = {v.pk: v for v in before.rule_versions.exclude(rule__in=rules)}
    shadows = {v.pk: v for v in before.shadow_versions.exclude(rule__in=rules)}
    shares = {key: share for key, share in before.shares.items() if int(key) in deciding}
    for rule in rules:
        standings = list(standings_of(rule))
        active = [one for one in standings if one.stage == RuleStage.ACTIVE]
        deciding |= {one.version_id: one.version for one in active}
        shadows |= {one.version_id: one.version for one in standings if one.stage in WATCHING}
        shares |= shares_of(active)
    if _same(before, deciding, shadows, shares):
        return before
    state.rule_set = new_rule_set(state.engine, deciding.values(), shadows.values(), shares)
    EngineState.objects.filter(pk=state.pk).update(rule_set=state.rule_set, revision=F("revision") + 1)
    return state.rule_set


def standings_of(rule: Rule) -> Iterable[RuleStanding]:
    """The standings of all its versions, the newest version first."""
    return (
        RuleStanding.objects.filter(version__rule=rule)
        .select_related("version__rule")
        .order_by("-version__number")
    )


def shares_of(active: list[RuleStanding]) -> dict[str, list[float]]:
    """[from, until) in percent by version id; none when one version decides about everybody.

    `active` is the newest first: it takes the lowest part, so whoever is in stays in when it grows.
    """
    if not active or active[0].rollout == 100:
        return {}
    newest, *older = active
    shares = {str(newest.version_id): [0, newest.rollout]}
    return shares | {str(one.version_id): [newest.rollout, 100] for one in older}


def _same(before: RuleSet, deciding: dict, shadows: dict, shares: Shares) -> bool:
    return (
        set(before.rule_versions.values_list("pk", flat=True)) == deciding.keys()
        and set(before.shadow_versions.values_list("pk", flat=True)) == shadows.keys()
        and before.shares == shares
    )

"""Who may do what: the one table that the API, the dashboard and the admin ask.

Abilities are verbs; roles and key scopes are sets of them. A permission check names an
ability, never a role, so a new role is one line here.
"""

from enum import StrEnum

from django.db import models


class Ability(StrEnum):
    READ = "read"
    DECIDE = "decide"
    LABEL = "label"
    WORK_ALERTS = "work_alerts"
    DRAFT_RULES = "draft_rules"
    APPROVE_RULES = "approve_rules"
    RUN_JOBS = "run_jobs"
    READ_AUDIT = "read_audit"
    READ_REPORTS = "read_reports"  # that a suspicious-activity report exists, and what it says
    FILE_REPORTS = "file_reports"
    READ_METRICS = "read_metrics"
    PRIVACY = "privacy"  # give out or erase all that is stored about a customer
    MANAGE = "manage"


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    ANALYST = "analyst", "Analyst"
    AUDITOR = "auditor", "Auditor"


class Scope(models.TextChoices):
    INGEST = "ingest", "Send events and get decisions"
    READ = "read", "Read everything but the audit trail"
    LABELS = "labels", "Send labels"
    JOBS = "jobs", "Run batches"
    ADMIN = "admin", "Everything"


EVERYTHING = frozenset(Ability)
READS = frozenset({Ability.READ, Ability.READ_METRICS})

ROLE_ABILITIES: dict[str, frozenset[Ability]] = {
    Role.ADMIN: EVERYTHING,
    Role.ANALYST: READS
    | {Ability.DECIDE, Ability.LABEL, Ability.WORK_ALERTS, Ability.DRAFT_RULES, Ability.RUN_JOBS},
    Role.AUDITOR: READS | {Ability.READ_AUDIT, Ability.READ_REPORTS},
}

SCOPE_ABILITIES: dict[str, frozenset[Ability]] = {
    Scope.INGEST: frozenset({Ability.DECIDE}),
    Scope.READ: READS,
    Scope.LABELS: frozenset({Ability.LABEL}),
    Scope.JOBS: frozenset({Ability.RUN_JOBS}),
    Scope.ADMIN: EVERYTHING,
}


def role_can(role: str, ability: Ability) -> bool:
    """True when people of this role may do it; an unknown role may do nothing."""
    return ability in ROLE_ABILITIES.get(role, frozenset())


def scopes_can(scopes: list[str], ability: Ability) -> bool:
    """True when a key with these scopes may do it."""
    return any(ability in SCOPE_ABILITIES.get(scope, frozenset()) for scope in scopes)

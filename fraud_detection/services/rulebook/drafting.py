"""The next wording of a rule while it is written: one draft a rule, saved by anybody who drafts rules."""

import re
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, Rule, RuleDraft, RuleStage, RuleVersion
from fraud_detection.services.rulebook.definitions import checked_shape
from fraud_detection.services.rulebook.errors import DraftConflict, RuleRefused
from logs.services import record
from users.models import User
from users.roles import Ability

CODE = re.compile(r"[A-Za-z]\w{1,63}", re.ASCII)
SAVES_KEPT = 20


@transaction.atomic
def new_rule(
    engine: str, definition: dict[str, Any], *, acting_user: User, request_id: str = ""
) -> RuleDraft:
    """A rule that has nothing but a draft; raises RuleRefused for a code that is taken or cannot be one."""
    may(acting_user, Ability.DRAFT_RULES)
    if engine not in ENGINES:
        raise RuleRefused(("engine", f"is not one of {', '.join(ENGINES)}"))
    if not EngineState.objects.filter(engine=engine).exists():
        raise RuleRefused(("engine", f"'{engine}' is not installed: run manage.py install_engines"))
    definition = checked_shape(definition)
    code = definition.get("code") or ""
    if not CODE.fullmatch(code):
        raise RuleRefused(("code", "must be 2 to 64 letters, digits or underscores, a letter first"))
    try:
        with transaction.atomic():
            if Rule.objects.filter(engine=engine, code__iexact=code).exists():
                raise IntegrityError
            rule = Rule.objects.create(engine=engine, code=code)
    except IntegrityError:
        raise RuleRefused(("code", f"{engine} has a rule '{code}' already; change that one")) from None
    _audit("rule.made", rule, acting_user, request_id)
    return save_draft(rule, definition, seen=0, acting_user=acting_user, request_id=request_id)


@transaction.atomic
def save_draft(
    rule: Rule,
    definition: dict[str, Any],
    *,
    seen: int,
    acting_user: User,
    based_on: RuleVersion | None = None,
    request_id: str = "",
) -> RuleDraft:
    """Save the draft of a rule, or begin one on its active version.

    `seen` is the revision the caller saw, 0 when there was no draft; DraftConflict when it is another one
    now. RuleRefused for what cannot be stored; whether it compiles is asked when it is frozen.
    """
    may(acting_user, Ability.DRAFT_RULES)
    definition = checked_shape(definition) | {"code": rule.code}
    rule = _locked(rule)
    draft = RuleDraft.objects.filter(rule=rule).first()
    if (draft.revision if draft else 0) != seen:
        raise DraftConflict(draft, seen)
    base = draft.definition if draft else _wording(based_on or newest_in_force(rule))
    changed = sorted(name for name in base | definition if base.get(name) != definition.get(name))
    if draft is not None and not changed:
        return draft
    draft = draft or RuleDraft(
        rule=rule, author=acting_user.email, based_on=based_on or newest_in_force(rule)
    )
    _write(draft, definition, changed, acting_user)
    _audit("rule.draft_saved", rule, acting_user, request_id, revision=draft.revision, fields=changed)
    return draft


@transaction.atomic
def discard_draft(rule: Rule, *, seen: int, acting_user: User, request_id: str = "") -> None:
    """Throw the draft away; raises DraftConflict when it is not the one that was seen.

    A rule that never had a version goes with it, and its code is free again.
    """
    may(acting_user, Ability.DRAFT_RULES)
    rule = _locked(rule)
    draft = RuleDraft.objects.filter(rule=rule).first()
    if draft is None or draft.revision != seen:
        raise DraftConflict(draft, seen)
    _audit("rule.draft_discarded", rule, acting_user, request_id, revision=draft.revision)
    draft.delete()
    if not RuleVersion.objects.filter(rule=rule).exists():
        rule.delete()


def newest_in_force(rule: Rule) -> RuleVersion | None:
    """The version a draft begins with: the newest that is active or paused, else the newest at all."""
    versions = RuleVersion.objects.filter(rule=rule).order_by("-number")
    stages = (RuleStage.ACTIVE, RuleStage.PAUSED)
    return versions.filter(standing__stage__in=stages).first() or versions.first()


def may(person: User, ability: Ability) -> None:
    """Raises PermissionDenied; whoever calls a service is asked again, whatever the page asked before."""
    if not person.can(ability):
        raise PermissionDenied(f"Your role may not {ability.value.replace('_', ' ')}.")


def _locked(rule: Rule) -> Rule:
    """Two people who save at the same moment come one after the other, also for a first draft."""
    return Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)


def _wording(version: RuleVersion | None) -> dict[str, Any]:
    return version.definition if version else {}


def _write(draft: RuleDraft, definition: dict[str, Any], changed: list[str], by: User) -> None:
    rule, now = draft.rule, timezone.now()
    rule.draft_revision += 1
    rule.save(update_fields=("draft_revision",))
    draft.definition, draft.revision = definition, rule.draft_revision
    draft.saved_by, draft.saved_at = by.email, now
    draft.writers = [*dict.fromkeys((*draft.writers, by.email))]
    save = [draft.revision, by.email, now.isoformat(), changed]
    draft.saves = [*draft.saves, save][-SAVES_KEPT:]
    draft.save()


def _audit(action: str, rule: Rule, by: User, request_id: str, **after: Any) -> None:
    record(
        action,
        actor_kind="user",
        actor=by.email,
        subject_kind="rule",
        subject=f"{rule.engine}/{rule.code}",
        after=after or None,
        request_id=request_id,
    )

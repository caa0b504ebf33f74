"""Bringing a file in: each difference becomes a version that awaits approval; nothing skips the four eyes."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from fraud_detection.models import CustomList, Rule, RuleDraft, RuleStage, RuleStanding
from fraud_detection.services.listing.life import make_custom_list
from fraud_detection.services.rule_packs.comparing import ADDED, CHANGED, differences
from fraud_detection.services.rule_packs.pack import Fault, Pack, PackRefused, PackRule, normal
from fraud_detection.services.rulebook import RuleRefused, approve, new_rule, save_draft, submit_draft
from users.models import User

PENDING, ACTIVE, DRAFTED, UNCHANGED = "pending", "active", "draft", "unchanged"


class Outcome(NamedTuple):
    """What became of a rule: pending, active, draft, or unchanged where that was so before."""

    code: str
    stage: str
    is_new: bool


@dataclass(frozen=True)
class Applied:
    """`rules` that differ from what was in force, `lists` that were made."""

    rules: tuple[Outcome, ...]
    lists: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return bool(self.lists) or any(rule.is_new for rule in self.rules)


@transaction.atomic
def apply_pack(
    pack: Pack, *, acting_user: User, approver: User | None = None, submit: bool = True, request_id: str = ""
) -> Applied:
    """Draft and submit every rule of the pack that says something new, all of them or none.

    `approver`, somebody else, puts them in force; without one they await approval, with submit=False
    they stay drafts. A rule that is pending in these words already stays so, so that repeating changes
    nothing. Rules that the file does not name stay as they are. Raises PackRefused where a draft of
    somebody else is in the way, and what services.rulebook raises (four eyes, refused wordings).
    """
    lists = tuple(_made_lists(pack, acting_user, request_id))
    wanted = {each.subject for each in differences(pack) if each.what in (ADDED, CHANGED)}
    rules = [
        _applied(pack, rule, acting_user, approver, submit, request_id)
        for rule in pack.rules
        if rule.code in wanted
    ]
    return Applied(tuple(rules), lists)


def _made_lists(pack: Pack, user: User, request_id: str) -> list[str]:
    made = []
    for each in pack.lists:
        known = CustomList.objects.filter(name=each.name, removed_at=None).first()
        if known is not None and known.kind != each.kind:
            raise PackRefused([Fault(each.line, f"the list {each.name} here holds '{known.kind}'")])
        if known is not None:
            continue
        try:
            make_custom_list(
                name=each.name,
                kind=each.kind,
                description=each.description,
                acting_user=user,
                request_id=request_id,
            )
        except ValidationError as error:
            raise PackRefused([Fault(each.line, " ".join(error.messages))]) from error
        made.append(each.name)
    return made


def _applied(
    pack: Pack, rule: PackRule, user: User, approver: User | None, submit: bool, request_id: str
) -> Outcome:
    wording = normal(rule.definition)
    standing = _pending(pack.engine, rule.code, wording)
    is_new = standing is None
    if standing is None:
        draft, is_new = _draft(pack.engine, rule, wording, user, request_id)
        if not submit:
            return Outcome(rule.code, DRAFTED, is_new)
        standing, is_new = _submitted(draft, rule, user, request_id), True
    if approver is None:
        return Outcome(rule.code, PENDING, is_new)
    approve(standing.version, seen=standing.revision, acting_user=approver, request_id=request_id)
    return Outcome(rule.code, ACTIVE, True)


def _pending(engine: str, code: str, wording: dict[str, Any]) -> RuleStanding | None:
    waiting = RuleStanding.objects.select_related("version__rule").filter(
        version__rule__engine=engine, version__rule__code=code, stage=RuleStage.PENDING
    )
    return next((each for each in waiting if normal(each.version.definition) == wording), None)


def _draft(
    engine: str, rule: PackRule, wording: dict[str, Any], user: User, request_id: str
) -> tuple[RuleDraft, bool]:
    """The draft that says what the file says, and whether it was saved just now."""
    known = Rule.objects.filter(engine=engine, code=rule.code).first()
    try:
        if known is None:
            return new_rule(engine, dict(rule.definition), acting_user=user, request_id=request_id), True
        draft = RuleDraft.objects.select_related("rule").filter(rule=known).first()
        if draft is None:
            definition = dict(rule.definition)
            return save_draft(known, definition, seen=0, acting_user=user, request_id=request_id), True
    except RuleRefused as refused:
        faults = [Fault(rule.lines.get(name, rule.line), told) for name, told in refused.faults]
        raise PackRefused(faults) from refused
    if not _says(draft, wording):
        told = f"{rule.code} has a draft of {draft.saved_by} in other words; submit or discard that first"
        raise PackRefused([Fault(rule.line, told)])
    return draft, False


def _says(draft: RuleDraft, wording: dict[str, Any]) -> bool:
    try:
        return normal(draft.definition) == wording
    except (ValueError, TypeError):  # unfinished
        return False


def _submitted(draft: RuleDraft, rule: PackRule, user: User, request_id: str) -> RuleStanding:
    try:
        return submit_draft(
            draft.rule, seen=draft.revision, acting_user=user, note="From a rule file", request_id=request_id
        )
    except RuleRefused as refused:
        faults = [Fault(rule.lines.get(name, rule.line), told) for name, told in refused.faults]
        raise PackRefused(faults) from refused

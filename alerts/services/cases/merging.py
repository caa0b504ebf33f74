"""Merging a case into another, and splitting alerts off into a case of their own."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from alerts.models import Case, CaseAlert, CaseComment, CaseFile, CaseReport, CaseStatus, CaseTask
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.holding import changed, clean_text, held_case, noted, tell
from alerts.services.cases.opening import MOST_ALERTS, recount
from alerts.services.cases.stakes import counted_at_stake
from users.models import User

PARTS = {"alerts": CaseAlert, "comments": CaseComment, "tasks": CaseTask, "files": CaseFile}


def merge_cases(
    *,
    case_id: int,
    into_id: int,
    acting_user: User,
    seen_version: int,
    into_seen_version: int,
    request_id: str = "",
) -> Case:
    """Close a case as merged into another, to which its alerts, comments, tasks and files move.

    Returns the target. Raises CaseConflict when either changed or a closing waits for a second person.
    """
    if case_id == into_id:
        raise CaseRefused("into", "a case cannot be merged into itself")
    with transaction.atomic():
        versions = {case_id: seen_version, into_id: into_seen_version}
        held = {pk: held_case(pk, versions[pk]) for pk in sorted(versions)}
        source, target = held[case_id], held[into_id]
        for case in held.values():
            if case.awaits_second:
                raise CaseConflict(f"{case}: a proposed closing is still to be decided")
        if CaseAlert.objects.filter(case__in=held).count() > MOST_ALERTS:
            raise CaseRefused("into", f"a case holds at most {MOST_ALERTS:,} alerts")
        moved = {name: model.objects.filter(case=source).update(case=target) for name, model in PARTS.items()}
        # Not counted: whoever reads the count must not learn that there is a report.
        CaseReport.objects.filter(case=source).update(case=target)
        _end(source, target, acting_user, moved, request_id)
        recount(target)
        if target.customer_id is None:
            target.customer = source.customer
        target.split_from_minor = max(target.split_from_minor, source.split_from_minor)
        return changed(
            target,
            ("severity", "engines", "customer", "split_from_minor"),
            actor=acting_user.email,
            said=f"merged {source} into it",
            action="case.took_over",
            after={"from": source.pk, **moved},
            request_id=request_id,
        )


def _end(source: Case, target: Case, user: User, moved: dict[str, int], request_id: str) -> None:
    before = {"status": source.status}
    source.status, source.merged_into = CaseStatus.CLOSED, target
    source.closed_at, source.closed_by = timezone.now(), user
    changed(
        source,
        ("status", "merged_into", "closed_at", "closed_by"),
        actor=user.email,
        said=f"merged it into {target}",
        action="case.merged",
        before=before,
        after={"into": target.pk, **moved},
        request_id=request_id,
        topic="case.closed",
    )


def split_case(
    *,
    case_id: int,
    alert_ids: Sequence[int],
    title: str,
    acting_user: User,
    seen_version: int,
    request_id: str = "",
) -> Case:
    """A new case with some of a case's alerts; returns the new one.

    Raises CaseRefused for alerts that are not in the case, or when none would stay.
    """
    title, wanted = clean_text("title", title, 200), set(alert_ids)
    with transaction.atomic():
        case = held_case(case_id, seen_version)
        if case.awaits_second:
            raise CaseConflict(f"{case}: a proposed closing is still to be decided")
        inside = set(case.memberships.values_list("alert_id", flat=True))
        _check_split(wanted, inside)
        case.split_from_minor = counted_at_stake(case)
        fresh = _split_off(case, title, acting_user)
        CaseAlert.objects.filter(case=case, alert__in=wanted).update(case=fresh)
        for each in (fresh, case):
            recount(each)
        fresh.save(update_fields=("severity", "engines"))
        taken = {"alerts": sorted(wanted)}
        noted(fresh, acting_user.email, "case.opened", after=taken | {"from": case.pk}, request_id=request_id)
        tell("case.created", fresh, "case.opened", acting_user.email)
        changed(
            case,
            ("severity", "engines", "split_from_minor"),
            actor=acting_user.email,
            said=f"split {len(wanted)} alert{'s' if len(wanted) > 1 else ''} off into {fresh}",
            action="case.split",
            after=taken | {"into": fresh.pk},
            request_id=request_id,
        )
    return fresh


def _check_split(wanted: set[int], inside: set[int]) -> None:
    if not wanted:
        raise CaseRefused("alerts", "name at least one alert")
    if foreign := sorted(wanted - inside):
        raise CaseRefused("alerts", f"A-{foreign[0]} is not in this case")
    if wanted == inside:
        raise CaseRefused("alerts", "at least one alert must stay")


def _split_off(case: Case, title: str, user: User) -> Case:
    return Case.objects.create(
        title=title,
        customer=case.customer,
        severity=case.severity,
        assignee=case.assignee,
        due_at=case.due_at,
        split_from_minor=case.split_from_minor,
        opened_by=user.email,
        changed_by=user.email,
    )

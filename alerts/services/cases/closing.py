"""Closing a case with a verdict: its open alerts follow, and large confirmed fraud needs a second person."""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alerts.models import Alert, AlertStatus, Case, CaseAlert, CaseStatus, Disposition
from alerts.services.cases.errors import CaseConflict, CaseRefused, SecondPersonNeeded, what_happened
from alerts.services.cases.holding import changed, clean_text, held_case
from alerts.services.cases.stakes import at_stake, counted_at_stake
from alerts.services.closing import close_held, read_closing
from alerts.services.holding import database_now, hold_events
from users.models import User

VERDICTS = (Disposition.CONFIRMED_FRAUD, Disposition.FALSE_POSITIVE, Disposition.INCONCLUSIVE)
CLEARED = {"proposed_verdict": "", "proposed_note": "", "proposed_by": None, "proposed_at": None}


def close_case(
    *,
    case_id: int,
    acting_user: User,
    verdict: str,
    note: str,
    seen_version: int,
    seen_alerts: Mapping[int, int] | None = None,
    request_id: str = "",
) -> Case:
    """Close a case and its open alerts with one verdict, or propose it where a second person is needed.

    `seen_alerts` maps alert ids to the versions that were seen; an alert that changed since stands in the
    way. Raises CaseConflict naming what does, CaseRefused for bad input.
    """
    if verdict not in VERDICTS:  # a case that repeats another one is merged into it
        raise CaseRefused("verdict", f"must be one of {', '.join(VERDICTS)}")
    note = clean_text("note", note, 4000)
    with transaction.atomic():
        case = held_case(case_id, seen_version)
        if case.awaits_second:
            raise CaseConflict(f"{case}: the closing that {case.proposed_by} proposed is still to be decided")
        _check_tasks(case)
        alerts = _open_alerts(case, seen_alerts)
        if verdict == Disposition.CONFIRMED_FRAUD and _needs_second(case):
            return _propose(case, acting_user, verdict, note, request_id)
        return _close(case, alerts, acting_user, verdict, note, request_id)


def approve_closing(
    *,
    case_id: int,
    acting_user: User,
    seen_version: int,
    seen_alerts: Mapping[int, int] | None = None,
    request_id: str = "",
) -> Case:
    """Close a case as somebody else proposed. Raises SecondPersonNeeded for the one who proposed it.

    An alert that changed since it was seen stands in the way (CaseConflict); without `seen_alerts` one that
    was hit after the proposal does, since nobody has judged those hits.
    """
    with transaction.atomic():
        case = _proposed(case_id, seen_version)
        if case.proposed_by_id == acting_user.pk:
            raise SecondPersonNeeded(f"{case}: somebody else has to approve the closing that you proposed")
        _check_tasks(case)
        alerts, verdict, first = _open_alerts(case, seen_alerts), case.proposed_verdict, case.proposed_by
        if seen_alerts is None:
            _check_hits(case, alerts)
        note = f"{case.proposed_note} (proposed by {first})"[:4000]
        _clear_proposal(case)
        return _close(case, alerts, acting_user, verdict, note, request_id, proposed_by=first.email)


def send_back_closing(
    *, case_id: int, acting_user: User, reason: str, seen_version: int, request_id: str = ""
) -> Case:
    """Refuse, or withdraw, a proposed closing: the case is investigated further."""
    reason = clean_text("reason", reason, 4000)
    with transaction.atomic():
        case = _proposed(case_id, seen_version)
        before = {"status": case.status, "proposed_verdict": case.proposed_verdict}
        _clear_proposal(case)
        case.status = CaseStatus.INVESTIGATING
        return changed(
            case,
            ("status", *CLEARED),
            actor=acting_user.email,
            said="sent the proposed closing back",
            action="case.sent_back",
            before=before,
            after={"status": case.status, "reason": reason},
            request_id=request_id,
        )


def reopen_case(
    *, case_id: int, acting_user: User, reason: str, seen_version: int, request_id: str = ""
) -> Case:
    """Investigate a closed case again; its alerts stay as they were closed.

    Raises CaseConflict when it changed, was merged, or one of its alerts is in another open case now.
    """
    reason = clean_text("reason", reason, 4000)
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
        if case.version != seen_version or case.status != CaseStatus.CLOSED or case.merged_into_id:
            raise CaseConflict(what_happened(case))
        elsewhere = CaseAlert.objects.filter(alert__in=case.alerts.all(), held=True)
        taken = elsewhere.select_related("case").first()
        if taken:
            raise CaseConflict(f"A-{taken.alert_id} belongs to {taken.case} now, which is open")
        before = {"status": case.status, "verdict": case.verdict}
        case.status, case.verdict, case.note = CaseStatus.INVESTIGATING, "", ""
        case.closed_at = case.closed_by = None
        case.memberships.update(held=True)
        return changed(
            case,
            ("status", "verdict", "note", "closed_at", "closed_by"),
            actor=acting_user.email,
            said="reopened it",
            action="case.reopened",
            before=before,
            after={"status": case.status, "reason": reason},
            request_id=request_id,
        )


def _needs_second(case: Case) -> bool:
    return counted_at_stake(case) > settings.CASE_FOUR_EYES_AMOUNT * 100


def _proposed(case_id: int, seen_version: int) -> Case:
    case = held_case(case_id, seen_version)
    if not case.awaits_second:
        raise CaseConflict(f"{case}: no closing is proposed")
    return case


def _check_tasks(case: Case) -> None:
    undone = list(case.tasks.filter(done_at__isnull=True).values_list("title", flat=True)[:4])
    if undone:
        named = ", ".join(f"“{title}”" for title in undone[:3]) + (" and more" if len(undone) > 3 else "")
        raise CaseConflict(f"{case} cannot be closed: still to be done are {named}")


def _open_alerts(case: Case, seen: Mapping[int, int] | None) -> list[Alert]:
    """The open alerts of a case, locked; raises CaseConflict naming those that changed since."""
    ids = list(case.memberships.values_list("alert_id", flat=True))
    hold_events(ids)
    held = Alert.objects.select_for_update().filter(pk__in=ids, status=AlertStatus.OPEN)
    alerts = list(held.order_by("pk"))
    unseen = [alert for alert in alerts if seen is not None and seen.get(alert.pk) != alert.version]
    if unseen:
        raise CaseConflict(f"{case} cannot be closed: changed since you looked: {_hits_of(unseen)}")
    return alerts


def _check_hits(case: Case, alerts: list[Alert]) -> None:
    later = [alert for alert in alerts if alert.last_hit_at > case.proposed_at]
    if later:
        raise CaseConflict(f"{case} cannot be closed: hit since it was proposed: {_hits_of(later)}")


def _hits_of(alerts: list[Alert]) -> str:
    return ", ".join(
        f"{alert} ({alert.hit_count} hit{'' if alert.hit_count == 1 else 's'} now)" for alert in alerts[:3]
    )


def _propose(case: Case, user: User, verdict: str, note: str, request_id: str) -> Case:
    before = {"status": case.status}
    case.status = CaseStatus.WAITING
    case.proposed_verdict, case.proposed_note = verdict, note
    case.proposed_by, case.proposed_at = user, timezone.now()
    return changed(
        case,
        ("status", *CLEARED),
        actor=user.email,
        said=f"proposed to close it as {Disposition(verdict).label.lower()}",
        action="case.closing_proposed",
        before=before,
        after={"status": case.status, "proposed_verdict": verdict, "amount_minor": at_stake(case)},
        request_id=request_id,
    )


def _clear_proposal(case: Case) -> None:
    for name, value in CLEARED.items():
        setattr(case, name, value)


def _close(
    case: Case,
    alerts: list[Alert],
    user: User,
    verdict: str,
    note: str,
    request_id: str,
    proposed_by: str = "",
) -> Case:
    if alerts:
        closing = read_closing(disposition=verdict, note=note)
        close_held(alerts, closing, acting_user=user, request_id=request_id, at=database_now())
    before = {"status": case.status}
    case.status, case.verdict, case.note = CaseStatus.CLOSED, verdict, note
    case.closed_at, case.closed_by = timezone.now(), user
    case.memberships.update(held=False)
    after = {"verdict": verdict, "alerts": [alert.pk for alert in alerts]}
    return changed(
        case,
        ("status", "verdict", "note", "closed_at", "closed_by", *CLEARED),
        actor=user.email,
        said=f"closed it as {Disposition(verdict).label.lower()}",
        action="case.closed",
        before=before,
        after=after | ({"proposed_by": proposed_by} if proposed_by else {}),
        request_id=request_id,
        topic="case.closed",
    )

"""Changing a rule's stage: each form of its page ends here, and a refusal says what was refused and why."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from dashboard.access import requires
from fraud_detection.models import Rule, RuleVersion
from fraud_detection.services import rulebook
from fraud_detection.services.rulebook import (
    DraftConflict,
    RuleConflict,
    RuleFourEyesRefused,
    RuleRefused,
    RuleStageRefused,
)
from users.roles import Ability

REFUSED = (RuleRefused, RuleStageRefused, DraftConflict, RuleConflict)
SAID = {
    "shadow": "{0} watches every event from now on and changes no decision.",
    "submit": "{0} awaits approval by somebody who did not write it.",
    "approve": "{0} is approved.",
    "reject": "{0} is rejected. Its wording is a draft again.",
    "pause": "{0} is paused, in every process within 5 seconds.",
    "resume": "{0} decides again, in every process within 5 seconds.",
    "retire": "{0} is retired.",
    "rollback": "{0} decides now, with the older wording, in every process within 5 seconds.",
    "rollout": "The share of {0} is changed.",
    "discard": "The draft is discarded.",
}


@require_POST
@requires(Ability.DRAFT_RULES)
def drafted(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Changes open to whoever drafts; the service asks again what it takes to retire what decides."""
    return _changed(request, pk, what)


@require_POST
@requires(Ability.APPROVE_RULES)
def approved(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    return _changed(request, pk, what)


def _changed(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    rule = get_object_or_404(Rule, pk=pk)
    try:
        standing = _change(request, rule, what)
    except (*REFUSED, PermissionDenied) as refused:
        context = {"rule": rule, "refused": refused, "said": str(refused)}
        return render(request, "dashboard/rules/refused.html", context, status=_status(refused))
    messages.success(request, SAID[what].format(standing.version if standing else ""))
    if Rule.objects.filter(pk=pk).exists():
        return redirect("dashboard:rule", pk)
    return redirect("dashboard:rules")


def _status(refused: Exception) -> int:
    if isinstance(refused, RuleFourEyesRefused | PermissionDenied):
        return 403
    return 422 if isinstance(refused, RuleRefused) else 409


def _change(request: HttpRequest, rule: Rule, what: str) -> Any:
    how = {
        "seen": _whole(request, "version"),
        "acting_user": request.user,
        "request_id": request.request_id,
    }
    if what == "discard":
        return rulebook.discard_draft(rule, **how)
    if what == "shadow":
        return rulebook.start_shadow(rule, **how)
    if what == "submit" and not request.POST.get("number"):
        return rulebook.submit_draft(rule, note=_text(request, "note"), **how)
    version = _version(request, rule, "number")
    if what == "submit":
        return rulebook.submit(version, note=_text(request, "note"), **how)
    if what == "approve":
        moment, share = _later(request), _whole(request, "rollout", 100)
        return rulebook.approve(version, effective_at=moment, rollout=share, **how)
    if what == "reject":
        return rulebook.reject(version, reason=_text(request, "reason"), **how)
    if what == "retire":
        return rulebook.retire(version, note=_text(request, "note"), **how)
    if what == "rollback":
        return rulebook.roll_back(version, to=_version(request, rule, "to"), **how)
    if what == "rollout":
        return rulebook.set_rollout(version, percent=_whole(request, "percent"), **how)
    return {"pause": rulebook.pause, "resume": rulebook.resume}[what](version, **how)


def _version(request: HttpRequest, rule: Rule, name: str) -> RuleVersion:
    number = _whole(request, name)
    version = RuleVersion.objects.select_related("rule").filter(rule=rule, number=number).first()
    if version is None:
        raise Http404
    return version


def _whole(request: HttpRequest, name: str, otherwise: int = -1) -> int:
    """What no form would send is -1, which nothing has been seen as."""
    text = request.POST.get(name, "").strip()
    if not text:
        return otherwise
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").encode("utf-8", "replace").decode()


def _later(request: HttpRequest) -> datetime | None:
    """A local moment as its field sends it; raises RuleRefused."""
    text = request.POST.get("effective_at", "").strip()
    if not text:
        return None
    try:
        moment = parse_datetime(text)
        if moment is None:
            raise ValueError
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
    except (ValueError, OverflowError):
        raise RuleRefused(("effective_at", "is not a date and time")) from None

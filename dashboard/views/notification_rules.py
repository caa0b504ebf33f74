"""Who is told what: rules, channels and wordings, for admins."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.models import (
    NotificationChannel,
    NotificationRule,
    NotificationTemplate,
    Queue,
    Severity,
    Topic,
)
from alerts.services.notifying import managing, wording
from alerts.services.notifying.channels import ChannelRefused
from alerts.services.notifying.gathering import NAMED
from alerts.services.notifying.rule_checks import SOURCES, RuleRefused
from alerts.services.notifying.rules import rules_in_force
from alerts.services.sealing import SealBroken
from dashboard.access import requires
from dashboard.templatetags.figures import money
from fraud_detection.engines.registry import ENGINES
from users.models import User
from users.roles import Ability, Role

REFUSALS = (RuleRefused, ChannelRefused, wording.WordingRefused, managing.NotifyingConflict)


@require_safe
@requires(Ability.MANAGE)
def page(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@requires(Ability.MANAGE)
def save(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    if pk is not None:
        get_object_or_404(NotificationRule, pk=pk)
    try:
        managing.save_rule(
            pk,
            values=_rule(request),
            acting_user=request.user,
            seen=_number(request.POST.get("version", "")) if pk else None,
            request_id=request.request_id,
        )
    except REFUSALS as refused:
        return _page(request, refused=refused, editing=pk)
    messages.success(request, "Saved.")
    return redirect("dashboard:notification_rules")


@require_POST
@requires(Ability.MANAGE)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(NotificationRule, pk=pk)
    managing.delete_rule(pk, acting_user=request.user, request_id=request.request_id)
    messages.success(request, "The rule is deleted.")
    return redirect("dashboard:notification_rules")


@require_POST
@requires(Ability.MANAGE)
def new_channel(request: HttpRequest) -> HttpResponse:
    owner = request.POST.get("owner", "").strip()
    try:
        person = User.objects.filter(email__iexact=owner).first() if owner else None
        if owner and person is None:
            raise ChannelRefused("owner", "nobody here has this address")
        managing.new_channel(
            name=request.POST.get("name", ""),
            url=request.POST.get("url", "").strip(),
            owner=person,
            acting_user=request.user,
            request_id=request.request_id,
        )
    except REFUSALS as refused:
        return _page(request, refused=refused)
    messages.success(request, "The channel is stored; its address is not shown again.")
    return redirect("dashboard:notification_rules")


@require_POST
@requires(Ability.MANAGE)
def change_channel(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    channel = get_object_or_404(NotificationChannel, pk=pk)
    who = {"acting_user": request.user, "request_id": request.request_id}
    if what == "delete":
        managing.delete_channel(pk, **who)
        messages.success(request, f"{channel} is deleted.")
    elif what == "test":
        _try(request, pk, who)
    else:
        managing.change_channel(pk, seen=None, active=what == "on", **who)
        messages.success(request, f"{channel} is switched {what}.")
    return redirect("dashboard:notification_rules")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.MANAGE)
def wordings(request: HttpRequest, topic: str = wording.MANY) -> HttpResponse:
    if topic not in wording.SHIPPED:
        raise Http404
    refused, preview, status = None, None, 200
    written = NotificationTemplate.objects.filter(topic=topic).first()
    subject, body = (written.subject, written.body) if written else wording.SHIPPED[topic]
    if request.method == "POST":
        subject, body = request.POST.get("subject", ""), request.POST.get("body", "").replace("\r\n", "\n")
        try:
            if request.POST.get("do") == "preview":
                preview = wording.filled(subject, body, sample(topic))
            else:
                return _word(request, topic, subject, body)
        except REFUSALS as problem:
            refused, status = problem, 409 if isinstance(problem, managing.NotifyingConflict) else 422
    context = {
        "topic": topic,
        "topics": [(key, _called(key)) for key in wording.SHIPPED],
        "called": _called(topic),
        "written": written,
        "subject": subject,
        "body": body,
        "preview": preview or _preview(subject, body, topic),
        "variables": wording.VARIABLES,
        "refused": refused,
    }
    return render(request, "dashboard/notifications/wordings.html", context, status=status)


def sample(topic: str) -> dict[str, str]:
    """Values of an example that is nobody's."""
    first = {
        "alert_id": 1042, "case_id": 17, "engine": "payments", "rule": "ACCOUNT_DRAIN", "by": "admin",
        "reason": "Transfer empties the account", "subject": "acc-204", "title": "Title",
        "message": "What happened, in a sentence", "model": "payments-3",
    }  # fmt: skip
    tally = {"count": 482, "severities": {"critical": 12, "high": 470}, "first": first}
    if topic in Topic.values:
        tally |= {"count": 1, "severities": {"high": 1}}
    key = topic if topic in Topic.values else Topic.ALERT_CREATED
    now = timezone.now()
    return wording.values_of({key: tally}, now - timedelta(minutes=5), now)


def _word(request: HttpRequest, topic: str, subject: str, body: str) -> HttpResponse:
    who = {"acting_user": request.user, "request_id": request.request_id}
    if request.POST.get("do") == "reset":
        managing.reset_wording(topic, **who)
    else:
        seen = _number(request.POST.get("version", ""))
        managing.save_wording(topic, subject=subject, body=body, seen=seen, **who)
    messages.success(request, "Saved.")
    return redirect("dashboard:notification_wording", topic)


def _preview(subject: str, body: str, topic: str) -> tuple[str, str] | None:
    try:
        return wording.filled(subject, body, sample(topic))
    except wording.WordingRefused:
        return None


def _called(key: str) -> str:
    names = {wording.MANY: "Many of a topic in one message", wording.DIGEST: "Digest of several topics"}
    return names.get(key) or Topic(key).label


def _try(request: HttpRequest, pk: int, who: dict) -> None:
    try:
        sent = managing.try_channel(pk, **who)
    except SealBroken as broken:
        messages.error(request, f"Not sent: {broken}.")
        return
    if sent.ok:
        messages.success(request, f"The test arrived after {sent.latency_ms:,} ms.")
    else:
        messages.error(request, f"The test did not arrive: {sent.error}.")


def _rule(request: HttpRequest) -> dict:
    given = request.POST
    if (engine := given.get("engine", "")) and engine not in (*ENGINES, *SOURCES):
        raise RuleRefused("engine", "is no engine")
    return {
        "name": given.get("name", "").strip(),
        "topic": given.get("topic", ""),
        "engine": engine,
        "min_severity": given.get("min_severity", ""),
        "min_amount_minor": _minor(given.get("min_amount", "").strip()),
        "roles": given.getlist("roles"),
        "users": given.get("users", "").replace(",", " ").split(),
        "queue": given.get("queue", ""),
        "channels": given.getlist("channels"),
        "active": "active" in given,
    }


def _minor(text: str) -> int | None:
    """Hundredths of an amount as people write it."""
    if not text:
        return None
    try:
        amount = Decimal(text.replace(",", "")[:30])
        return int(amount * 100) if abs(amount) < 10**15 else -1
    except (InvalidOperation, ValueError, OverflowError):
        raise RuleRefused("min_amount", "must be an amount as 2500.00") from None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _filled(request: HttpRequest, edited: NotificationRule | None) -> dict:
    """What the form shows: what was sent and refused, else the stored rule, else nothing."""
    if "topic" in request.POST:
        given = request.POST
        lists = {name: given.getlist(name) for name in ("roles", "channels")}
        names = ("name", "topic", "engine", "min_severity", "min_amount", "users", "queue")
        return {name: given.get(name, "") for name in names} | lists | {"active": "active" in given}
    if edited is None:
        return {"active": True}
    names = ("name", "topic", "engine", "min_severity", "queue", "roles", "channels", "active")
    return {name: getattr(edited, name) for name in names} | {
        "min_amount": "" if edited.min_amount_minor is None else money(edited.min_amount_minor),
        "users": " ".join(user.email for user in edited.users.all()),
    }


def _page(request: HttpRequest, refused: Exception | None = None, editing: int | None = None) -> HttpResponse:
    stored = list(NotificationRule.objects.prefetch_related("users"))
    chosen = editing or _number(request.GET.get("edit", ""))
    channels = list(NotificationChannel.objects.select_related("owner"))
    known = [("in_app", "Bell"), ("email", "E-mail"), ("notify_urls", "NOTIFY_URLS")]
    known += [(f"channel:{channel.pk}", channel.name) for channel in channels]
    names = dict(known)
    rules = stored or rules_in_force()
    shown = [
        (rule, Topic(rule.topic).label, [names.get(way, way) for way in rule.channels]) for rule in rules
    ]
    edited = next((rule for rule in stored if rule.pk == chosen), None)
    context = {
        "rules": shown,
        "stored": bool(stored),
        "edited": edited,
        "form": _filled(request, edited),
        "engines": (*ENGINES, *SOURCES),
        "adding": bool(refused) or "new" in request.GET or chosen > 0,
        "channels": channels,
        "known": known,
        "topics": [choice for choice in Topic.choices if choice[0] not in NAMED],
        "severities": Severity.choices,
        "roles": Role.choices,
        "queues": Queue.objects.filter(active=True).values_list("name", flat=True),
        "refused": refused,
    }
    status = 200 if refused is None else 409 if isinstance(refused, managing.NotifyingConflict) else 422
    return render(request, "dashboard/notifications/rules.html", context, status=status)

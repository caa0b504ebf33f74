"""API keys of client systems: the list, one key, making, rotating and revoking."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from dashboard.keyset import page
from logs.selectors import history_of
from users.models import ApiKey, ClientSystem
from users.roles import Ability, Scope
from users.selectors.keys import STATES, key_list
from users.services.api_keys import (
    GRACE,
    LONGEST_GRACE,
    KeyConflict,
    KeyRefused,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)
from users.services.key_terms import LONGEST_LIFE

HOUR = timedelta(hours=1)
GRACES = {0: "None: it ends now", 1: "1 hour", 24: "1 day", 168: "1 week", 720: "30 days"}


@require_safe
@requires(Ability.READ_AUDIT)
def listing(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_POST
@requires(Ability.MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    given = request.POST
    try:
        key, raw = create_api_key(
            name=given.get("name", ""),
            scopes=given.getlist("scopes"),
            rate_limit=_whole(given.get("rate_limit", ""), "rate_limit"),
            expires_at=_expiry(given.get("days", "")),
            allowed_networks=given.get("networks", "").replace(",", " ").split(),
            is_test="test" in given,
            created_by=request.user.email,
            request_id=request.request_id,
        )
    except KeyRefused as refused:
        return _list(request, status=422, refused=refused)
    return _detail(request, key, secret=raw)


@require_safe
@requires(Ability.READ_AUDIT)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, get_object_or_404(ApiKey, pk=pk))


@require_POST
@requires(Ability.MANAGE)
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    try:
        hours = _whole(request.POST.get("grace_hours", ""), "grace_hours")
        new, raw = rotate_api_key(
            prefix=key.prefix,
            rotated_by=request.user.email,
            grace=GRACE if hours is None else min(hours * HOUR, LONGEST_GRACE + HOUR),
            request_id=request.request_id,
        )
    except KeyRefused as refused:
        return _detail(request, key, status=422, refused=refused)
    except KeyConflict as conflict:
        return _detail(request, key, status=409, refused=conflict)
    return _detail(request, new, secret=raw)


@require_POST
@requires(Ability.MANAGE)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    revoke_api_key(prefix=key.prefix, revoked_by=request.user.email, request_id=request.request_id)
    messages.success(request, f"{key} is revoked: it opens nothing from now on.")
    return redirect("dashboard:key", pk)


def _whole(text: str, field: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise KeyRefused(f"{field}: give a whole number")
    return int(text)


def _expiry(text: str) -> datetime | None:
    days = _whole(text, "expires_at")
    if days is None:
        return None
    return timezone.now() + min(timedelta(days=days), LONGEST_LIFE + HOUR)


def _list(request: HttpRequest, status: int = 200, refused: KeyRefused | None = None) -> HttpResponse:
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:64] for name in ("q", "scope", "state")}
    found = key_list(timezone.now(), text=asked["q"], scope=asked["scope"], state=asked["state"])
    context = {
        "page": page(found, ("id",), request.GET.get("after", "")),
        "asked": asked,
        "states": STATES,
        "scopes": Scope.choices,
        "clients": ClientSystem.objects.values_list("name", flat=True)[:200],
        "refused": refused,
        "given": request.POST if refused else {},
        "chosen": request.POST.getlist("scopes") if refused else (),
        "adding": bool(refused) or "new" in request.GET,
    }
    return render(request, "dashboard/keys/list.html", context, status=status)


def _detail(
    request: HttpRequest,
    key: ApiKey,
    *,
    status: int = 200,
    refused: Exception | None = None,
    secret: str = "",
) -> HttpResponse:
    key = key_list(timezone.now()).get(pk=key.pk)
    context = {
        "key": key,
        "former": getattr(key, "replaces", None),
        "scopes": [Scope(scope).label for scope in key.scopes],
        "graces": GRACES,
        "history": history_of("api_key", key.prefix),
        "refused": refused,
        "secret": secret,
    }
    response = render(request, "dashboard/keys/detail.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response

"""Webhook endpoints: health, deliveries with every try, replay, new secrets."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from alerts.models import DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEvent
from alerts.selectors.notifications import webhook_deliveries, webhook_endpoints
from alerts.services.webhooks import (
    EndpointConflict,
    EndpointRefused,
    change_endpoint,
    delete_endpoint,
    new_endpoint,
    replay,
    replay_dead,
    rotate_secret,
    send_test,
)
from alerts.services.webhooks.replaying import ReplayRefused
from dashboard.access import requires
from dashboard.keyset import page
from users.roles import Ability

STATES = [choice for choice in DeliveryState.choices if choice[0] != DeliveryState.GATHERING]


@require_safe
@requires(Ability.MANAGE)
def listing(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_POST
@requires(Ability.MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    try:
        endpoint, secret = new_endpoint(
            **_given(request), acting_user=request.user, request_id=request.request_id
        )
    except EndpointRefused as refused:
        return _list(request, status=422, refused=refused)
    return _detail(request, endpoint, secret=secret)


@require_safe
@requires(Ability.MANAGE)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, _existing(pk))


@require_POST
@requires(Ability.MANAGE)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    _existing(pk)
    seen = request.POST.get("version", "")
    try:
        change_endpoint(
            pk,
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            active="active" in request.POST,
            acting_user=request.user,
            request_id=request.request_id,
            **_given(request),
        )
    except EndpointRefused as refused:
        return _detail(request, _existing(pk), status=422, refused=refused)
    except EndpointConflict as conflict:
        return _detail(request, _existing(pk), status=409, refused=conflict)
    messages.success(request, "Saved.")
    return redirect("dashboard:webhook", pk)


@require_POST
@requires(Ability.MANAGE)
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    _existing(pk)
    endpoint, secret = rotate_secret(pk, acting_user=request.user, request_id=request.request_id)
    return _detail(request, endpoint, secret=secret)


@require_POST
@requires(Ability.MANAGE)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _existing(pk)
    try:
        send_test(pk, acting_user=request.user, request_id=request.request_id)
    except EndpointRefused as refused:
        return _detail(request, endpoint, status=409, refused=refused)
    messages.success(request, "A test is on its way; its tries stand below in a moment.")
    return redirect("dashboard:webhook", pk)


@require_POST
@requires(Ability.MANAGE)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _existing(pk)
    delete_endpoint(pk, acting_user=request.user, request_id=request.request_id)
    messages.success(request, f"{endpoint} is deleted; nothing is sent to it any more.")
    return redirect("dashboard:webhooks")


@require_POST
@requires(Ability.MANAGE)
def replay_all(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = _existing(pk)
    try:
        count = replay_dead(pk, acting_user=request.user, request_id=request.request_id)
    except ReplayRefused as refused:
        return _detail(request, endpoint, status=409, refused=refused)
    messages.success(request, f"{count:,} deliveries are sent again.")
    return redirect("dashboard:webhook", pk)


@require_POST
@requires(Ability.MANAGE)
def replay_one(request: HttpRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("endpoint"), pk=pk)
    try:
        replay(pk, acting_user=request.user, request_id=request.request_id)
    except ReplayRefused as refused:
        return _detail(request, delivery.endpoint, status=409, refused=refused)
    messages.success(request, "It is sent again.")
    return redirect("dashboard:webhook", delivery.endpoint_id)


def _given(request: HttpRequest) -> dict:
    return {
        "url": request.POST.get("url", "").strip(),
        "events": request.POST.getlist("events"),
        "description": request.POST.get("description", ""),
    }


def _existing(pk: int) -> WebhookEndpoint:
    return get_object_or_404(webhook_endpoints(), pk=pk)


def _list(request: HttpRequest, status: int = 200, refused: EndpointRefused | None = None) -> HttpResponse:
    endpoints = list(webhook_endpoints())
    for endpoint in endpoints:
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint)
        endpoint.waiting = waiting.filter(state=DeliveryState.PENDING)[:10_000].count()
        endpoint.dead = waiting.filter(state=DeliveryState.DEAD)[:10_000].count()
    context = {
        "endpoints": endpoints,
        "events": WebhookEvent.choices,
        "refused": refused,
        "given": _given(request) if refused else {},
        "adding": bool(refused) or "new" in request.GET or not endpoints,
    }
    return render(request, "dashboard/webhooks/list.html", context, status=status)


def _detail(
    request: HttpRequest,
    endpoint: WebhookEndpoint,
    *,
    status: int = 200,
    refused: Exception | None = None,
    secret: str = "",
) -> HttpResponse:
    state = request.GET.get("state", "")
    found = webhook_deliveries(endpoint.pk)
    if state in DeliveryState.values:
        found = found.filter(state=state)
    dead = WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.DEAD)[:10_000].count()
    context = {
        "endpoint": endpoint,
        "events": WebhookEvent.choices,
        "page": page(found, ("id",), request.GET.get("after", "")),
        "state": state,
        "states": STATES,
        "dead": dead,
        "refused": refused,
        "secret": secret,
    }
    response = render(request, "dashboard/webhooks/detail.html", context, status=status)
    if secret:
        response["Cache-Control"] = "no-store"
    return response

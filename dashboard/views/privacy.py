"""Personal data: reviews that customers ask for, exports, erasures, and what is forgotten when."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from dashboard.keyset import page as keyset_page
from fraud_detection.models import Assessment, ErasureRequest, ReviewRequest, ReviewState
from fraud_detection.services.privacy import (
    ErasureConflict,
    ErasureRefused,
    SecondPerson,
    ask_erasure,
    carry_out_erasure,
    export_customer,
    retention_table,
    withdraw_erasure,
)
from fraud_detection.services.reviews import ReviewConflict, ReviewRefused, request_review, resolve_review
from users.models import Customer
from users.roles import Ability

NEWEST = 50
REFUSED = (ErasureConflict, ErasureRefused, SecondPerson, ReviewConflict, ReviewRefused)
STATES = {"open": ReviewState.OPEN, "upheld": ReviewState.UPHELD, "overturned": ReviewState.OVERTURNED}


@require_safe
@requires(Ability.READ)
def page(request: HttpRequest) -> HttpResponse:
    """Reviews for everybody who reads; erasures and retention for who may erase or audits."""
    state = request.GET.get("state", "open")
    state = state if state in STATES else "open"
    found = ReviewRequest.objects.select_related("customer", "assessment", "resolved_by")
    found = found.filter(state=STATES[state])
    context: dict[str, Any] = {
        "state": state,
        "states": ReviewState.choices,
        "page": keyset_page(found, ("id",), request.GET.get("after", "")),
        "overdue": ReviewRequest.objects.filter(state=ReviewState.OPEN, due_at__lt=timezone.now()).count(),
        "inside": request.user.can(Ability.PRIVACY) or request.user.can(Ability.READ_AUDIT),
    }
    if context["inside"]:
        context["erasures"] = ErasureRequest.objects.select_related("customer")[:NEWEST]
        context["retention"] = retention_table(timezone.now())
    return render(request, "dashboard/privacy/page.html", context)


@require_POST
@requires(Ability.LABEL)
def ask_review(request: HttpRequest, pk: int) -> HttpResponse:
    def ask() -> str:
        try:
            review, new = request_review(
                assessment_id=pk,
                reason=request.POST.get("reason", ""),
                actor_kind="user",
                actor=request.user.email,
                request_id=request.request_id,
            )
        except Assessment.DoesNotExist as missing:
            raise Http404 from missing
        return f"The review is {'asked for' if new else 'open already'}, due {review.due_at:%Y-%m-%d}."

    return _told(request, ask, "dashboard:decision", pk)


@require_POST
@requires(Ability.WORK_ALERTS)
def settle_review(request: HttpRequest, pk: int) -> HttpResponse:
    def settle() -> str:
        try:
            review = resolve_review(
                review_id=pk,
                outcome=request.POST.get("outcome", ""),
                note=request.POST.get("note", ""),
                acting_user=request.user,
                request_id=request.request_id,
            )
        except ReviewRequest.DoesNotExist as missing:
            raise Http404 from missing
        return f"The decision is {review.state}."

    return _told(request, settle, "dashboard:privacy")


@require_safe
@requires(Ability.PRIVACY)
def export(request: HttpRequest, pk: int) -> FileResponse:
    customer = get_object_or_404(Customer, pk=pk)
    archive = export_customer(
        customer, actor_kind="user", actor=request.user.email, request_id=request.request_id
    )
    return FileResponse(
        archive, as_attachment=True, filename=f"customer-{pk}.zip", content_type="application/zip"
    )


@require_POST
@requires(Ability.PRIVACY)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Customer, pk=pk)

    def ask() -> str:
        ask_erasure(
            customer_id=pk,
            reason=request.POST.get("reason", ""),
            acting_user=request.user,
            request_id=request.request_id,
        )
        return "The erasure waits for a second person, under Privacy."

    return _told(request, ask, "dashboard:customer", pk)


@require_POST
@requires(Ability.PRIVACY)
def change_erasure(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    act = {"carry_out": carry_out_erasure, "withdraw": withdraw_erasure}[what]
    get_object_or_404(ErasureRequest, pk=pk)

    def change() -> str:
        erasure = act(erasure_id=pk, acting_user=request.user, request_id=request.request_id)
        return f"{erasure}: {erasure.get_state_display().lower()}."

    return _told(request, change, "dashboard:privacy")


def _told(request: HttpRequest, act: Callable[[], str], *back: Any) -> HttpResponse:
    """Carries out and goes back; what is refused is said there."""
    try:
        messages.success(request, act())
    except REFUSED as refused:
        field = getattr(refused, "field", "")
        messages.error(request, f"{field}: {refused}" if field else str(refused))
    return redirect(*back)

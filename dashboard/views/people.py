"""People who work here: the list, one account, and what admins do to it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from dashboard.keyset import page
from logs.selectors import history_of
from users.models import User
from users.roles import Ability, Role
from users.selectors.people import STATES, filtered_people, open_invitations, people, sessions_of
from users.services.people import (
    OwnAccount,
    PersonConflict,
    PersonRefused,
    change_role,
    deactivate,
    end_everything,
    reactivate,
    reset_two_factor,
    unlock,
)


@require_safe
@requires(Ability.READ_AUDIT)
def listing(request: HttpRequest) -> HttpResponse:
    return list_page(request)


def list_page(request: HttpRequest, status: int = 200, **shown: Any) -> HttpResponse:
    """The list; `shown` adds what an invitation has to tell: refused, given, invitation, link."""
    now = timezone.now()
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:254] for name in ("q", "role", "state")}
    found = filtered_people(people(now), text=asked["q"], role=asked["role"], state=asked["state"])
    context = {
        "page": page(found, ("id",), request.GET.get("after", "")),
        "asked": asked,
        "roles": Role.choices,
        "states": STATES,
        "invitations": open_invitations(now)[:100],
        "inviting": "refused" in shown or "invite" in request.GET,
        **shown,
    }
    response = render(request, "dashboard/people/list.html", context, status=status)
    if shown.get("link"):
        response["Cache-Control"] = "no-store"
    return response


@require_safe
@requires(Ability.READ_AUDIT)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, pk)


@require_POST
@requires(Ability.MANAGE)
def role(request: HttpRequest, pk: int) -> HttpResponse:
    given = {"role": request.POST.get("role", ""), "seen": request.POST.get("seen", "")}
    return _done(request, pk, change_role, "{0} is {0.role} now; their tokens ended.", **given)


@require_POST
@requires(Ability.MANAGE)
def switch_off(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, deactivate, "{0} is let in no more; sessions and tokens ended.")


@require_POST
@requires(Ability.MANAGE)
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, reactivate, "{0} may sign in again.")


@require_POST
@requires(Ability.MANAGE)
def forget_two_factor(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(
        request, pk, reset_two_factor, "The second factors of {0} are forgotten; they were signed out."
    )


@require_POST
@requires(Ability.MANAGE)
def lift_lock(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, unlock, "{0} may try to sign in again.")


@require_POST
@requires(Ability.MANAGE)
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, end_everything, "All sessions and tokens of {0} ended.")


def _done(request: HttpRequest, pk: int, deed: Callable[..., Any], told: str, **given: str) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    try:
        deed(pk, acting_user=request.user, request_id=request.request_id, **given)
    except OwnAccount as refused:
        return _detail(request, pk, status=403, refused=refused)
    except PersonRefused as refused:
        return _detail(request, pk, status=422, refused=refused)
    except PersonConflict as conflict:
        return _detail(request, pk, status=409, refused=conflict)
    person.refresh_from_db()
    messages.success(request, told.format(person))
    return redirect("dashboard:people_one", pk)


def _detail(
    request: HttpRequest, pk: int, *, status: int = 200, refused: Exception | None = None
) -> HttpResponse:
    now = timezone.now()
    person = get_object_or_404(people(now), pk=pk)
    context = {
        "person": person,
        "is_own": person.pk == request.user.pk,
        "roles": Role.choices,
        "sessions": sessions_of(person, now),
        "history": history_of("user", str(pk)),
        "refused": refused,
    }
    return render(request, "dashboard/people/detail.html", context, status=status)

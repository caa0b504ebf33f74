"""Inviting people: a link by mail or shown once, and taking it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from dashboard.access import requires
from dashboard.views.people import list_page
from users.models import Invitation
from users.roles import Ability
from users.services.invitations import (
    InvitationRefused,
    InvitationSpent,
    invite,
    link_of,
    mail_invitation,
    withdraw,
)


@require_POST
@requires(Ability.MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    email, role = request.POST.get("email", ""), request.POST.get("role", "")
    try:
        invitation, raw = invite(email, role, request.user, request_id=request.request_id)
    except InvitationRefused as refused:
        return list_page(request, status=422, refused=refused, given=request.POST)
    by_mail = request.POST.get("how") == "mail"
    if by_mail and mail_invitation(invitation, raw):
        messages.success(request, f"{invitation.email} was sent a link that works once within a week.")
        return redirect("dashboard:people")
    return list_page(request, invitation=invitation, link=link_of(raw), not_mailed=by_mail)


@require_POST
@requires(Ability.MANAGE)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Invitation, pk=pk)
    try:
        taken = withdraw(pk, acting_user=request.user, request_id=request.request_id)
    except InvitationSpent as spent:
        messages.error(request, str(spent))
    else:
        messages.success(request, f"The invitation of {taken.email} opens nothing any more.")
    return redirect("dashboard:people")

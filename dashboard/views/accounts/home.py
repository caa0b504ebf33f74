"""One's own account: name, and the way to everything else."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from users.services.profiles import NameRefused, set_own_name


def page(request: HttpRequest) -> HttpResponse:
    problem = None
    if request.method == "POST":
        try:
            set_own_name(
                request.POST.get("name", ""), acting_user=request.user, request_id=request.request_id
            )
        except NameRefused as error:
            problem = str(error)
        else:
            messages.success(request, "Saved.")
            return redirect("dashboard:account")
    context = _standing(request) | {"problem": problem, "typed": request.POST.get("name")}
    return render(request, "dashboard/account/home.html", context, status=422 if problem else 200)


def _standing(request: HttpRequest) -> dict:
    kinds = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    return {
        "has_app": "totp" in kinds,
        "passkeys": kinds.count("webauthn"),
        "sessions": len(UserSession.objects.purge_and_list(request.user)),
        "oidc": settings.OIDC_ENABLED,
        "oidc_name": settings.OIDC_NAME,
        "connected": SocialAccount.objects.filter(user=request.user).exists(),
        "needed": request.user.role in settings.TWO_FACTOR_ROLES,
    }

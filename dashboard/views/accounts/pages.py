"""django-allauth's pages that need a word of ours around them."""

import structlog
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from users.accounts.invited import keep_invitation
from users.accounts.single_sign_on import CheckingAdapter, ProviderAway
from users.services.invitations import InvitationRefused
from users.services.sign_ins import record_person

log = structlog.get_logger(__name__)


def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The link of an invitation: on to registering, without the secret in the address."""
    if request.user.is_authenticated:
        messages.info(request, "You are signed in. Sign out first to use an invitation.")
        return redirect("dashboard:overview")
    try:
        found = keep_invitation(request, secret)
    except InvitationRefused as error:
        return render(request, "account/invitation_refused.html", {"why": str(error)}, status=404)
    request.session["account_verified_email"] = found.email  # the mail with the link reached them
    return redirect("account_signup")


def set_password(request: HttpRequest) -> HttpResponse:
    """Somebody without a password came by single sign-on, where theirs is kept."""
    messages.info(request, f"You sign in by {settings.OIDC_NAME}; your password is kept there.")
    return redirect("dashboard:account")


def view_recovery_codes(request: HttpRequest) -> HttpResponse:
    return _recorded(request, recovery_codes.view_recovery_codes(request))


def download_recovery_codes(request: HttpRequest) -> HttpResponse:
    return _recorded(request, recovery_codes.download_recovery_codes(request))


def _recorded(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code == 200:
        record_person("recovery_codes.viewed", request.user, request)
    return response


def sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Connecting begins at a page of ours: a link elsewhere must not join a stranger's sign-on to an account.

    Every browser of today says where it was led from, and no page can make it say otherwise.
    """
    led_from = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.GET.get("process") == "connect" and led_from != "same-origin":
        return redirect("socialaccount_connections")
    return _provider(request, OAuth2LoginView, provider_id)


def signed_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _provider(request, OAuth2CallbackView, provider_id)


def _provider(request: HttpRequest, view: type, provider_id: str) -> HttpResponse:
    try:
        return view.adapter_view(CheckingAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except ProviderAway as error:
        log.error("single_sign_on_away", error=str(error))
        return render(request, "socialaccount/authentication_error.html", status=502)


def sign_on_refused(request: HttpRequest) -> HttpResponse:
    """django-allauth would ask for another e-mail here; ours is the provider's or none."""
    context = {"why": "taken", "name": settings.OIDC_NAME}
    return render(request, "socialaccount/refused.html", context, status=409)

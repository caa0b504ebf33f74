"""Signing in and out."""

from allauth.account.internal.flows import logout
from allauth.account.views import LoginView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views import View

from users.accounts.forms import SignInForm


class SignIn(LoginView):
    """E-mail and password, or a passkey, or single sign-on; who has a second factor is asked for it next.

    Too many failures lock the pair of name and address for a while.
    """

    template_name = "dashboard/login.html"

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {
            "next": self.get_next_url() or "",
            "single_sign_on": sign_on_address(self.get_next_url()) if settings.OIDC_ENABLED else "",
            "sign_on_name": settings.OIDC_NAME,
            "registration": settings.REGISTRATION,
        }

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        if not getattr(self.request, "axes_locked_out", False):
            return super().form_invalid(form)
        self.request.axes_locked_out = False  # the middleware would answer with a bare text instead
        return self.render_to_response(self.get_context_data(form=form, locked=True), status=429)


class SignOut(View):
    """POST only; back to the sign-in page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        logout.logout(request, show_message=False)
        return redirect("dashboard:login")


def sign_on_address(next_url: str | None, process: str = "") -> str:
    """Where single sign-on begins."""
    query = {name: value for name, value in (("next", next_url), ("process", process)) if value}
    address = reverse("openid_connect_login", kwargs={"provider_id": "sso"})
    return f"{address}?{urlencode(query)}" if query else address

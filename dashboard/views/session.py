"""Signing in and out."""

from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse


class SignIn(views.LoginView):
    """E-mail and password; too many failures lock the pair of name and address for a while."""

    template_name = "dashboard/login.html"
    authentication_form = AuthenticationForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if getattr(self.request, "axes_locked_out", False):
            self.request.axes_locked_out = False  # the middleware would answer with a bare text instead
            response = self.render_to_response(self.get_context_data(form=form, locked=True))
            response.status_code = 429
        return response


class SignOut(views.LogoutView):
    """POST only; back to the sign-in page."""

    next_page = "dashboard:login"

"""The admin site: own passwords are changed with an audit event, the signed-in without access are told so."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from users.password_audit import password_audit
from users.services.sign_ins import record_sign_out


class AuditedAdminSite(UnfoldAdminSite):
    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Somebody who is signed in without access needs to hear that, not to be asked to sign in again."""
        if request.method == "GET" and request.user.is_authenticated and not self.has_permission(request):
            return TemplateResponse(request, "admin/no_access.html", status=403)
        # One way in: the dashboard's, which asks for the second factor.
        return secure_admin_login(super().login)(request, extra_context)

    @method_decorator(never_cache)
    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        user = request.user
        response = super().logout(request, extra_context)
        record_sign_out(user, request)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with password_audit(request, request.user):
            return super().password_change(request, extra_context)

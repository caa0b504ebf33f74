"""The admin site with an audit event where people change their own password."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite

from users.password_audit import password_audit


class AuditedAdminSite(UnfoldAdminSite):
    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with password_audit(request, request.user):
            return super().password_change(request, extra_context)

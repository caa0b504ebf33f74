"""Cases in the admin site: assigned and closed by the same services, with the same second person."""

from django import forms
from django.contrib import admin, messages
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from alerts.models import (
    Case,
    CaseAlert,
    CaseComment,
    CaseFile,
    CaseNarrative,
    CaseReport,
    CaseRule,
    CaseTask,
    Disposition,
)
from alerts.services.cases.closing import VERDICTS, approve_closing, close_case
from alerts.services.cases.errors import CaseConflict, CaseRefused, SecondPersonNeeded
from alerts.services.cases.rule_editing import save_case_rule
from alerts.services.cases.working import assign_case
from users.admin_access import RoleAdmin
from users.roles import Ability

REFUSALS = (CaseConflict, CaseRefused, SecondPersonNeeded)


class CloseForm(forms.Form):
    """No verdict is chosen beforehand: that would bias."""

    verdict = forms.ChoiceField(
        choices=[("", "Choose a verdict"), *((v.value, Disposition(v).label) for v in VERDICTS)],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), label="Reason", max_length=4000
    )


@admin.register(Case)
class CaseAdmin(RoleAdmin):
    """Cases are worked by actions; fields are never edited directly."""

    by_actions_only = True
    list_display = ("__str__", "title", "customer", "severity", "status", "assignee", "due_at", "verdict")
    list_filter = ("status", "severity", "verdict")
    search_fields = ("title", "=customer__external_id")
    list_select_related = ("customer", "assignee")
    actions = ("assign_to_me", "close", "approve")

    def has_add_permission(self, request) -> bool:
        return False

    @admin.action(description="Assign the selected cases to me", permissions=["change"])
    def assign_to_me(self, request, queryset) -> None:
        self._each(request, queryset, "assigned to you", assign_case, assignee=request.user)

    @admin.action(description="Approve the proposed closings", permissions=["change"])
    def approve(self, request, queryset) -> None:
        self._each(request, queryset, "closed", approve_closing)

    @admin.action(description="Close the selected cases", permissions=["change"])
    def close(self, request, queryset) -> TemplateResponse | None:
        form = CloseForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            verdict = form.cleaned_data
            self._each(request, queryset, "closed or proposed to a second person", close_case, **verdict)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Close cases",
            "cases": queryset,
            "form": form,
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/alerts/case/close.html", context)

    def _each(self, request, queryset, done: str, service, **options) -> None:
        """Call a service for each; what it refuses is said and the others go on."""
        count = 0
        for case in queryset:
            seen = request.POST.get(f"version_{case.pk}", str(case.version))
            try:
                service(
                    case_id=case.pk,
                    acting_user=request.user,
                    seen_version=int(seen) if seen.isdigit() and len(seen) < 10 else -1,
                    request_id=request.request_id,
                    **options,
                )
                count += 1
            except REFUSALS as refused:
                self.message_user(request, str(refused), messages.ERROR)
        if count:
            self.message_user(request, f"{count} {done}")


class SeenOnly(RoleAdmin):
    """Written by services alone."""

    editable = False


@admin.register(CaseAlert)
class CaseAlertAdmin(SeenOnly):
    list_display = ("case", "alert", "held", "added_by", "added_at")
    list_select_related = ("case", "alert")


@admin.register(CaseTask)
class CaseTaskAdmin(SeenOnly):
    list_display = ("title", "case", "assignee", "due_at", "done_at")
    list_select_related = ("case", "assignee")


@admin.register(CaseComment)
class CaseCommentAdmin(SeenOnly):
    list_display = ("__str__", "case", "author", "written_at")
    list_select_related = ("case", "author")


@admin.register(CaseFile)
class CaseFileAdmin(SeenOnly):
    list_display = ("name", "case", "size", "sha256", "added_by", "added_at")
    list_select_related = ("case",)
    exclude = ("stored",)


@admin.register(CaseNarrative)
class CaseNarrativeAdmin(SeenOnly):
    list_display = ("__str__", "written_by", "written_at")


@admin.register(CaseReport)
class CaseReportAdmin(SeenOnly):
    """Not there for people who may not know of reports."""

    list_display = ("__str__", "case", "state", "due_on", "changed_by")
    list_filter = ("state",)
    list_select_related = ("case",)

    def has_view_permission(self, request, obj=None) -> bool:
        return super().has_view_permission(request, obj) and request.user.can(Ability.READ_REPORTS)

    def has_module_permission(self, request) -> bool:
        return super().has_module_permission(request) and request.user.can(Ability.READ_REPORTS)


@admin.register(CaseRule)
class CaseRuleAdmin(RoleAdmin):
    """Rules by which alerts join cases: data, changed here by admins."""

    list_display = ("name", "enabled", "engine", "min_severity", "min_alerts", "within_days", "changed_by")
    list_filter = ("enabled",)
    readonly_fields = ("changed_by", "version")

    def save_model(self, request, obj, form, change) -> None:
        save_case_rule(rule=obj, acting_user=request.user, request_id=request.request_id)

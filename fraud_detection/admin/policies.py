"""Policies: drafted by one, put in force by another."""

from django import forms
from django.contrib import admin, messages

from fraud_detection.models import (
    EngineState,
    PolicyVersion,
)
from fraud_detection.services.policies import (
    PolicyRefused,
    activate_policy,
    check_release,
    draft_policy,
    policy_in_force,
)
from users.admin_access import RoleAdmin


class PolicyForm(forms.ModelForm):
    """The present policy of an engine with other thresholds; `reason` goes into the audit trail."""

    reason = forms.CharField(max_length=500)

    class Meta:
        model = PolicyVersion
        fields = ("engine", "review_from", "decline_from", "fail_decision", "release_share")

    def clean(self) -> dict:
        given = super().clean()
        if {"engine", "release_share"} <= given.keys():
            try:
                policy_in_force(given["engine"])
                check_release(given["engine"], given["release_share"])
            except PolicyRefused as refused:
                self.add_error("engine" if "engine" in str(refused) else "release_share", str(refused))
        return given


@admin.register(PolicyVersion)
class PolicyVersionAdmin(RoleAdmin):
    """Drafted by one, put in force by another; what stands is never edited."""

    by_actions_only = True
    form = PolicyForm
    list_display = ("__str__", *PolicyForm.Meta.fields[1:], "author", "created_at")
    list_filter = ("engine",)
    actions = ("put_in_force",)

    def get_fields(self, request, obj=None) -> tuple[str, ...]:
        return (*PolicyForm.Meta.fields, *(("settings", "author", "created_at") if obj else ("reason",)))

    def save_model(self, request, obj: PolicyVersion, form: forms.ModelForm, change: bool) -> None:
        given = dict(form.cleaned_data)
        version = draft_policy(given.pop("engine"), author=request.user.email, **given)
        obj.pk, obj.number = version.pk, version.number

    @admin.action(description="Put in force (approved by you)", permissions=["change"])
    def put_in_force(self, request, queryset) -> None:
        if len(queryset) != 1:
            self.message_user(request, "Choose one policy", messages.ERROR)
            return
        try:
            activate_policy(queryset[0], approved_by=request.user.email)
        except PolicyRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, f"{queryset[0]} decides within 5 seconds in every process")


@admin.register(EngineState)
class EngineStateAdmin(RoleAdmin):
    editable = False
    list_display = ("engine", "rule_set", "policy", "model", "revision")

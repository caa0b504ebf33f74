"""Batch jobs, to be looked at; schedules of scoring, to be managed."""

from django import forms
from django.contrib import admin, messages

from fraud_detection.models import BatchJob, JobChunk, Rescoring, ScheduleRun, ScoringSchedule
from fraud_detection.services.schedules import ScheduleConflict, change_schedule, make_schedule, run_now
from fraud_detection.services.schedules.calendar import CronRefused, check_cron
from users.admin_access import RoleAdmin


@admin.register(BatchJob)
class BatchJobAdmin(RoleAdmin):
    editable = False
    list_display = ("id", "filename", "engine", "state", "priority", "rows_done", "rows_total", "created_by")
    list_filter = ("state", "engine", "priority")


@admin.register(JobChunk)
class JobChunkAdmin(RoleAdmin):
    editable = False
    list_display = ("job", "number", "rows", "stored", "repeated", "failed", "begun", "done_at")
    list_select_related = ("job",)


@admin.register(ScheduleRun)
class ScheduleRunAdmin(RoleAdmin):
    editable = False
    list_display = ("schedule", "due_at", "state", "scored", "changed", "hits", "skipped")
    list_filter = ("state", "schedule")


@admin.register(Rescoring)
class RescoringAdmin(RoleAdmin):
    editable = False
    list_display = ("run", "assessment", "before_score", "risk_score", "before_decision", "decision")
    list_select_related = ("run__schedule", "assessment")
    show_full_result_count = False


class ScheduleForm(forms.ModelForm):
    """A schedule; `seen` is the version that the form was made of."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ScoringSchedule
        fields = ("name", "kind", "cron", "days", "enabled")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version if self.instance.pk else None

    def clean_cron(self) -> str:
        try:
            return check_cron(self.cleaned_data["cron"])
        except CronRefused as refused:
            raise forms.ValidationError(str(refused)) from refused

    def clean(self) -> dict:
        given = super().clean()
        if self.instance.pk and ScoringSchedule.objects.get(pk=self.instance.pk).version != given.get("seen"):
            raise forms.ValidationError("It was changed meanwhile; open it again.")
        return given


@admin.register(ScoringSchedule)
class ScoringScheduleAdmin(RoleAdmin):
    form = ScheduleForm
    list_display = ("name", "kind", "cron", "enabled", "next_run_at")
    list_filter = ("enabled", "kind")
    fields = ("name", "kind", "cron", "days", "enabled", "seen")
    actions = ("run_at_once",)

    def save_model(self, request, obj: ScoringSchedule, form: forms.ModelForm, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in ScheduleForm.Meta.fields}
        given["acting_user"] = request.user
        if change:
            saved = change_schedule(schedule_id=obj.pk, seen_version=form.cleaned_data["seen"], **given)
        else:
            saved = make_schedule(**given)
        obj.pk = saved.pk

    @admin.action(description="Run now", permissions=["change"])
    def run_at_once(self, request, queryset) -> None:
        for schedule in queryset:
            try:
                run_now(schedule_id=schedule.pk, acting_user=request.user)
            except ScheduleConflict as conflict:
                self.message_user(request, str(conflict), messages.ERROR)
            else:
                self.message_user(request, f"A run of {schedule} is queued")

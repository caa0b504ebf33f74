"""What the actions on alerts ask for before they are carried out."""

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from alerts.models import Disposition
from users.models import User


def _reason(label: str = "Reason", longest: int = 500) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})
    return forms.CharField(widget=widget, label=label, max_length=longest)


class ResolveForm(forms.Form):
    """No verdict is chosen beforehand: that would bias."""

    disposition = forms.ChoiceField(
        choices=[("", "Choose a verdict"), *Disposition.choices],
        widget=UnfoldAdminSelectWidget,
        label="Verdict",
    )
    note = _reason(longest=4000)
    duplicate_of = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        widget=UnfoldAdminIntegerFieldWidget,
        label="Duplicate of A-",
    )


class AssignForm(forms.Form):
    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody", widget=UnfoldAdminSelectWidget
    )
    reason = forms.CharField(required=False, max_length=500, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, role__in=("admin", "analyst"))
        self.fields["assignee"].queryset = people.order_by("email")


class SnoozeForm(forms.Form):
    until = forms.DateTimeField(
        widget=UnfoldAdminTextInputWidget, label="Until", help_text="2026-03-02 17:00, in your time zone"
    )
    reason = _reason()


class ReopenForm(forms.Form):
    reason = _reason()

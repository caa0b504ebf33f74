"""Forms that differ from django-allauth's: field names that others rely on, codes good once, lockout."""

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.forms import LoginForm, ResetPasswordForm, SignupForm
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as two_factor
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator

from users.accounts.invited import invitation_of
from users.models import User
from users.services.second_factor import spend_code
from users.services.sign_ins import SignInLocked, count_failed_code, refuse_locked

LONGEST_PASSWORD = 1024  # hashing takes as long as the password


class SignInForm(LoginForm):
    """E-mail and password, named `username` and `password` as everywhere else."""

    username = forms.CharField(max_length=254)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["login"]
        self.fields["password"].validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def user_credentials(self) -> dict[str, str]:
        name = self.cleaned_data["username"].strip().lower()
        return {"username": name, "password": self.cleaned_data["password"]}

    def _clean_with_password(self, credentials: dict[str, str]) -> dict:
        adapter = account_adapter(self.request)
        self.user = adapter.authenticate(self.request, **credentials)
        if self.user is None:
            raise adapter.validation_error("email_password_mismatch")
        self._login = Login(user=self.user)
        return self.cleaned_data


class RegistrationForm(SignupForm):
    """Somebody makes themselves an account."""

    name = forms.CharField(max_length=150, required=False)
    field_order = ("email", "name", "password1", "password2")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].validators.append(MaxLengthValidator(LONGEST_PASSWORD))

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        invitation, domains = invitation_of(context.request), settings.REGISTRATION_DOMAINS
        if invitation is not None and email != invitation.email:
            raise account_adapter().validation_error("invited_other")
        if invitation is None and domains and email.rpartition("@")[2] not in domains:
            raise account_adapter().validation_error("domain")
        return super().clean_email()


class ForgottenPasswordForm(ResetPasswordForm):
    """Only the address that an account has now counts, not one it had before."""

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        self.users = list(User.objects.filter(email=email, is_active=True))
        return email


def code_of(user: User, code: str):
    """The factor that the code belongs to; a form error when it is wrong, spent or too many were."""
    try:
        refuse_locked(user, context.request)
    except SignInLocked:
        raise get_adapter().validation_error("locked") from None
    found = spend_code(user, code)
    if found is None:
        count_failed_code(user, context.request)
        context.request.axes_locked_out = False  # the page says it, not a bare text of the middleware
        raise get_adapter().validation_error("incorrect_code")
    return found


class CodeForm(two_factor.AuthenticateForm):
    """The second step of signing in."""

    code = forms.CharField(max_length=64)

    def clean_code(self) -> str:
        self.authenticator = code_of(self.user, self.cleaned_data["code"])
        return self.cleaned_data["code"]


class ReauthenticateForm(two_factor.ReauthenticateForm):
    """A code before something delicate is changed."""

    code = forms.CharField(max_length=64)

    def clean_code(self) -> str:
        self.authenticator = code_of(self.user, self.cleaned_data["code"])
        return self.cleaned_data["code"]


class AddPasskeyForm(AddWebAuthnForm):
    name = forms.CharField(max_length=60, required=False)

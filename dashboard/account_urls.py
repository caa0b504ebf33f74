"""Addresses of people's own accounts, under the names that django-allauth looks for."""

from allauth.account import views as account
from allauth.mfa.base import views as two_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.urls import path, re_path
from django.views.generic import RedirectView, TemplateView

from dashboard.views import session
from dashboard.views.accounts import pages, sessions
from dashboard.views.accounts.guarding import POST, READ, entrance, own

FAILED = "socialaccount/authentication_error.html"
SSO = {"provider_id": "sso"}
KEY = r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$"

urlpatterns = [
    path("login/", session.SignIn.as_view(), name="account_login"),
    path("logout/", session.SignOut.as_view(), name="account_logout"),
    path("account/register/", entrance(account.signup), name="account_signup"),
    path("account/invitation/<str:secret>/", entrance(pages.invitation, READ), name="account_invitation"),
    path("account/inactive/", entrance(account.account_inactive, READ), name="account_inactive"),
    path("account/reauthenticate/", own(account.reauthenticate), name="account_reauthenticate"),
    path(
        "account/confirm-email/",
        entrance(account.EmailVerificationSentView.as_view(), READ),
        name="account_email_verification_sent",
    ),
    path("account/confirm-email/<str:key>/", entrance(account.confirm_email), name="account_confirm_email"),
    path("account/password/", own(account.password_change), name="account_change_password"),
    path("account/password/set/", own(pages.set_password, READ), name="account_set_password"),
    path("account/password/reset/", entrance(account.password_reset), name="account_reset_password"),
    path(
        "account/password/reset/sent/",
        entrance(account.password_reset_done, READ),
        name="account_reset_password_done",
    ),
    re_path(KEY, entrance(account.password_reset_from_key), name="account_reset_password_from_key"),
    path(
        "account/password/reset/done/",
        entrance(account.password_reset_from_key_done, READ),
        name="account_reset_password_from_key_done",
    ),
    path("account/two-factor/", own(two_factor.index, READ), name="mfa_index"),
    path("account/two-factor/sign-in/", entrance(two_factor.authenticate), name="mfa_authenticate"),
    path("account/reauthenticate/code/", own(two_factor.reauthenticate), name="mfa_reauthenticate"),
    path(
        "account/reauthenticate/passkey/",
        own(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/two-factor/app/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("account/two-factor/app/remove/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "account/two-factor/recovery-codes/",
        own(pages.view_recovery_codes, READ),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/two-factor/recovery-codes/new/",
        own(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/two-factor/recovery-codes/download/",
        own(pages.download_recovery_codes, READ),
        name="mfa_download_recovery_codes",
    ),
    path(
        "account/two-factor/passkeys/",
        own(RedirectView.as_view(pattern_name="mfa_index"), READ),
        name="mfa_list_webauthn",
    ),
    path("account/two-factor/passkeys/add/", own(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/two-factor/passkeys/<int:pk>/", own(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "account/two-factor/passkeys/<int:pk>/remove/",
        own(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path("account/passkey-sign-in/", entrance(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("account/sessions/", own(sessions.listing), name="usersessions_list"),
    path("account/sessions/<int:pk>/end/", own(sessions.end, POST), name="account_session_end"),
    path("account/sso/", own(social.connections), name="socialaccount_connections"),
    path("account/sso/login/", entrance(pages.sign_on, READ), SSO, name="openid_connect_login"),
    path("account/sso/callback/", entrance(pages.signed_on, READ), SSO, name="openid_connect_callback"),
    path(
        "account/sso/error/",
        entrance(TemplateView.as_view(template_name=FAILED), READ),
        name="socialaccount_login_error",
    ),
    path(
        "account/sso/cancelled/", entrance(social.login_cancelled, READ), name="socialaccount_login_cancelled"
    ),
    path("account/sso/refused/", entrance(pages.sign_on_refused, READ), name="socialaccount_signup"),
]

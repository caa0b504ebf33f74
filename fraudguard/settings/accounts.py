"""How people come in: registration, two-factor, passkeys, single sign-on. Lockout stands in security."""

import re
from urllib.parse import urlsplit

from fraudguard.environment import PRODUCTION, choice, flag, names, refuse, text
from users.roles import Role

# Who may make themselves an account: anybody, only whom an admin invited, or nobody.
REGISTRATION = choice("REGISTRATION", "invite", ("open", "invite", "off"))
REGISTRATION_ROLE = choice("REGISTRATION_ROLE", "analyst", (Role.ANALYST, Role.AUDITOR))
REGISTRATION_DOMAINS = [domain.lower() for domain in names("REGISTRATION_DOMAINS")]

TWO_FACTOR_ROLES = names("TWO_FACTOR_ROLES")
for _role in TWO_FACTOR_ROLES:
    if _role not in Role.values:
        refuse("TWO_FACTOR_ROLES", f"{_role!r} is no role", f"Choose among {', '.join(Role.values)}")

ACCOUNT_ADAPTER = "users.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # for those who registered by themselves: users.accounts.stages
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "FraudGuard: "
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_HOURS
ACCOUNT_LOGOUT_REDIRECT_URL = "dashboard:login"
ACCOUNT_FORMS = {
    "login": "users.accounts.forms.SignInForm",
    "signup": "users.accounts.forms.RegistrationForm",
    "reset_password": "users.accounts.forms.ForgottenPasswordForm",
}
# Guesses of passwords and codes are counted by axes in the database, which is there when the store is not.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}

MFA_ADAPTER = "users.accounts.two_factor.TwoFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "FraudGuard"
MFA_TOTP_TOLERANCE = 1  # a clock half a minute off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # who registered by themselves cannot sign in before verifying
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost
MFA_RATE_LIMITS = {"webauthn_login": None}  # nothing of a passkey can be guessed
MFA_FORMS = {
    "authenticate": "users.accounts.forms.CodeForm",
    "reauthenticate": "users.accounts.forms.ReauthenticateForm",
    "add_webauthn": "users.accounts.forms.AddPasskeyForm",
}

OIDC_ISSUER = text("OIDC_ISSUER").rstrip("/")
OIDC_CLIENT_ID = text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = text("OIDC_CLIENT_SECRET")
OIDC_NAME = text("OIDC_NAME", "single sign-on")
OIDC_ROLE_CLAIM = text("OIDC_ROLE_CLAIM")
OIDC_DEFAULT_ROLE = text("OIDC_DEFAULT_ROLE")
OIDC_LINK_BY_EMAIL = flag("OIDC_LINK_BY_EMAIL", False)
OIDC_ENABLED = bool(OIDC_ISSUER)
if OIDC_ENABLED and (not OIDC_CLIENT_ID or not OIDC_CLIENT_SECRET):
    refuse(
        "OIDC_CLIENT_ID",
        "OIDC_ISSUER is set without id or secret",
        "Set OIDC_CLIENT_ID and OIDC_CLIENT_SECRET",
    )
_issuer = urlsplit(OIDC_ISSUER)
_near = not PRODUCTION and _issuer.hostname in ("localhost", "127.0.0.1")
if OIDC_ENABLED and not _near and (_issuer.scheme != "https" or not _issuer.hostname):
    refuse("OIDC_ISSUER", f"{OIDC_ISSUER!r} is no https address", "Give one, e.g. https://id.example.com")
if OIDC_DEFAULT_ROLE and OIDC_DEFAULT_ROLE not in (Role.ANALYST, Role.AUDITOR):
    refuse(
        "OIDC_DEFAULT_ROLE",
        f"{OIDC_DEFAULT_ROLE!r} is not possible",
        "Use analyst, auditor or leave it empty",
    )
# What a value of the claim means here, written value=role; the strongest of several counts.
OIDC_ROLES: dict[str, str] = {}
for _pair in names("OIDC_ROLES"):
    _value, _, _role = _pair.rpartition("=")
    if not re.fullmatch(r"\S.*", _value) or _role not in Role.values:
        refuse(
            "OIDC_ROLES", f"{_pair!r} is no value=role", "Write it like fraud-admins=admin,fraud-team=analyst"
        )
    OIDC_ROLES[_value] = _role

SOCIALACCOUNT_ADAPTER = "users.accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # an unverified e-mail is refused before
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would be stopped by form-action on its way to the provider
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ENABLED
        else [],
    }
}

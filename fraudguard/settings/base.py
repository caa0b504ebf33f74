"""What every Django project sets: apps, middleware, templates, languages, static files."""

from zoneinfo import available_timezones

from fraudguard.environment import BASE_DIR, PRODUCTION, PROFILE, flag, number, refuse, text

DEBUG = flag("DEBUG", False)
if DEBUG and PRODUCTION:
    refuse("DEBUG", "it is on in production", "Set DEBUG=false")
PORT = number("PORT", 8000, 1, 65534)
LIVE_PORT = number("LIVE_PORT", PORT + 1, 1, 65535)
LIVE_SAME_ORIGIN = flag("LIVE_SAME_ORIGIN", PRODUCTION)
VAR_DIR = BASE_DIR / "var"
FRAUDGUARD_PROFILE = PROFILE

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # its templates and forms; the site is ours
    "users.apps.SiteConfig",
    "users",  # before Django's auth, whose changepassword ours replaces
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "channels",
    "django_htmx",
    "transactions",
    "alerts",
    "logs",
    "fraud_detection",
    "dashboard",
    "api",
    # After the dashboard, whose pages replace theirs.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "logs.middleware.RequestIdMiddleware",
    "api.metrics.RequestMetrics",
    "django.middleware.security.SecurityMiddleware",
    "fraudguard.security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "axes.middleware.AxesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "users.accounts.gate.TwoFactorGate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "fraudguard.urls"
WSGI_APPLICATION = "fraudguard.wsgi.application"
ASGI_APPLICATION = "fraudguard.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
UNFOLD = {
    "SITE_TITLE": "FraudGuard",
    "SITE_HEADER": "FraudGuard",
    "SITE_FAVICONS": [{"rel": "icon", "href": "/favicon.ico", "sizes": "32x32"}],
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"
LOGIN_URL = "dashboard:login"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = text("LANGUAGE_CODE", "en-us")
TIME_ZONE = text("TIME_ZONE", "UTC")
if TIME_ZONE not in available_timezones():
    refuse("TIME_ZONE", f"{TIME_ZONE!r} is no time zone", "Use a name such as UTC or Europe/Lisbon")
    TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Locally files come from the apps themselves; production serves what collectstatic compressed and hashed.
WHITENOISE_USE_FINDERS = not PRODUCTION
_FILES = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _FILES},
}

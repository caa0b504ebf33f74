"""Secrets, hosts, cookies, passwords, lockout and transport security."""

from fraudguard.environment import BASE_DIR, PRODUCTION, flag, names, number, refuse, text
from fraudguard.secret import local_secret

LOCAL_SECRET = "local-development-secret-that-production-refuses-to-start-with"  # earlier versions' default


def _own_secret() -> str:
    path = BASE_DIR / "var" / "secret_key"
    try:
        return local_secret(path)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not a text"
        refuse("SECRET_KEY", f"it is not set, and {path} cannot be used: {why}", "Set it, or mend that file")
        return LOCAL_SECRET  # never used: the start ends


SECRET_KEY = text("SECRET_KEY") or ("" if PRODUCTION else _own_secret())
_HOW = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
if not SECRET_KEY:
    refuse("SECRET_KEY", "it is not set", _HOW)
elif PRODUCTION and (SECRET_KEY == LOCAL_SECRET or SECRET_KEY.startswith(("change", "django-insecure"))):
    refuse("SECRET_KEY", "the default one is set in production", _HOW)
elif PRODUCTION and (len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5):
    refuse("SECRET_KEY", "it is shorter than 50 characters or has fewer than 5 different ones", _HOW)

SECRET_KEY_FALLBACKS = names("SECRET_KEY_FALLBACKS")
if PRODUCTION and any(len(key) < 50 for key in SECRET_KEY_FALLBACKS):
    refuse(
        "SECRET_KEY_FALLBACKS", "one is shorter than 50 characters", "List former values of SECRET_KEY only"
    )

ALLOWED_HOSTS = names("DJANGO_ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
if PRODUCTION and not ALLOWED_HOSTS:
    refuse("DJANGO_ALLOWED_HOSTS", "it is not set", "List the host names people use, e.g. fraud.example.com")
if PRODUCTION and "*" in ALLOWED_HOSTS:
    refuse("DJANGO_ALLOWED_HOSTS", "'*' accepts every host in production", "List the host names people use")
CSRF_TRUSTED_ORIGINS = names("CSRF_TRUSTED_ORIGINS")

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Credentials name it so, whatever the user model calls it; by any other name nobody is ever locked out.
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "fraudguard.lockout.login_name"
AXES_CLIENT_IP_CALLABLE = "fraudguard.lockout.login_address"
# Its own records of failures must not keep what people typed into the wrong field.
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "email",
    "code",
    "otp",
    "credential",
    "csrfmiddlewaretoken",
    "next",
]
AXES_FAILURE_LIMIT = number("LOGIN_FAILURE_LIMIT", 10, 3, 100)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# TLS ends at the proxy: everything that depends on it is on in production and can be switched off by name.
SECURE_COOKIES = flag("SECURE_COOKIES", PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = number("SESSION_HOURS", 12, 1, 720) * 3600
SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^health/?$", r"^ready/?$", r"^api/v1/(health|ready)/?$"]
SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", 31_536_000 if PRODUCTION else 0, 0, 63_072_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY", PRODUCTION) else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

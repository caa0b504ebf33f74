"""The HTTP API: Django REST framework, its schema, tokens and CORS."""

from datetime import timedelta

from fraudguard.environment import PRODUCTION, names, number, refuse, text
from fraudguard.settings.api_tags import TAGS

RATE_LIMIT_REQUESTS = number("RATE_LIMIT_REQUESTS", 100, 1, 10_000_000)
RATE_LIMIT_WINDOW = number("RATE_LIMIT_WINDOW", 60, 1, 86_400)
MAX_BODY_BYTES = number("MAX_BODY_BYTES", 5 * 1024 * 1024, 1024, 1024**3)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
FRONTEND_API_KEY = text("FRONTEND_API_KEY")
ADMIN_API_KEY = text("ADMIN_API_KEY")
SAMPLE_KEYS = (
    "fg_sample",
    "frontend-api-key",
    "admin-api-key",
    "change-me",
    "changeme",
    "example",
    "test",
    "demo",
)
for _name, _key in (("FRONTEND_API_KEY", FRONTEND_API_KEY), ("ADMIN_API_KEY", ADMIN_API_KEY)):
    if PRODUCTION and _key and (len(_key) < 24 or _key.lower().startswith(SAMPLE_KEYS)):
        refuse(
            _name, "a sample or short key is set in production", "Leave it empty or give 24 random characters"
        )

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.ApiKeyAuthentication",
        "api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.RoleAbility"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttles.CallerThrottle"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "FraudGuard API",
    "DESCRIPTION": (
        "Decisions on transactions, alerts, labels and what runs them. JSON in and out; every error is "
        "`application/problem+json` (RFC 9457). Each route also answers without its last slash, and below "
        "`/api/`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVERS": [{"url": "/", "description": "This server"}],
    "TAGS": [{"name": name, "description": told} for name, told in TAGS.items()],
    "POSTPROCESSING_HOOKS": ["api.schema.with_headers"],  # value sets stay where they are used
    "COMPONENT_SPLIT_PATCH": False,  # what a change requires, it requires
    "PREPROCESSING_HOOKS": ["api.schema.listed_endpoints"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    # Drawing every operation at once takes a browser half a minute.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "filter": True},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=number("ACCESS_TOKEN_MINUTES", 30, 1, 1440)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=number("REFRESH_TOKEN_DAYS", 7, 1, 90)),
}

_LOCAL_ORIGINS = "" if PRODUCTION else "http://localhost:3000,http://127.0.0.1:3000"
CORS_ALLOWED_ORIGINS = names("CORS_ALLOWED_ORIGINS", _LOCAL_ORIGINS)
CORS_URLS_REGEX = r"^/(api/|health|services/)"
CORS_ALLOW_HEADERS = (
    "accept", "authorization", "content-type", "idempotency-key", "x-api-key", "x-csrftoken", "x-request-id",
)  # fmt: skip
CORS_EXPOSE_HEADERS = (
    "content-disposition",
    "idempotent-replayed",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-request-id",
)
for _origin in CORS_ALLOWED_ORIGINS:
    if not _origin.startswith(("http://", "https://")) or _origin.count("/") != 2:
        refuse(
            "CORS_ALLOWED_ORIGINS",
            f"{_origin!r} is no origin",
            "Write scheme and host, e.g. https://a.example",
        )

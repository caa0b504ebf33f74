"""The current version answers below /api/ too; health also at the root."""

from django.urls import include, path, re_path

from api.v1 import urls as v1
from api.v1.health import Health, Ready, Services
from api.views import UnknownRoute

ROOT = {"health": Health, "ready": Ready, "services/status": Services}

urlpatterns = [
    path("api/v1/", include(v1)),
    path("api/", include(v1)),
    re_path(r"^api(?:/[\s\S]*)?\Z", UnknownRoute.as_view()),
    *v1.both_forms(ROOT),
]

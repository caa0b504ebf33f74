"""The three faces: API, dashboard, admin. Each app keeps its own list."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
    path("", include("dashboard.urls")),
    path("", include("dashboard.account_urls")),
]

handler400 = "api.errors.bad_request"
handler500 = "api.errors.server_error"

"""The OpenAPI document and its browsable form, served from our own files."""

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from api.permissions import PUBLIC
from api.schema import PREFIX
from api.views import ApiView


class Schema(ApiView, SpectacularAPIView):
    """Whoever may call the API may know what it looks like; YAML, or JSON when Accept asks for it."""

    abilities = {"GET": PUBLIC}
    authentication_classes = ()
    permission_classes = ApiView.permission_classes
    content_negotiation_class = DefaultContentNegotiation

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return super().get(request)


class Docs(ApiView, SpectacularSwaggerSplitView):
    """Swagger UI; its start script is a request of its own, so no inline script is needed."""

    abilities = {"GET": PUBLIC}
    authentication_classes = ()
    permission_classes = ApiView.permission_classes
    url = f"{PREFIX}schema/"

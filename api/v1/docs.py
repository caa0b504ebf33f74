"""The OpenAPI document and its browsable form, served from our own files."""

from functools import lru_cache

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

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
    def get(self, request: Request) -> HttpResponse:
        renderer = request.accepted_renderer
        return HttpResponse(_rendered(type(renderer)), content_type=renderer.media_type)


@lru_cache
def _rendered(renderer: type[BaseRenderer]) -> bytes:
    """The document as this renderer writes it; made once: it takes seconds, and strangers may ask for it."""
    return renderer().render(SchemaGenerator().get_schema(public=True), renderer_context={})


class Docs(ApiView, SpectacularSwaggerSplitView):
    """Swagger UI; its start script is a request of its own, so no inline script is needed."""

    abilities = {"GET": PUBLIC}
    authentication_classes = ()
    permission_classes = ApiView.permission_classes
    url = f"{PREFIX}schema/"

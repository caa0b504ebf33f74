"""The OpenAPI 3.1 document: what every operation shares, and the routes that it lists."""

from inspect import cleandoc
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema

from api.permissions import PUBLIC
from api.problems import CONTENT_TYPE, TITLES

PREFIX = "/api/v1/"


class AutoSchema(SpectacularSchema):
    """Adds the problems that a route can answer with, read from what its view declares."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix(PREFIX).partition("/")[0]]

    def get_description(self) -> str:
        """The view's own docstring; what it inherits is for programmers."""
        return cleandoc(type(self.view).__doc__ or "")

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        from api.v1.decisions import Problem

        bodies = super()._get_response_bodies(direction)
        conflict = getattr(self.view, "conflicts", {}).get(self.method)
        for status in self._problem_statuses(conflict is not None):
            if str(status) not in bodies:
                body = self._get_response_for_code(Problem, str(status), media_types=[CONTENT_TYPE])
                body["description"] = conflict if status == 409 else TITLES[status]
                bodies[str(status)] = body
        return dict(sorted(bodies.items()))

    def _problem_statuses(self, conflict: bool) -> list[int]:
        statuses = [400, 500, 503]
        if getattr(self.view, "throttle_classes", ()):
            statuses.append(429)
        if self.view.authentication_classes or self.method == "POST":
            statuses.append(401)
        if getattr(self.view, "abilities", {}).get(self.method) is not PUBLIC:
            statuses.append(403)
        if "{" in self.path:
            statuses.append(404)
        if self.method in ("POST", "PUT", "PATCH"):
            statuses += [411, 413, 415, 422]
        elif self._get_parameters():
            statuses.append(422)
        return sorted(statuses + [409] * conflict)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A client system's key.",
        }


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "api.authentication.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A person's access token.",
        }


def listed_endpoints(endpoints: list[tuple], **_: Any) -> list[tuple]:
    """Each route once: below /api/v1/ and with its trailing slash; the other forms are aliases."""
    return [
        endpoint for endpoint in endpoints if endpoint[0].startswith(PREFIX) and endpoint[0].endswith("/")
    ]

"""The OpenAPI 3.1 document: what every operation shares, and the routes that it lists."""

from inspect import cleandoc
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularSchema

from api.idempotency import DOCUMENTED
from api.permissions import PUBLIC
from api.problems import CONTENT_TYPE, TITLES

PREFIX = "/api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")
LIMITED = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
RUNNING = "A call under this Idempotency-Key still runs."
HEADERS = {
    "X-Request-ID": {"schema": {"type": "string"}, "description": "Quote it when you ask for help."},
    "RateLimit-Limit": {"schema": {"type": "integer"}, "description": "Requests of the window."},
    "RateLimit-Remaining": {"schema": {"type": "integer"}, "description": "Requests left in it."},
    "RateLimit-Reset": {"schema": {"type": "integer"}, "description": "Seconds to the next window."},
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."},
    "Idempotent-Replayed": {"schema": {"type": "string"}, "description": "`true`: answered before."},
}


class AutoSchema(SpectacularSchema):
    """Adds the problems that a route can answer with, read from what its view declares."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix(PREFIX).partition("/")[0]]

    def get_description(self) -> str:
        """The view's own docstring; what it inherits is for programmers."""
        return cleandoc(type(self.view).__doc__ or "")

    def get_override_parameters(self) -> list[Any]:
        declared = [one for one in super().get_override_parameters() if one != DOCUMENTED]
        keyed = getattr(getattr(self.view, "post", None), "takes_idempotency_key", False)
        return [*declared, DOCUMENTED] if keyed and self.method == "POST" else declared

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        from api.v1.examples import EXAMPLES

        body = self._stated_body(direction)
        example = EXAMPLES.get(self.get_operation_id())
        for kind, content in (body or {}).get("content", {}).items():
            if example is not None and "examples" not in content:
                content["example"] = example.get(kind, example) if isinstance(example, dict) else example
        return body

    def _stated_body(self, direction: str) -> dict[str, Any] | None:
        """Also of the DELETEs that say they have one (`deletes_with`), which the generator passes over."""
        if self.method != "DELETE" or not hasattr(self.view, "deletes_with"):
            return super()._get_request_body(direction)
        self.method = "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self.method = "DELETE"

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        from api.v1.decisions import Problem

        bodies = super()._get_response_bodies(direction)
        conflict = getattr(self.view, "conflicts", {}).get(self.method)
        for status in self._problem_statuses(conflict is not None):
            if str(status) not in bodies:
                body = self._get_response_for_code(Problem, str(status), media_types=[CONTENT_TYPE])
                body["description"] = (conflict or RUNNING) if status == 409 else TITLES[status]
                bodies[str(status)] = body
        return dict(sorted(bodies.items()))

    def _problem_statuses(self, conflict: bool) -> list[int]:
        statuses = [400, 500, 503]
        keyed = getattr(getattr(self.view, "post", None), "takes_idempotency_key", False)
        conflict = conflict or (keyed and self.method == "POST")
        if getattr(self.view, "throttle_classes", ()):
            statuses.append(429)
        if self.view.authentication_classes or self.method == "POST":
            statuses.append(401)
        if getattr(self.view, "abilities", {}).get(self.method) is not PUBLIC:
            statuses.append(403)
        named = {one.name for one in self.get_override_parameters()}
        if "{" in self.path or "client" in named or self.method in getattr(self.view, "may_miss", ()):
            statuses.append(404)
        deletes = self.method == "DELETE" and hasattr(self.view, "deletes_with")
        if self.method in ("POST", "PUT", "PATCH") or deletes:
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


def with_headers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Every answer names the headers that it may carry, and what can be asked of what it made."""
    from api.v1.following import links_of

    result["components"]["headers"] = HEADERS
    for item in result["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            limited = LIMITED if "429" in operation["responses"] else ()
            for status, answer in operation["responses"].items():
                if links := links_of(operation["operationId"], status):
                    answer["links"] = links
                waits = ("Retry-After",) if status in ("409", "429", "503") else ()
                for name in ("X-Request-ID", *limited, *waits):
                    shown = {"$ref": f"#/components/headers/{name}"}
                    answer.setdefault("headers", {}).setdefault(name, shown)
    return result

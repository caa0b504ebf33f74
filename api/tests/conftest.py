"""The document of the API, and the check that an answer is what it says."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker


class Document:
    """The OpenAPI document; `check` holds an answer against its operation."""

    def __init__(self, content: dict[str, Any]):
        self.content = content
        self.seen: set[tuple[str, str, str]] = set()

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        paths = self.content["paths"].items()
        for template, item in sorted(paths, key=lambda each: each[0].count("{")):  # /rules/packs/ before ids
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if re.fullmatch(pattern, path) and method in item:
                return template, item[method]
        raise AssertionError(f"the document has no {method} {path}")

    def check(self, answer: Any) -> Any:
        """The answer, whose status, content type and body must be documented; returns it."""
        method, path = answer.request["REQUEST_METHOD"].lower(), answer.request["PATH_INFO"]
        template, operation = self.operation(method, path)
        status = str(answer.status_code)
        assert status in operation["responses"], f"{method} {path} does not document {status}"
        documented = operation["responses"][status].get("content")
        if documented is None:
            assert answer.content == b""
        else:
            kind = answer["Content-Type"].partition(";")[0]
            assert kind in documented, f"{method} {path} documents {list(documented)}, not {kind}"
            if kind.endswith("json"):
                self.validate(answer.json(), documented[kind]["schema"])
        self.seen.add((method, template, status))
        return answer

    def validate(self, value: Any, schema: dict[str, Any]) -> None:
        whole = {**schema, "components": self.content["components"]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


@pytest.fixture(scope="session")
def document() -> Document:
    from drf_spectacular.generators import SchemaGenerator  # apps are not loaded yet when this file is

    return Document(SchemaGenerator(urlconf="api.urls").get_schema(request=None, public=True))

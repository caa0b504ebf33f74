"""Writes src/fraudguard_client/operations/ from an OpenAPI document of the server.

python manage.py spectacular --format openapi-json | python clients/python/generate.py
"""

import json
import keyword
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent / "src/fraudguard_client/operations"
PREFIX = "/api/v1/"
HEADER = '''"""{title}: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class {name}(Transport):
    """{title}."""
'''
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
METHODS = ("get", "post", "put", "patch", "delete")


def main() -> None:
    document = json.load(sys.stdin)
    by_tag: dict[str, list[str]] = {}
    for path, item in sorted(document["paths"].items()):
        for method in (name for name in METHODS if name in item):
            operation = item[method]
            written = Operation(document, method.upper(), path, operation).source()
            by_tag.setdefault(operation["tags"][0], []).append(written)
    write(by_tag)


def write(by_tag: dict[str, list[str]]) -> None:
    """A module for each tag, and the class that joins them."""
    TARGET.mkdir(exist_ok=True)
    for old in TARGET.glob("*.py"):
        old.unlink()
    names = {tag.replace("-", "_"): methods for tag, methods in sorted(by_tag.items())}
    classes = {tag: "".join(word.title() for word in tag.split("_")) + "Operations" for tag in names}
    for tag, methods in names.items():
        text = HEADER.format(title=tag.replace("_", " ").capitalize(), name=classes[tag])
        (TARGET / f"{tag}.py").write_text(text + "\n" + "\n".join(methods))
    imports = "\n".join(f"from fraudguard_client.operations.{tag} import {classes[tag]}" for tag in names)
    bases = ", ".join(classes.values())
    (TARGET / "__init__.py").write_text(
        f'"""Every operation of the API as a method; written by generate.py."""\n\n{imports}\n\n\n'
        f'class Operations({bases}):\n    """All of them."""\n\n\n__all__ = ["Operations"]\n'
    )
    for task in (["format"], ["check", "--fix", "--ignore", "E501"], ["format"]):
        subprocess.run([sys.executable, "-m", "ruff", *task, "--quiet", str(TARGET)], check=True)


class Operation:
    """One operation as the source of a method."""

    def __init__(self, document: dict[str, Any], method: str, path: str, described: dict[str, Any]):
        self.document, self.method, self.path, self.described = document, method, path, described
        places = described.get("parameters", [])
        self.ids = re.findall(r"\{(\w+)\}", path)
        self.types = {one["name"]: self.type_of(one["schema"]) for one in places}
        self.queries = [one for one in places if one["in"] == "query" and one["name"] not in ("cursor",)]
        self.body = self._body()

    def source(self) -> str:
        arguments = ["self", *(f"{name}: str | int" for name in self.ids)]
        required, optional, parts = self._arguments()
        if self.body == "upload" or (isinstance(self.body, dict) and "file" in self.body["properties"]):
            arguments.append("file: tuple[str, bytes]")
        elif self.body == "free":
            arguments.append("body: Any")
        elif self.body == "text":
            arguments.append("content: str | bytes")
        named = (
            required + optional + (["idempotency_key: str | None = None"] if self.method == "POST" else [])
        )
        arguments += ["*", *named] if named else []
        returned, call = self._call(parts)
        summary = self.described.get("summary", "").replace('"""', "'''")
        return (
            f"    def {self.described['operationId']}({', '.join(arguments)}) -> {returned}:\n"
            f'        """{summary}."""\n        return {call}\n'
        )

    def _arguments(self) -> tuple[list[str], list[str], dict[str, list[str]]]:
        required, optional = [], []
        parts: dict[str, list[str]] = {"params": [], "json": []}
        fields = [
            ("params", one["name"], self.types[one["name"]], one.get("required")) for one in self.queries
        ]
        if isinstance(self.body, dict):
            needed = self.body.get("required", [])
            for name, schema in self.body.get("properties", {}).items():
                place = "json" if "file" not in self.body["properties"] else "form"
                if name != "file":
                    fields.append((place, name, self.type_of(schema), name in needed))
        for place, name, kind, needed in fields:
            python = name + "_" if keyword.iskeyword(name) or name in self.ids else name
            (required if needed else optional).append(
                f"{python}: {kind}" if needed else f"{python}: Maybe[{kind}] = UNSET"
            )
            parts.setdefault(place, []).append(
                f'"{name}": {python}' if name != python else f"{name}={python}"
            )
        return required, optional, parts

    def _call(self, parts: dict[str, list[str]]) -> tuple[str, str]:
        address = re.sub(r"\{(\w+)\}", r"{part(\1)}", self.path.removeprefix(PREFIX))
        path = f'f"{address}"' if self.ids else f'"{address}"'
        shown = {place: _collected(entries) for place, entries in parts.items() if entries}
        success = next(answer for code, answer in self.described["responses"].items() if code < "300")
        kinds = success.get("content", {})
        more = [f"params={shown['params']}"] if "params" in shown else []
        if self._is_page(kinds):
            return "Iterator[Row]", f"self.listed({path}{', **' + shown['params'] if more else ''})"
        if isinstance(self.body, dict) and "file" in self.body.get("properties", {}):
            more += [f"form={shown.get('form', '{}')}", "file=file"]
        elif self.body == "upload":
            more.append("file=file")
        elif self.body == "free":
            more.append("json=body")
        elif self.body == "text":
            more.append("content=content")
        elif "json" in shown:
            more.append(f"json={shown['json']}")
        more += ["idempotency_key=idempotency_key"] if self.method == "POST" else []
        arguments = ", ".join([f'"{self.method}"', path, *more])
        if kinds and not any(kind.endswith("json") for kind in kinds):
            return "bytes", f"self.download({arguments})"
        return "Json", f"self.request({arguments})"

    def _is_page(self, kinds: dict[str, Any]) -> bool:
        schema = self.resolved(kinds.get("application/json", {}).get("schema", {}))
        return self.method == "GET" and "next_cursor" in schema.get("properties", {})

    def _body(self) -> Any:
        """None, "free" (any JSON), "text", "upload", or the object's schema."""
        contents = self.described.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in contents:
            schema = self.resolved(contents["multipart/form-data"]["schema"])
            return schema if len(schema.get("properties", {})) > 1 else "upload"
        if "text/csv" in contents:
            return "text"
        if "application/json" not in contents:
            return None
        schema = self.resolved(contents["application/json"]["schema"])
        plain = schema.get("type") == "object" and schema.get("additionalProperties") is not False
        return schema if plain and schema.get("properties") else "free"

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.document["components"]["schemas"][name] if name else schema

    def type_of(self, schema: dict[str, Any]) -> str:
        """A type for people and type checkers; objects are mappings."""
        if "enum" in schema:
            return "Literal[" + ", ".join(repr(value) for value in schema["enum"]) + "]"
        if "$ref" in schema:
            return (
                self.type_of(self.resolved(schema))
                if "enum" in self.resolved(schema)
                else "Mapping[str, Any]"
            )
        for word in ("oneOf", "anyOf", "allOf"):
            if word in schema:
                return " | ".join(dict.fromkeys(self.type_of(each) for each in schema[word]))
        kinds = schema.get("type", [])
        found = [self._plain(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
        return " | ".join(dict.fromkeys(found)) or "Any"

    def _plain(self, kind: str, schema: dict[str, Any]) -> str:
        if kind == "array":
            return f"Sequence[{self.type_of(schema.get('items', {}))}]"
        return PLAIN.get(kind, "Mapping[str, Any]")


def _collected(entries: list[str]) -> str:
    if any(entry.startswith('"') for entry in entries):
        pairs = (
            entry if entry.startswith('"') else '"{}": {}'.format(*entry.split("=")) for entry in entries
        )
        return "given({" + ", ".join(pairs) + "})"
    return "given(" + ", ".join(entries) + ")"


if __name__ == "__main__":
    main()

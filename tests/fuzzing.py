"""Requests that no sound client sends: random, mutated and huge, the same ones for the same seed."""

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

DEEP = 100_000
LONG_TEXT = "ä" * 70_000
IDS = (
    "1", "2", "0", "T-1", "acc-9", "watched_shops", "payments-1", "block", "-1", "999999999999999999",
    "9" * 40,
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/", "%00", "a%00b", "%ED%A0%80", "%FF%FE",
    "%0A",
    "'%20OR%201=1--", "{{7*7}}", "$(id)", "%25s", "nul", "x" * 5_000, "%F0%9F%92%A9", "1;select", "a/b/c",
    ".",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**39, 1e308, 5e-324, 0.1, "", " ", "0",
    "1", "\x00",
    "a\x00b", "\ud800", "\udfff\ud800", "\u202e\u0000", "￿", "NaN", "Infinity", "-0", "1e400", "9" * 400,
    "2026-02-30", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "yesterday",
    "' or '1'='1", "<script>alert(1)</script>", "%s%n%x", "../../../etc/passwd", "{}", "[]", [], {}, [[]],
    [None],
    {"": ""}, {"a": {"b": [1, 2, {"c": None}]}}, [0] * 2_000, "x" * 300, LONG_TEXT, ["\x00"],
    {"\x00": "\ud800"},
    "fraud", "review", "payments", "acc-9", "T-1", "1.01", "US", "USD",
)  # fmt: skip
RAW: tuple[Callable[[], bytes], ...] = (
    lambda: b"", lambda: b"{", lambda: b"null", lambda: b"[]", lambda: b'"text"', lambda: b"0",
    lambda: b"\xff\xfe{}",
    lambda: b'{"a": NaN}', lambda: b'{"a": Infinity}', lambda: b'{"amount": 1e400}', lambda: b"\xed\xa0\x80",
    lambda: b'{"amount": ' + b"9" * 400 + b"}", lambda: b'{"amount": -1E-999999999}', lambda: b"[" * DEEP,
    lambda: b"[" * DEEP + b"]" * DEEP, lambda: b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    lambda: b'{"a": 1, "a": 2}',
    lambda: b'{"transaction_id": "\xff"}', lambda: '{"a": "ü"}'.encode("utf-16"), lambda: b"\xef\xbb\xbf{}",
    lambda: b'{"a": "\\ud800"}', lambda: b'{"a": "\\u0000"}', lambda: b"\x00" * 1_000, lambda: b" " * 100_000,
    lambda: gzip.compress(b'{"transaction_id": "T-1"}'), lambda: b"a=1&b=2", lambda: b"<a/>",
    lambda: b"--x--\r\n",
    lambda: b'{"' + b"k" * 1_000_000 + b'": 1}', lambda: b'{"metadata": "' + b"x" * 6_000_000 + b'"}',
    lambda: b"{" + b",".join(b'"k%d": 1' % n for n in range(20_000)) + b"}",
)  # fmt: skip
KINDS = (
    "application/json; charset=utf-16", "application/json;charset=nothing", "text/plain", "text/csv",
    "application/xml",
    "multipart/form-data", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "",
    "json", "a/b/c",
    "application/json\t", "application/octet-stream", "multipart/form-data; boundary=" + "b" * 300,
)  # fmt: skip
HEADERS = (
    ("X-Request-ID", "../../x"), ("X-Request-ID", "y" * 5_000), ("Idempotency-Key", "two words"),
    ("Idempotency-Key", "k" * 300), ("Idempotency-Key", "k-1"), ("Idempotency-Key", "ä"),
    ("Accept", "text/html"),
    ("Accept", "*/*;q=nothing"), ("Accept-Language", "de;q=5," * 50), ("X-Padding", "p" * 20_000),
    ("Content-Encoding", "gzip"), ("Content-Encoding", "br"), ("X-API-Key", "fg_00000000_0"),
    ("X-API-Key", "\xff"),
    ("Authorization", "Bearer x.y.z"), ("Authorization", "Basic Og=="),
    ("Authorization", "Bearer " + "A" * 5_000),
    ("X-Forwarded-For", "1.2.3.4, ::1, x"), ("Cookie", "sessionid=" + "s" * 200), ("Origin", "null"),
    ("Range", "bytes=0-1,2-"), ("Expect", "nothing"), ("X-HTTP-Method-Override", "DELETE"),
    ("Host", "elsewhere"),
)  # fmt: skip
ODD_METHODS = ("HEAD", "OPTIONS", "TRACE", "PROPFIND", "PATCH", "DELETE", "PUT", "POST", "GET", "XYZZY")
ODD_PATHS = (
    "/api/v1/nothing/",
    "/api//",
    "/api/v1/%2e%2e/admin/",
    "/api/v1/transactions//",
    "/api/v1/docs/?x=%00",
)


class Request(NamedTuple):
    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    chunked: bool


class Fuzzer:
    """Requests over the operations of an OpenAPI document, about two thirds of them nearly right."""

    def __init__(self, document: dict[str, Any], seed: int):
        self.random = random.Random(seed)
        self.operations = [
            (method.upper(), path, operation)
            for path, item in sorted(document["paths"].items())
            for method, operation in sorted(item.items())
        ]

    def requests(self, count: int) -> Iterator[Request]:
        for number in range(count):
            yield self.request(self.operations[number % len(self.operations)])

    def request(self, operation: tuple[str, str, dict[str, Any]]) -> Request:
        method, template, described = operation
        chance = self.random.random
        path = re.sub(r"\{\w+\}", lambda _: self.name(), template)
        path = self.random.choice(ODD_PATHS) if chance() < 0.02 else path
        path = path.rstrip("/") if chance() < 0.2 else path
        path = path.replace("/api/v1/", "/api/", 1) if chance() < 0.1 else path
        body = self.body(described)
        headers = [("Content-Type", self.kind(described))]
        headers += [self.random.choice(HEADERS) for _ in range(self.random.choice((0, 0, 0, 1, 2)))]
        method = self.random.choice(ODD_METHODS) if chance() < 0.1 else method
        return Request(method, path + self.query(described), headers, body, chance() < 0.05)

    def name(self) -> str:
        """An id in an address; mostly one that there may be."""
        return self.random.choice(IDS[:8] if self.random.random() < 0.6 else IDS)

    def kind(self, described: dict[str, Any]) -> str:
        own = next(iter(described.get("requestBody", {}).get("content", ())), "application/json")
        return own if self.random.random() < 0.85 else self.random.choice(KINDS)

    def query(self, described: dict[str, Any]) -> str:
        names = [one["name"] for one in described.get("parameters", ()) if one["in"] == "query"]
        names += ["colour", "limit", "cursor"]
        if self.random.random() < 0.4:
            return ""
        chosen = self.random.sample(names, self.random.randint(1, min(3, len(names))))
        return "?" + "&".join(f"{name}={self.text()}" for name in chosen)

    def text(self) -> str:
        """A value of a query as it stands in the address."""
        value = self.random.choice((*IDS, *VALUES))
        raw = value if isinstance(value, str) else json.dumps(value)
        return raw if value in IDS else quote(raw.encode("utf-8", "surrogatepass")[:2_000])

    def body(self, described: dict[str, Any]) -> bytes:
        contents = described.get("requestBody", {}).get("content", {})
        content = next(iter(contents.values()), {})
        examples = [one["value"] for one in content.get("examples", {}).values()]
        example = content.get("example", examples[0] if examples else None)
        if example is None and self.random.random() < 0.7:
            return b""
        if example is None or self.random.random() < 0.25:
            return self.random.choice(RAW)()
        if isinstance(example, str):
            return example.encode()[: self.random.randint(0, 200)]
        return json.dumps(self.mutated(example)).encode()

    def mutated(self, value: Any) -> Any:
        """The value with one or more places of it changed, left out, doubled or nested."""
        dice = self.random.random()
        if isinstance(value, dict) and value and dice < 0.9:
            name = self.random.choice(sorted(value))
            changed = dict(value)
            if dice < 0.1:
                del changed[name]
            elif dice < 0.2:
                changed[str(self.random.choice(VALUES))[:80]] = self.random.choice(VALUES)
            else:
                changed[name] = self.mutated(value[name])
            return self.mutated(changed) if self.random.random() < 0.3 else changed
        if isinstance(value, list) and value and dice < 0.8:
            place = self.random.randrange(len(value))
            return [*value[:place], self.mutated(value[place]), *value[place:]]
        return self.random.choice(VALUES)

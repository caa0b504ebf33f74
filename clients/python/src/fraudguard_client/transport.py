"""Speaking HTTP: retries, idempotency keys, pages, files."""

import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self, TypeAlias, TypeVar
from urllib.parse import quote

import httpx

from fraudguard_client.problems import problem
from fraudguard_client.retrying import Retrying

Json = Any
Row = dict[str, Any]
KNOWN_BY_ID = frozenset({"transactions/", "score/", "predict/", "labels/"})  # idempotent without a key


class Unset:
    """What was not given; None is a value of its own."""


UNSET: Final = Unset()
T = TypeVar("T")
Maybe: TypeAlias = T | Unset


class Transport:
    """Speaks to one FraudGuard server; safe to share between threads.

    Whatever fails on the way is tried again, and nothing is done twice: an event is known by its id, any
    other POST carries an Idempotency-Key, the same in every attempt. Give an `api_key`, or a person's
    access `token`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        token: str | None = None,
        timeout: float = 10.0,
        retrying: Retrying | None = None,
        transport: httpx.BaseTransport | None = None,
    ):
        headers = {"User-Agent": "fraudguard-client/1.1", "Accept": "application/json"}
        if api_key:
            headers["X-API-Key"] = api_key
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.retrying = retrying or Retrying()
        self._http = httpx.Client(
            base_url=base_url.rstrip("/") + "/api/v1/", headers=headers, timeout=timeout, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def request(self, method: str, path: str, **what: Any) -> Json:
        """Any call of the API: a path below /api/v1/, or an address that the server gave.

        `json`, `params`, `content` (text/csv), `form` and `file` (name, bytes) are what is sent, and
        `idempotency_key` one of your own. Returns the answer's JSON; raises ApiProblem or one of its kinds.
        """
        answer = self._answered(method, path, **what)
        return answer.json() if answer.content else None

    def download(self, method: str, path: str, **what: Any) -> bytes:
        """The same for a file: the bytes of the answer."""
        return self._answered(method, path, **what).content

    def listed(self, path: str, **filters: Any) -> Iterator[Row]:
        """Rows of any list of the API, following its cursors."""
        page = self.request("GET", path, params=filters)
        while True:
            yield from page["results"]
            if not page.get("next"):
                return
            page = self.request("GET", page["next"])

    def _answered(
        self, method: str, path: str, idempotency_key: str | None = None, **what: Any
    ) -> httpx.Response:
        headers = {}
        if method == "POST" and (idempotency_key or path not in KNOWN_BY_ID):
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        sent = _sendable(what, headers)
        attempt = 0
        while True:
            attempt += 1
            answer, fault = self._once(method, path, sent)
            status = answer.status_code if answer is not None else 0
            retry_after = answer.headers.get("Retry-After") if answer is not None else None
            if answer is not None and answer.is_success:
                return answer
            if not self.retrying.again(attempt, status, retry_after):
                raise problem(status, fault if answer is None else _said(answer))
            time.sleep(self.retrying.wait(attempt, retry_after))

    def _once(self, method: str, path: str, sent: dict[str, Any]) -> tuple[httpx.Response | None, Row]:
        try:
            return self._http.request(method, path, **sent), {}
        except httpx.TransportError as error:
            return None, {"title": "No answer", "detail": f"{type(error).__name__}: {error}"}


def _sendable(what: Mapping[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """Arguments for httpx; what is None is not sent."""
    given = {name: value for name, value in what.items() if value is not None}
    sent: dict[str, Any] = {"headers": headers}
    if given.get("params"):
        sent["params"] = {name: _text(value) for name, value in given["params"].items()}
    if "json" in given:
        sent["json"] = given["json"]
    if "content" in given:
        sent["content"] = given["content"]
        headers["Content-Type"] = "text/csv"
    if "file" in given:
        sent["files"] = {"file": given["file"]}
        sent["data"] = {name: _text(value) for name, value in given.get("form", {}).items()}
    return sent


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _said(answer: httpx.Response) -> Any:
    """The problem, or the text of what is no problem document."""
    try:
        return answer.json()
    except ValueError:
        return answer.text


def given(values: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The values that were given."""
    return {name: value for name, value in {**(values or {}), **more}.items() if value is not UNSET}


def part(value: str | int) -> str:
    """An id as one part of an address, whatever it holds."""
    return quote(str(value), safe="")

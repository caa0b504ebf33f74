"""The client: one method for each thing a system asks of FraudGuard."""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from fraudguard_client.problems import problem
from fraudguard_client.retrying import Retrying
from fraudguard_client.shapes import Decision, Problem

Event = Mapping[str, Any]
KNOWN_BY_ID = frozenset({"transactions/", "score/", "predict/", "labels/"})  # idempotent without a key


class FraudGuard:
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
        headers = {"User-Agent": "fraudguard-client/1.0", "Accept": "application/json"}
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

    def decide(self, transaction: Event) -> Decision:
        """Store a payment and decide about it; the same id with the same body gives the stored decision."""
        return self.request("POST", "transactions/", json=transaction)

    def correct(self, transaction_id: str, transaction: Event) -> Decision:
        """A newer version of a payment, decided anew; both are kept."""
        return self.request("PUT", f"transactions/{_part(transaction_id)}/", json=transaction)

    def set_status(self, transaction_id: str, status: str) -> dict[str, Any]:
        """What became of a payment: accepted or declined, say by the bank behind."""
        return self.request("PATCH", f"transactions/{_part(transaction_id)}/", json={"status": status})

    def score(self, transactions: Iterable[Event]) -> list[Decision | Problem]:
        """Decide about 1 to 1,000 payments at once; in order, each a decision or what is wrong with it."""
        return self.request("POST", "score/", json={"transactions": list(transactions)})["results"]

    def predict(self, transaction: Event) -> Decision:
        """What would be decided; nothing is stored."""
        return self.request("POST", "predict/", json=transaction)

    def detect_aml(self, transfer: Event) -> Decision:
        return self.request("POST", "aml/detect/", json=transfer)

    def assess_credit(self, application: Event) -> Decision:
        return self.request("POST", "credit/assess/", json=application)

    def detect_insurance(self, claim: Event) -> Decision:
        return self.request("POST", "insurance/detect/", json=claim)

    def detect_market(self, event: Event) -> Decision:
        return self.request("POST", "market/detect/", json=event)

    def label(
        self,
        transaction_id: str,
        verdict: Literal["fraud", "legitimate"],
        *,
        source: Literal["chargeback", "customer", "analyst"],
        reason: str = "",
        **more: Any,
    ) -> dict[str, Any]:
        """What a payment turned out to be."""
        said = {"transaction_id": transaction_id, "verdict": verdict, "source": source}
        return self.request("POST", "labels/", json=said | ({"reason": reason} if reason else {}) | more)

    def transaction(self, transaction_id: str) -> dict[str, Any]:
        """A stored payment with its assessments."""
        return self.request("GET", f"transactions/{_part(transaction_id)}/")

    def transactions(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Every stored payment that the filters let through, newest first, page by page as you read."""
        return self.listed("transactions/", **filters)

    def predictions(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Every stored decision, any engine."""
        return self.listed("predictions/", **filters)

    def alerts(self, **filters: Any) -> Iterator[dict[str, Any]]:
        return self.listed("alerts/", **filters)

    def listed(self, path: str, **filters: Any) -> Iterator[dict[str, Any]]:
        """Rows of any list of the API, following its cursors."""
        page = self.request("GET", path, params=filters)
        while True:
            yield from page["results"]
            if not page.get("next"):
                return
            page = self.request("GET", page["next"])

    def request(self, method: str, path: str, *, json: Any = None, params: Any = None) -> Any:
        """Any call of the API: a path below /api/v1/, or an address that the server gave.

        Returns the answer's JSON; raises ApiProblem or one of its kinds.
        """
        keyed = method == "POST" and path not in KNOWN_BY_ID
        headers = {"Idempotency-Key": str(uuid.uuid4())} if keyed else {}
        for attempt in range(1, self.retrying.attempts + 1):
            status, answer, retry_after = self._once(method, path, json, params, headers)
            if not self.retrying.again(attempt, status, retry_after):
                break
            time.sleep(self.retrying.wait(attempt, retry_after))
        if not 200 <= status < 300:
            raise problem(status, answer)
        return answer

    def _once(
        self, method: str, path: str, json: Any, params: Any, headers: dict[str, str]
    ) -> tuple[int, Any, str | None]:
        try:
            answer = self._http.request(method, path, json=json, params=params or None, headers=headers)
        except httpx.TransportError as error:
            return 0, {"title": "No answer", "detail": f"{type(error).__name__}: {error}"}, None
        if not answer.content:
            return answer.status_code, None, answer.headers.get("Retry-After")
        try:
            body = answer.json()
        except ValueError:
            body = answer.text
        return answer.status_code, body, answer.headers.get("Retry-After")


def _part(text: str) -> str:
    """An id as one part of an address, whatever it holds."""
    return quote(text, safe="")

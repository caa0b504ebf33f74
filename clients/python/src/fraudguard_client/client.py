"""The client: short names for what systems ask most, and every operation of the API by its own."""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from fraudguard_client.operations import Operations
from fraudguard_client.problems import JobNotEnded
from fraudguard_client.shapes import Decision, Problem
from fraudguard_client.transport import Row, part

Event = Mapping[str, Any]
ENDED = frozenset({"done", "failed", "cancelled"})


class FraudGuard(Operations):
    """One FraudGuard server. Methods named as in its reference, `/api/v1/docs/`, do one request each."""

    def decide(self, transaction: Event) -> Decision:
        """Store a payment and decide about it; the same id with the same body gives the stored decision."""
        decision: Decision = self.request("POST", "transactions/", json=transaction)
        return decision

    def correct(self, transaction_id: str, transaction: Event) -> Decision:
        """A newer version of a payment, decided anew; both are kept."""
        decision: Decision = self.request("PUT", f"transactions/{part(transaction_id)}/", json=transaction)
        return decision

    def set_status(self, transaction_id: str, status: str) -> Row:
        """What became of a payment: accepted or declined, say by the bank behind."""
        answer: Row = self.request("PATCH", f"transactions/{part(transaction_id)}/", json={"status": status})
        return answer

    def score(self, transactions: Iterable[Event]) -> list[Decision | Problem]:
        """Decide about 1 to 1,000 payments at once; in order, each a decision or what is wrong with it."""
        answer = self.request("POST", "score/", json={"transactions": list(transactions)})
        results: list[Decision | Problem] = answer["results"]
        return results

    def predict(self, transaction: Event) -> Decision:
        """What would be decided; nothing is stored."""
        decision: Decision = self.request("POST", "predict/", json=transaction)
        return decision

    def detect_aml(self, transfer: Event) -> Decision:
        decision: Decision = self.detect_money_laundering(transfer)
        return decision

    def detect_insurance(self, claim: Event) -> Decision:
        decision: Decision = self.detect_insurance_fraud(claim)
        return decision

    def detect_market(self, event: Event) -> Decision:
        decision: Decision = self.detect_market_manipulation(event)
        return decision

    def label(
        self,
        transaction_id: str,
        verdict: Literal["fraud", "legitimate"],
        *,
        source: Literal["chargeback", "customer", "analyst"],
        reason: str = "",
        **more: Any,
    ) -> Row:
        """What a payment turned out to be."""
        said = {"transaction_id": transaction_id, "verdict": verdict, "source": source}
        answer: Row = self.request(
            "POST", "labels/", json=said | ({"reason": reason} if reason else {}) | more
        )
        return answer

    def transaction(self, transaction_id: str) -> Row:
        """A stored payment with its assessments."""
        answer: Row = self.request("GET", f"transactions/{part(transaction_id)}/")
        return answer

    def transactions(self, **filters: Any) -> Iterator[Row]:
        """Every stored payment that the filters let through, newest first, page by page as you read."""
        return self.listed("transactions/", **filters)

    def predictions(self, **filters: Any) -> Iterator[Row]:
        """Every stored decision, any engine."""
        return self.listed("predictions/", **filters)

    def alerts(self, **filters: Any) -> Iterator[Row]:
        return self.listed("alerts/", **filters)

    def upload_job(self, file: str | Path, *, engine: str = "payments", **more: str) -> Row:
        """Send a CSV as a batch job; see `wait_for_job`."""
        path = Path(file)
        job: Row = self.request(
            "POST", "jobs/", form={"engine": engine, **more}, file=(path.name, path.read_bytes())
        )
        return job

    def start_dataset_job(self, dataset: str, *, engine: str = "payments", **more: str) -> Row:
        """A batch job over a file that lies on the server, see `list_datasets`."""
        job: Row = self.request("POST", "jobs/", json={"dataset": dataset, "engine": engine, **more})
        return job

    def wait_for_job(self, job_id: int, *, seconds: float = 3_600.0, every: float = 1.0) -> Row:
        """The job once it has ended; raises JobNotEnded when it runs on after so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            job: Row = self.request("GET", f"jobs/{job_id}/")
            if job["state"] in ENDED:
                return job
            if time.monotonic() >= deadline:
                raise JobNotEnded(job)
            time.sleep(every)

    def download_job_results(self, job_id: int, to: str | Path) -> Path:
        """The decisions of a job as CSV in a file of your own; returns its path."""
        path = Path(to)
        path.write_bytes(self.download("GET", f"jobs/{job_id}/results/"))
        return path

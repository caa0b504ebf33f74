"""Jobs: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class JobsOperations(Transport):
    """Jobs."""

    def list_jobs(
        self,
        *,
        client: Maybe[str] = UNSET,
        created_by: Maybe[str] = UNSET,
        engine: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        priority: Maybe[Literal["urgent", "normal", "low"]] = UNSET,
        state: Maybe[
            Literal["queued", "preparing", "running", "paused", "done", "failed", "cancelled"]
        ] = UNSET,
    ) -> Iterator[Row]:
        """Batch jobs, newest first."""
        return self.listed(
            "jobs/",
            **given(
                client=client,
                created_by=created_by,
                engine=engine,
                limit=limit,
                priority=priority,
                state=state,
            ),
        )

    def start_job(
        self,
        file: tuple[str, bytes],
        *,
        engine: Maybe[Literal["payments", "aml", "credit", "insurance", "market", "customers"]] = UNSET,
        priority: Maybe[Literal["urgent", "normal", "low"]] = UNSET,
        client: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Upload a CSV, or name a data set of the server, to be decided as a batch."""
        return self.request(
            "POST",
            "jobs/",
            form=given(engine=engine, priority=priority, client=client),
            file=file,
            idempotency_key=idempotency_key,
        )

    def list_datasets(self) -> Json:
        """Files of the server that a job may name, at most 500."""
        return self.request("GET", "jobs/datasets/")

    def show_job(self, job_id: str | int) -> Json:
        """One batch job and its progress."""
        return self.request("GET", f"jobs/{part(job_id)}/")

    def cancel_job(self, job_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Stop a job, where the chunk in work ends; what is stored stays."""
        return self.request("POST", f"jobs/{part(job_id)}/cancel/", idempotency_key=idempotency_key)

    def export_job_errors(self, job_id: str | int) -> bytes:
        """Refused rows of those done so far, by line, column and reason, as CSV."""
        return self.download("GET", f"jobs/{part(job_id)}/errors/")

    def pause_job(self, job_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Let a job rest."""
        return self.request("POST", f"jobs/{part(job_id)}/pause/", idempotency_key=idempotency_key)

    def prioritise_job(
        self,
        job_id: str | int,
        *,
        priority: Literal["urgent", "normal", "low"],
        idempotency_key: str | None = None,
    ) -> Json:
        """Give a job another priority."""
        return self.request(
            "POST",
            f"jobs/{part(job_id)}/priority/",
            json=given(priority=priority),
            idempotency_key=idempotency_key,
        )

    def export_job_results(self, job_id: str | int) -> bytes:
        """Decisions of the rows done so far, in order of time, as CSV."""
        return self.download("GET", f"jobs/{part(job_id)}/results/")

    def resume_job(self, job_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Go on with a paused, failed or cancelled job behind its last finished chunk."""
        return self.request("POST", f"jobs/{part(job_id)}/resume/", idempotency_key=idempotency_key)

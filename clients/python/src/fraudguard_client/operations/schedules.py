"""Schedules: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class SchedulesOperations(Transport):
    """Schedules."""

    def list_schedules(self, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Schedules of scoring, newest first."""
        return self.listed("schedules/", **given(limit=limit))

    def make_schedule(
        self,
        *,
        name: str,
        kind: Literal["open_exposure", "recent", "customers"],
        cron: str,
        days: Maybe[int] = UNSET,
        enabled: Maybe[bool] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Score something by the calendar."""
        return self.request(
            "POST",
            "schedules/",
            json=given(name=name, kind=kind, cron=cron, days=days, enabled=enabled),
            idempotency_key=idempotency_key,
        )

    def list_rescorings(self, run_id: str | int, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """What a run scored again, beside the decision as it was made."""
        return self.listed(f"schedules/runs/{part(run_id)}/rescorings/", **given(limit=limit))

    def show_schedule(self, schedule_id: str | int) -> Json:
        """One schedule."""
        return self.request("GET", f"schedules/{part(schedule_id)}/")

    def change_schedule(
        self,
        schedule_id: str | int,
        *,
        version: int,
        name: Maybe[str] = UNSET,
        kind: Maybe[Literal["open_exposure", "recent", "customers"]] = UNSET,
        cron: Maybe[str] = UNSET,
        days: Maybe[int] = UNSET,
        enabled: Maybe[bool] = UNSET,
    ) -> Json:
        """Change a schedule, or switch it on or off."""
        return self.request(
            "PATCH",
            f"schedules/{part(schedule_id)}/",
            json=given(version=version, name=name, kind=kind, cron=cron, days=days, enabled=enabled),
        )

    def delete_schedule(self, schedule_id: str | int) -> Json:
        """Delete a schedule with its runs."""
        return self.request("DELETE", f"schedules/{part(schedule_id)}/")

    def run_schedule(self, schedule_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Run a schedule at once."""
        return self.request("POST", f"schedules/{part(schedule_id)}/run/", idempotency_key=idempotency_key)

    def list_schedule_runs(self, schedule_id: str | int, *, limit: Maybe[int] = UNSET) -> Iterator[Row]:
        """Runs of a schedule, newest first."""
        return self.listed(f"schedules/{part(schedule_id)}/runs/", **given(limit=limit))

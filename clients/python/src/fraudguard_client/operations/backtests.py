"""Backtests: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class BacktestsOperations(Transport):
    """Backtests."""

    def list_backtests(
        self,
        *,
        code: Maybe[str] = UNSET,
        created_by: Maybe[str] = UNSET,
        engine: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        state: Maybe[Literal["queued", "running", "done", "failed", "cancelled"]] = UNSET,
    ) -> Iterator[Row]:
        """Backtests, newest first."""
        return self.listed(
            "backtests/", **given(code=code, created_by=created_by, engine=engine, limit=limit, state=state)
        )

    def start_backtest(
        self,
        *,
        since: str,
        until: str,
        engine: str,
        definition: Any,
        labels: Maybe[Literal["final", "as_known"]] = UNSET,
        cut_off: Maybe[str | None] = UNSET,
        alert_cost: Maybe[str] = UNSET,
        friction_share: Maybe[float] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Replay a free wording over stored decisions."""
        return self.request(
            "POST",
            "backtests/",
            json=given(
                since=since,
                until=until,
                labels=labels,
                cut_off=cut_off,
                alert_cost=alert_cost,
                friction_share=friction_share,
                engine=engine,
                definition=definition,
            ),
            idempotency_key=idempotency_key,
        )

    def show_backtest(self, backtest_id: str | int) -> Json:
        """One backtest with its figures."""
        return self.request("GET", f"backtests/{part(backtest_id)}/")

    def cancel_backtest(self, backtest_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Call a waiting or running backtest off."""
        return self.request("POST", f"backtests/{part(backtest_id)}/cancel/", idempotency_key=idempotency_key)

    def export_backtest_hits(self, backtest_id: str | int) -> bytes:
        """Events that the wording or the active version hits, as CSV."""
        return self.download("GET", f"backtests/{part(backtest_id)}/hits/")

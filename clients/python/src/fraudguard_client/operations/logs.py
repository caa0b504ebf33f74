"""Logs: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Maybe, Row, Transport, given


class LogsOperations(Transport):
    """Logs."""

    def list_calls(
        self,
        *,
        after: Maybe[str] = UNSET,
        before: Maybe[str] = UNSET,
        caller: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        method: Maybe[str] = UNSET,
        request_id: Maybe[str] = UNSET,
        route: Maybe[str] = UNSET,
        slower_than_ms: Maybe[float] = UNSET,
        status: Maybe[float] = UNSET,
        status_min: Maybe[float] = UNSET,
    ) -> Iterator[Row]:
        """Calls of the API, newest first; bodies of a sample, without secrets."""
        return self.listed(
            "logs/calls/",
            **given(
                after=after,
                before=before,
                caller=caller,
                limit=limit,
                method=method,
                request_id=request_id,
                route=route,
                slower_than_ms=slower_than_ms,
                status=status,
                status_min=status_min,
            ),
        )

    def list_model_version_log(
        self,
        *,
        action: Maybe[
            Literal[
                "model.registered",
                "model.refused",
                "model.file_named",
                "model.promoted",
                "model.shadowed",
                "model.retired",
                "model.rolled_back",
                "model.retrained",
                "model.retraining_refused",
            ]
        ] = UNSET,
        actor: Maybe[str] = UNSET,
        after: Maybe[str] = UNSET,
        before: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        model: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Trainings, refusals and changes of stage of model versions, newest first."""
        return self.listed(
            "logs/model-versions/",
            **given(action=action, actor=actor, after=after, before=before, limit=limit, model=model),
        )

    def list_logged_predictions(
        self,
        *,
        customer: Maybe[str] = UNSET,
        decided_after: Maybe[str] = UNSET,
        decided_before: Maybe[str] = UNSET,
        decision: Maybe[Literal["approve", "review", "decline"]] = UNSET,
        degraded: Maybe[bool] = UNSET,
        engine: Maybe[Literal["payments", "aml", "credit", "insurance", "market", "customers"]] = UNSET,
        external_id: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        model_version: Maybe[str] = UNSET,
        risk_level: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        rule: Maybe[str] = UNSET,
        score_max: Maybe[float] = UNSET,
        score_min: Maybe[float] = UNSET,
    ) -> Iterator[Row]:
        """Stored assessments by engine, version, decision, score, customer and time, newest first."""
        return self.listed(
            "logs/predictions/",
            **given(
                customer=customer,
                decided_after=decided_after,
                decided_before=decided_before,
                decision=decision,
                degraded=degraded,
                engine=engine,
                external_id=external_id,
                limit=limit,
                model_version=model_version,
                risk_level=risk_level,
                rule=rule,
                score_max=score_max,
                score_min=score_min,
            ),
        )

    def list_system_events(
        self,
        *,
        after: Maybe[str] = UNSET,
        before: Maybe[str] = UNSET,
        component: Maybe[str] = UNSET,
        kind: Maybe[str] = UNSET,
        level: Maybe[Literal["info", "warning", "error"]] = UNSET,
        limit: Maybe[int] = UNSET,
    ) -> Iterator[Row]:
        """Starts, stops, migrations, settings, backups, alerts and seals, newest first."""
        return self.listed(
            "logs/system-events/",
            **given(after=after, before=before, component=component, kind=kind, level=level, limit=limit),
        )

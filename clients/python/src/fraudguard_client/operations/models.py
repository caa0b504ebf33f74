"""Models: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class ModelsOperations(Transport):
    """Models."""

    def list_models(
        self,
        *,
        engine: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        stage: Maybe[Literal["candidate", "shadow", "champion", "retired"]] = UNSET,
    ) -> Iterator[Row]:
        """Registered models, newest first."""
        return self.listed("models/", **given(engine=engine, limit=limit, stage=stage))

    def show_model(self, model_id: str | int) -> Json:
        """One model with its card and report."""
        return self.request("GET", f"models/{part(model_id)}/")

    def show_model_card(self, model_id: str | int) -> bytes:
        """The model card as Markdown."""
        return self.download("GET", f"models/{part(model_id)}/card/")

    def compare_model(self, model_id: str | int) -> Json:
        """A model in shadow against the champion."""
        return self.request("GET", f"models/{part(model_id)}/comparison/")

    def show_model_drift(self, model_id: str | int) -> Json:
        """How far a model's traffic has moved from its training, and what became of its scores."""
        return self.request("GET", f"models/{part(model_id)}/drift/")

    def promote_model(self, model_id: str | int, *, version: int, idempotency_key: str | None = None) -> Json:
        """Make a model champion; not by its maker."""
        return self.request(
            "POST",
            f"models/{part(model_id)}/promote/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )

    def retire_model(self, model_id: str | int, *, version: int, idempotency_key: str | None = None) -> Json:
        """Take a candidate or a shadow out of use."""
        return self.request(
            "POST",
            f"models/{part(model_id)}/retire/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )

    def roll_back_model(
        self, model_id: str | int, *, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Put the champion before this one in force again; answers that one."""
        return self.request(
            "POST",
            f"models/{part(model_id)}/rollback/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )

    def shadow_model(self, model_id: str | int, *, version: int, idempotency_key: str | None = None) -> Json:
        """Let a model score every decision beside the champion."""
        return self.request(
            "POST",
            f"models/{part(model_id)}/shadow/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )

"""What a model trained elsewhere says of a sample, beside the champion: kept in its report."""

from typing import Any

import numpy as np

from fraud_detection.engines.registry import Engine
from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.predictor import load_predictor
from fraud_detection.services.foreign.samples import Sample
from ml.artifacts import Model

SHOWN = 20  # rows of the sample kept with both models' predictions


def trial_report(engine: Engine, model: Model, sample: Sample) -> dict[str, Any]:
    """The report of a model trained elsewhere: what it says of the sample, beside the champion."""
    report: dict[str, Any] = {
        "schema": 1,
        "data": {
            "source": "external",
            "rows": None,
            "warnings": ["It was trained elsewhere: what its training measured is not known here."],
        },
        "metrics": model.card.metrics,
    }
    return report | ({"sample": _beside_champion(engine, model, sample)} if len(sample.X) else {})


def _beside_champion(engine: Engine, model: Model, sample: Sample) -> dict[str, Any]:
    """Figures of both models over the sample, and its first rows with both predictions."""
    state = EngineState.objects.select_related("model", "policy").get(engine=engine.name)
    ours, theirs = model.predict(sample.X), _champion(engine, state.model, sample)
    alert_from = state.policy.review_from / 100
    rows = [{"id": name, "model": float(one)} for name, one in zip(sample.ids, ours, strict=True)][:SHOWN]
    found: dict[str, Any] = {
        "source": sample.source,
        "rows": len(sample.X),
        "champion": None if theirs is None else str(state.model),
        "alert_from": alert_from,
        "alerts": int((ours >= alert_from).sum()),
        "mean": float(ours.mean()),
        "predictions": rows,
    }
    if theirs is None:
        return found
    for row, one in zip(rows, theirs, strict=False):
        row["champion"] = float(one)
    return found | {
        "champion_alerts": int((theirs >= alert_from).sum()),
        "champion_mean": float(theirs.mean()),
        "agreement": float(((ours >= alert_from) == (theirs >= alert_from)).mean()),
        "mean_difference": float(np.abs(ours - theirs).mean()),
    }


def _champion(engine: Engine, version: ModelVersion | None, sample: Sample) -> np.ndarray | None:
    """Its predictions for the same rows, where they carry what it reads."""
    if version is None or not sample.present.issuperset(version.card.get("features", ())):
        return None
    found = load_predictor(version, engine.feature_set).probabilities_or_none(sample.vectors)
    return None if found is None else np.array(found)


def lines_of(report: dict[str, Any]) -> list[str]:
    """The comparison on the sample, as the command prints it."""
    sample = report.get("sample")
    if not sample:
        return ["No stored decision and no --sample: it was tried on one row of medians only."]
    tried = f"On {sample['rows']:,} rows ({sample['source']}): "
    tried += f"mean {sample['mean']:.4f}, {sample['alerts']} alerts"
    if sample["champion"]:
        tried += (
            f"; champion {sample['champion']}: mean {sample['champion_mean']:.4f}, "
            f"{sample['champion_alerts']} alerts; they agree on {sample['agreement']:.1%}"
        )
    lines = [tried]
    for row in sample["predictions"]:
        beside = f"  champion {row['champion']:.4f}" if "champion" in row else ""
        lines.append(f"  {row['id']:<24.24} {row['model']:.4f}{beside}")
    return lines

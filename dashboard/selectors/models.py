"""The registry as its pages show it: engines with their models, and what may be done with one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from alerts.models import SystemAlert
from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, ModelStage, ModelVersion, PolicyVersion
from fraud_detection.models.governance import Engine
from fraud_detection.services.model_report import (
    headline,
    measured_on,
    report_charts,
    report_tables,
    warnings_of,
)
from fraud_detection.services.model_stages import former_champions, missing_live
from users.models import User

OLD_ONES = 5  # retired models listed of each engine
ORDER = (ModelStage.CHAMPION, ModelStage.SHADOW, ModelStage.CANDIDATE, ModelStage.RETIRED)
ACTIONS = {
    ModelStage.CANDIDATE: ("promote", "shadow", "retire"),
    ModelStage.SHADOW: ("promote", "retire"),
    ModelStage.CHAMPION: ("roll_back",),
    ModelStage.RETIRED: ("promote", "shadow"),
}
BUTTONS = {"promote": "Promote", "shadow": "Start shadow", "retire": "Retire", "roll_back": "Roll back"}


@dataclass(frozen=True)
class ModelRow:
    version: ModelVersion
    figures: dict[str, Any]
    live: bool  # it reads only what live events carry
    offers: list[tuple[str, str]]  # changes of stage offered in the list: (key, label)


@dataclass(frozen=True)
class Shelf:
    """An engine with its policy and models: champion, shadows, candidates, the last retired ones."""

    engine: str
    label: str
    policy: PolicyVersion
    rows: list[ModelRow]
    retired: int
    alarms: list[SystemAlert]

    @property
    def older(self) -> int:
        return max(self.retired - OLD_ONES, 0)


@dataclass(frozen=True)
class Action:
    """A change of stage: what it does in words, and why it is not open to this person, if it is not."""

    key: str
    label: str
    effect: str
    barred: str


@dataclass(frozen=True)
class Step:
    stage: str
    label: str
    said: str
    current: bool


def shelves() -> list[Shelf]:
    """Every engine that is installed, payments first."""
    states = EngineState.objects.select_related("policy")
    found = {state.engine: state for state in states}
    return [_shelf(found[engine], label) for engine, label in Engine.choices if engine in found]


def _shelf(state: EngineState, label: str) -> Shelf:
    of_engine = ModelVersion.objects.filter(engine=state.engine).defer("report")
    versions = list(of_engine.annotate(measured=F("report__metrics")).order_by("-number"))
    kept: list[ModelVersion] = []
    for stage in ORDER:
        of_stage = [version for version in versions if version.stage == stage]
        kept += of_stage[:OLD_ONES] if stage == ModelStage.RETIRED else of_stage
    return Shelf(
        engine=state.engine,
        label=label,
        policy=state.policy,
        rows=[_row(one, versions) for one in kept],
        retired=sum(version.stage == ModelStage.RETIRED for version in versions),
        alarms=list(_alarms(state.engine)),
    )


def _row(version: ModelVersion, of_engine: list[ModelVersion]) -> ModelRow:
    live = not missing_live(version)
    keys = [key for key in ACTIONS[ModelStage(version.stage)] if key != "retire"]
    if version.stage == ModelStage.RETIRED or not live:
        keys = []
    if version.stage == ModelStage.CHAMPION and not any(_was_before(one, version) for one in of_engine):
        keys = []
    if version.engine not in ENGINES:
        keys = [key for key in keys if key != "shadow"]
    return ModelRow(version, _figures(version), live, [(key, BUTTONS[key]) for key in keys])


def _was_before(one: ModelVersion, champion: ModelVersion) -> bool:
    served = one.stage == ModelStage.RETIRED and one.promoted_at and champion.promoted_at
    return bool(served and one.promoted_at < champion.promoted_at)


def _figures(version: ModelVersion) -> dict[str, Any]:
    """The figures of the report, without their intervals, else those of the card."""
    measured = version.measured if isinstance(version.measured, dict) else None
    found = measured or version.card.get("metrics") or {}
    return {name: value.get("value") if isinstance(value, dict) else value for name, value in found.items()}


def _alarms(engine: str) -> Iterable[SystemAlert]:
    return SystemAlert.objects.filter(engine=engine, cleared_at__isnull=True).order_by("-id")


def steps_of(version: ModelVersion) -> list[Step]:
    """The way of a model through its stages, with the moments that are known."""
    said = {
        ModelStage.CANDIDATE: f"registered by {version.created_by or 'system'}",
        ModelStage.SHADOW: "scores beside the champion",
        ModelStage.CHAMPION: f"approved by {version.promoted_by}"
        if version.promoted_at
        else "not by its maker",
        ModelStage.RETIRED: "can be promoted again",
    }
    steps = (ModelStage.CANDIDATE, ModelStage.SHADOW, ModelStage.CHAMPION, ModelStage.RETIRED)
    return [Step(stage, stage.label, said[stage], version.stage == stage) for stage in steps]


def actions_of(version: ModelVersion, user: User) -> list[Action]:
    """What may be done with a model in its stage; `barred` says why this person may not."""
    champion = ModelVersion.objects.filter(engine=version.engine, stage=ModelStage.CHAMPION).first()
    former = former_champions(version).first() if version.stage == ModelStage.CHAMPION else None
    effects = {
        "promote": _promotion(version, champion),
        "shadow": f"{version} scores every {version.engine} event beside the champion. Its scores are "
        "stored and compared; they change no decision.",
        "retire": f"{version} is put aside. It can be promoted or put in shadow again.",
        "roll_back": f"{former} decides again in place of {version}, in every process within 5 seconds.",
    }
    keys = [key for key in ACTIONS[ModelStage(version.stage)] if key != "roll_back" or former]
    if version.engine not in ENGINES:  # it decides about no events: there is nothing to score in shadow
        keys = [key for key in keys if key != "shadow"]
    return [Action(key, BUTTONS[key], effects[key], _barred(key, version, user)) for key in keys]


def _promotion(version: ModelVersion, champion: ModelVersion | None) -> str:
    effect = f"{version} decides about every {version.engine} event, in every process within 5 seconds."
    if champion:
        effect += f" {champion} is retired; rolling back brings it back."
    if version.generated_data_only:
        effect += " Trained on generated data only, it may lift an event to review, never to decline."
    return effect


def _barred(key: str, version: ModelVersion, user: User) -> str:
    if key == "promote" and version.created_by.casefold() == user.email.casefold():
        return "You made this model: somebody else must approve it."
    if key in ("promote", "shadow") and (unknown := missing_live(version)):
        shown = ", ".join(unknown[:8]) + (f" and {len(unknown) - 8} more" if len(unknown) > 8 else "")
        return f"It reads features that live events do not carry: {shown}. It can score histories only."
    return ""


def report_context(version: ModelVersion) -> dict[str, Any]:
    """What the training measured, ready to be shown; empty parts where there is no report."""
    tables = report_tables(version)
    return {
        "headline": headline(version),
        "measured_on": measured_on(version),
        "missing_live": missing_live(version),
        "warnings": warnings_of(version),
        "charts": report_charts(version),
        "wide": [table for table in tables if len(table.columns) > 2],
        "narrow": [table for table in tables if len(table.columns) <= 2],
        "sample": (version.report or {}).get("sample"),
        "technical": technical(version),
    }


def technical(version: ModelVersion) -> list[tuple[str, Any]]:
    """(what, value) about the file and how it came to be."""
    card = version.card
    rows = [
        ("File", version.path),
        ("SHA-256", version.sha256),
        ("Hash of predictions", card.get("prediction_hash")),
        ("Feature set", card.get("feature_set")),
        ("Features read", len(card.get("features", ()))),
        ("Calibration", card.get("calibration")),
        ("Explained by", card.get("explanation")),
        ("Seed", card.get("seed")),
        ("Libraries", ", ".join(f"{name} {value}" for name, value in (card.get("libraries") or {}).items())),
    ]
    return [(name, value) for name, value in rows if value not in (None, "")]

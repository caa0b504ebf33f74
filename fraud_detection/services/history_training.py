"""Training on imported histories, and scoring them with registered models."""

from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.services.histories import open_history
from fraud_detection.services.model_registry import register, version_named
from fraud_detection.services.training import TrainingRefused
from ml.artifacts import Model, load

Progress = Callable[[str], None]


class ScoringRefused(ValueError):
    """A model and a history that do not fit together; the message says what is missing."""


def train_on_history(
    engine: str,
    *,
    history: str,
    windows: Mapping[str, str | None],
    live: bool,
    seed: int,
    created_by: str,
    progress: Progress,
) -> ModelVersion:
    """Train on an imported history and register the result, with its report, as a candidate.

    windows  texts of train_from, train_until, test_from, test_until; None where the history decides
    live     only features that live events of the engine carry, so that the model can be promoted
    Raises TrainingRefused and NoSuchHistory; then nothing is registered.
    """
    check_installed(engine)
    from ml.history import HistoryRefused
    from ml.modeling.errors import TrainingRefused as TooLittle
    from ml.modeling.histories import train_history
    from ml.modeling.report.rivals import Rivals
    from ml.modeling.windows import windows_of

    opened = open_history(history)
    feature_set = ENGINES[engine].feature_set if live else None
    try:
        model, report = train_history(
            opened,
            engine=engine,
            seed=seed,
            windows=windows_of(opened, **windows),
            live=feature_set,
            compared_with=Rivals(champion=champion_of(engine)) if live else None,
            progress=progress,
        )
    except (TooLittle, HistoryRefused) as refused:
        raise TrainingRefused(str(refused)) from refused
    return register(model, created_by=created_by, report=report)


def score_history(
    model: str, *, history: str, windows: Mapping[str, str | None], out: Path, progress: Progress
) -> int:
    """Write id and score of each row of a history in order of time; returns how many.

    windows  texts of from_time and until_time (exclusive). Raises ScoringRefused, NoSuchModel,
    NoSuchHistory and ArtifactRefused; then nothing is written.
    """
    from ml.modeling.errors import TrainingRefused as WrongWindow
    from ml.modeling.scoring import ScoringRefused as Unfit
    from ml.modeling.scoring import score_rows, write_scores
    from ml.modeling.windows import bound_of

    version, opened = version_named(model), open_history(history)
    loaded = loaded_model(version)
    engine = ENGINES.get(version.engine)
    try:
        bounds = {name: bound_of(opened, text) for name, text in windows.items()}
        rows, scores = score_rows(
            loaded, opened, live=engine.feature_set if engine else None, progress=progress, **bounds
        )
    except (Unfit, WrongWindow) as refused:
        raise ScoringRefused(str(refused)) from refused
    write_scores(out, opened.ids[rows], scores)
    return len(rows)


def learnt_from(model: str, history: str) -> bool:
    """Whether a model without time learnt from the very rows of this history: its scores flatter it there."""
    card = version_named(model).card
    return card["training_window"].get("history") == history and card["split"] != "time"


def check_installed(engine: str) -> None:
    """Raise TrainingRefused for an engine that does not decide, or that is not installed."""
    if engine not in ENGINES:
        raise TrainingRefused(f"there is no engine '{engine}'; known are {', '.join(ENGINES)}")
    if not EngineState.objects.filter(engine=engine).exists():
        raise TrainingRefused(f"engine '{engine}' is not installed: run manage.py install_engines")


def champion_of(engine: str) -> tuple[str, Model] | None:
    """The champion and its name; None when there is none, or it cannot be read."""
    from ml.artifacts import ArtifactRefused

    state = EngineState.objects.select_related("model").filter(engine=engine).first()
    if state is None or state.model is None:
        return None
    try:
        return str(state.model), loaded_model(state.model)
    except ArtifactRefused:
        return None  # what refuses to load is told by the registry's own check; there is nothing to compare


def loaded_model(version: ModelVersion) -> Model:
    """The registered artifact, checked by its hash; raises ArtifactRefused."""
    return load(Path(settings.MODEL_DIR) / version.path, sha256=version.sha256)

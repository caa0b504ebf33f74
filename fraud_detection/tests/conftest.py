"""A small trained model, made once a process."""

import itertools
from datetime import UTC, datetime

import pytest


@pytest.fixture(scope="session")
def small_model():
    from ml.domains.payments.generator import generate
    from ml.domains.payments.training import train_from_frame

    frame = generate(customers=80, days=60, fraud_rate=0.05, seed=3, until=datetime(2026, 1, 1, tzinfo=UTC))
    return train_from_frame(frame, seed=3, source="generated", candidates=("lightgbm",), trees=20)


@pytest.fixture
def champion(payments_engine, small_model, settings, tmp_path):
    """The payments engine with a champion that was trained on generated data."""
    from fraud_detection.services import serving
    from fraud_detection.services.model_registry import promote_first, register

    settings.MODEL_DIR = tmp_path
    version = register(small_model, created_by="tests")
    assert promote_first(version, created_by="tests")
    serving.forget()
    return version


@pytest.fixture
def another(champion, small_model):
    """another() registers a model of ana@example.com, with bytes of its own, as a candidate."""
    from fraud_detection.services.model_registry import register
    from ml.artifacts import Model
    from ml.artifacts.calibration import Sigmoid

    slopes = itertools.count(1.01, 0.01)

    def make(**changes):
        model = Model(small_model.scorer, Sigmoid(slope=next(slopes)), small_model.card)
        return register(model.with_card(**changes), created_by="ana@example.com")

    return make

"""A small trained model, made once a process."""

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

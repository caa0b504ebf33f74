"""From a table of payments to a model, with errors that name the place."""

import numpy as np
import pytest

from ml.domains.payments.features import PAYMENTS
from ml.domains.payments.training import (
    features_and_labels,
    model_features,
    positions,
    train_from_frame,
)
from ml.modeling.errors import TrainingRefused
from ml.modeling.training import LABEL_DELAY
from ml.preprocessing.labels import label_stream
from ml.preprocessing.tables import DataError
from ml.tests.generated import payments_frame, payments_model, payments_vectors


def test_the_model_is_measured_on_time_after_its_training():
    card = payments_model().card
    assert card.split == "time"
    assert card.metrics["average_precision"] > 5 * card.metrics["base_rate"]
    assert (card.engine, card.feature_set, card.source) == ("payments", PAYMENTS.version, "generated")


def test_training_again_gives_the_same_predictions():
    again = train_from_frame(payments_frame(), seed=3, candidates=("lightgbm",), trees=40)
    assert again.card.prediction_hash == payments_model().card.prediction_hash


def test_single_row_predictions_equal_the_batch():
    model = payments_model()
    rows = payments_vectors()[0][:200, positions(model.card.features, PAYMENTS)]
    alone = np.array([model.predict(row[None, :])[0] for row in rows])
    np.testing.assert_array_equal(model.predict(rows), alone)


def test_the_model_reads_no_texts_codes_or_moments():
    read = [PAYMENTS.feature(name) for name in model_features()]
    assert {feature.kind for feature in read} == {"number", "bool"}
    assert not {"code", "time"} & {feature.unit for feature in read}
    assert {"sender_count_1h", "drained_share", "first_device"} <= set(model_features())


def test_the_order_of_rows_does_not_matter():
    frame = payments_frame().iloc[:600]
    shuffled = frame.sample(frac=1.0, random_state=1)
    for expected, found in zip(features_and_labels(frame), features_and_labels(shuffled), strict=True):
        np.testing.assert_array_equal(expected, found)


def test_labels_reach_features_only_when_they_are_known():
    frame = payments_frame().iloc[:4_000].copy()
    X, _, times = features_and_labels(frame)
    turned = frame.copy()
    last_week = times > times[-1] - LABEL_DELAY
    turned.loc[last_week, "is_fraud"] = 1 - turned.loc[last_week, "is_fraud"]
    np.testing.assert_array_equal(features_and_labels(turned)[0], X)


def test_the_label_stream_is_in_order_of_knowledge_without_unknown_labels():
    events = {name: np.arange(4) for name in ("receiver_key", "device_key", "ip_key", "merchant_key")}
    stream = label_stream(events, np.array([1, 0, -1, 1]), np.array([40, 30, 20, 10]))
    assert stream["known_at"].tolist() == [10, 30, 40]
    assert stream["fraud_delta"].tolist() == [1, 0, 1]
    assert stream["device_key"].tolist() == [3, 1, 0]


def _with(**values):
    frame = payments_frame().iloc[:30].astype(object)
    for column, value in values.items():
        frame.loc[7, column] = value
    return frame


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"is_fraud": "maybe"}, "file.csv, line 9, column is_fraud: 'maybe' is not a label"),
        ({"amount": -4.0}, "file.csv, line 9, column amount: must not be below 0"),
        ({"occurred_at": "yesterday"}, "file.csv, line 9, column occurred_at: 'yesterday' is not"),
        ({"occurred_at": None}, "file.csv, line 9, column occurred_at: is needed for history"),
        ({"currency": "EUR"}, "file.csv, column currency: holds EUR, USD: exchange rates are needed"),
    ],
)
def test_wrong_cells_are_named(values, message):
    with pytest.raises(DataError) as error:
        features_and_labels(_with(**values), path="file.csv")
    assert str(error.value).startswith(message)


def test_a_table_without_labels_is_refused():
    with pytest.raises(DataError, match="has no label column; one of is_fraud, isFraud, label"):
        features_and_labels(payments_frame().drop(columns="is_fraud"))


def test_a_table_of_one_class_is_refused():
    with pytest.raises(TrainingRefused, match="0 rows are labelled fraud; at least 15"):
        train_from_frame(payments_frame().iloc[:300].assign(is_fraud=0), seed=1)

"""Models trained elsewhere: what is accepted and served, and what is refused before anything is stored."""

import json

import joblib
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from fraud_detection.models import Assessment, ModelVersion
from fraud_detection.predictor import load_predictor
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.model_stages import promote
from logs.models import AuditEvent
from ml.domains.payments.features import PAYMENTS

pytestmark = pytest.mark.django_db
NAMES = list(PAYMENTS.numbers[:4])
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture
def put(tmp_path):
    """put(estimator) writes its joblib file; put(names, "f.json") a JSON file."""

    def make(content, name="model.joblib"):
        path = tmp_path / name
        if name.endswith(".json"):
            path.write_text(json.dumps(content))
        elif name.endswith(".joblib"):
            joblib.dump(content, path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.fixture
def registering(champion, put, capsys):
    """registering(estimator, names, **options) runs the command; returns the version and what it said."""

    def run(estimator, names=NAMES, name="model.joblib", **options):
        call_command(
            "register_model", "payments", str(put(estimator, name)),
            features=put(names, "names.json"), **options,
        )  # fmt: skip
        return ModelVersion.objects.order_by("-number").first(), capsys.readouterr().out

    return run


def refused(registering, *arguments, **options) -> str:
    """The message of a refusal that registered nothing."""
    with pytest.raises(CommandError) as failure:
        registering(*arguments, **options)
    assert ModelVersion.objects.count() == 1
    return str(failure.value)


def test_a_classifier_is_tried_on_stored_decisions_beside_the_champion(
    registering, champion, payment, client_system
):
    decide_payments([payment(amount=f"{n}.00") for n in range(5, 30)], client=client_system)
    version, said = registering(LogisticRegression().fit(X, Y), author="ana@example.com")
    assert (version.stage, version.created_by, str(version)) == ("candidate", "ana@example.com", "payments-2")
    assert (version.card["source"], version.card["features"]) == ("external", NAMES)
    assert version.card["algorithm"] == "LogisticRegression" and not version.generated_data_only
    sample = version.report["sample"]
    assert (sample["rows"], sample["champion"], len(sample["predictions"])) == (25, "payments-1", 20)
    stored = Assessment.objects.order_by("-id").first()
    first = sample["predictions"][0]
    assert (first["id"], round(first["champion"], 6)) == (stored.external_id, stored.fraud_probability)
    assert "On 25 rows (the newest stored decisions)" in said and version.sha256 in said
    named = AuditEvent.objects.get(action="model.file_named")
    assert (named.actor, len(named.after["sha256"])) == ("ana@example.com", 64)


def test_it_predicts_here_what_it_predicted_there_and_serves(registering, put, payment, client_system):
    forest = RandomForestClassifier(n_estimators=5, random_state=0).fit(X, Y)
    expected = forest.predict_proba(X)[:, 1]
    rows = "\n".join(
        ",".join(map(repr, [*row, p])) for row, p in zip(X.tolist(), expected.tolist(), strict=True)
    )
    sample = put(",".join([*NAMES, "probability"]) + "\n" + rows, "sample.csv")
    version, _ = registering(forest, sample=sample)
    predictor = load_predictor(version, PAYMENTS)
    vectors = np.full((60, len(PAYMENTS.numbers)), np.nan)
    vectors[:, :4] = X
    assert np.allclose(predictor.probabilities_or_none(vectors), expected, atol=2e-6)
    assert "champion" not in version.report["sample"]["predictions"][0]  # the file lacks what it reads
    promote(version, approved_by="ben@example.com")
    serving.forget()
    body = decide_payment(payment(), client=client_system).body
    assert (body["model_version"], body["degraded_parts"]) == ("payments-2", [])


def test_a_sample_that_expects_otherwise_refuses_the_model(registering, put):
    sample = put(",".join([*NAMES, "probability"]) + "\n0,0,0,0,0.999\n", "sample.csv")
    said = refused(registering, LogisticRegression().fit(X, Y), sample=sample)
    assert "row 1 of the sample expects the probability 0.999" in said


def test_labels_in_the_sample_are_measured(registering, put):
    rows = [[*row, label] for row, label in zip(X.tolist(), Y.tolist(), strict=True)]
    text = "\n".join(",".join(map(str, row)) for row in [[*NAMES, "label"], *rows])
    version, _ = registering(LogisticRegression().fit(X, Y), sample=put(text, "sample.csv"))
    assert version.card["metrics"]["frauds"] == int(Y.sum()) and version.card["metrics"]["roc_auc"] > 0.9
    assert version.card["prediction_hash"] != ""


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([*NAMES[:3], "amout_usd_nothing"], "names what payments does not have"),
        (NAMES[:3], "takes 4 features, the list names 3"),
        ([*NAMES, NAMES[0]], "names twice"),
        ([], "must be a list of feature names"),
        ({"names": NAMES}, "must be a list of feature names"),
    ],
)
def test_a_feature_list_that_does_not_fit_is_refused(registering, names, said):
    assert said in refused(registering, LogisticRegression().fit(X, Y), names)


def test_a_misspelt_feature_gets_a_suggestion(registering):
    wrong = NAMES[0][:-1] + "x"
    said = refused(registering, LogisticRegression().fit(X, Y), [wrong, *NAMES[1:]])
    assert f"'{wrong}' (did you mean '{NAMES[0]}'?)" in said


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_the_names_the_model_was_fitted_with_decide(registering):
    import pandas as pd

    fitted = LogisticRegression().fit(pd.DataFrame(X, columns=NAMES), Y)
    said = refused(registering, fitted, [NAMES[1], NAMES[0], *NAMES[2:]])
    assert f"the order differs from place 1 on: the model reads '{NAMES[0]}' there" in said
    other = [*NAMES[:3], PAYMENTS.numbers[9]]
    said = refused(registering, fitted, other)
    assert f"the model reads '{NAMES[3]}', which the list lacks" in said
    assert f"the list has '{PAYMENTS.numbers[9]}', which the model does not read" in said
    assert registering(fitted)[0].card["features"] == NAMES


def test_classes_that_are_not_0_and_1_need_a_word(registering):
    named = LogisticRegression().fit(X, np.where(Y == 1, "bad", "good"))
    assert "its classes are bad and good: say which one is fraud" in refused(registering, named)
    assert "has no class 'evil'" in refused(registering, named, positive="evil")
    version, _ = registering(named, positive="bad")
    plain, _ = registering(LogisticRegression().fit(X, Y))
    both = [load_predictor(one, PAYMENTS).model.predict(X[:5]) for one in (version, plain)]
    assert np.allclose(*both)


def test_missing_values_get_medians_where_a_model_knows_none(registering, put):
    sample = put(",".join(NAMES) + "\n1,2,3,4\n3,2,,4\n5,2,7,4\n", "sample.csv")
    version, said = registering(LogisticRegression().fit(X, Y), sample=sample)
    assert "takes no missing values" in said
    model = load_predictor(version, PAYMENTS).model
    assert model.predict(np.array([[np.nan, 2, 3, 4.0]])) == model.predict(np.array([[3.0, 2, 3, 4]]))
    forest, said = registering(RandomForestClassifier(3).fit(np.vstack([X, [[np.nan] * 4]]), [*Y, 0]))
    assert forest.card["notes"] == []


@pytest.mark.parametrize("kind", [LinearSVC, IsolationForest])
def test_a_margin_becomes_a_score(registering, kind, payment, client_system):
    decide_payments([payment(amount=f"{n}.00") for n in range(5, 30)], client=client_system)
    version, said = registering(make_pipeline(kind(random_state=0)).fit(X, Y))
    assert "it gives no probabilities" in said
    predicted = load_predictor(version, PAYMENTS).model.predict(X)
    assert predicted.min() >= 0 and predicted.max() <= 1 and predicted.std() > 0


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (Ridge().fit(X, Y), "neither predict_proba nor decision_function"),
        ({"not": "a model"}, "neither predict_proba nor decision_function"),
        (LogisticRegression().fit(X, RNG.integers(0, 3, 60)), "it knows 3 classes"),
        (LogisticRegression(), "does not predict from a plain array"),
    ],
)
def test_what_is_no_fitted_classifier_is_refused(registering, estimator, said):
    assert said in refused(registering, estimator)


def test_a_file_that_is_no_model_is_refused(registering, put):
    assert "is not a joblib file" in refused(registering, b"nonsense", name="model.pkl")
    assert "No such file" in refused(
        registering, LogisticRegression().fit(X, Y), sample=put("", "x.csv").with_name("y.csv")
    )
    assert "not the one that was given" in refused(
        registering, LogisticRegression().fit(X, Y), sha256="0" * 64
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lacks the columns"),
        (",".join(NAMES), "holds no row"),
        (",".join(NAMES) + "\n1,2,x,4", f"line 2, column {NAMES[2]}: 'x' is no number"),
        (",".join(NAMES) + "\n1,2,inf,4", "is infinite"),
        (",".join([*NAMES, NAMES[0]]) + "\n1,2,3,4,5", "has two columns"),
    ],
)
def test_a_sample_that_cannot_be_read_is_refused_by_line_and_column(registering, put, text, said):
    assert said in refused(registering, LogisticRegression().fit(X, Y), sample=put(text, "sample.csv"))


def test_without_any_sample_it_is_tried_on_medians(registering):
    version, said = registering(LogisticRegression().fit(X, Y))
    assert "tried on one row of medians only" in said and "sample" not in version.report


def test_an_unknown_engine_names_the_known(champion, put):
    with pytest.raises(CommandError, match="no engine 'cards'; known are payments"):
        call_command(
            "register_model", "cards", str(put(LogisticRegression())), features=put(NAMES, "names.json")
        )


class TestOnnx:
    @pytest.fixture
    def onnx(self):
        pytest.importorskip("onnxruntime")
        skl2onnx = pytest.importorskip("skl2onnx")
        from skl2onnx.common.data_types import FloatTensorType

        def convert(estimator, width=4, **options) -> bytes:
            kind = [("input", FloatTensorType([None, width]))]
            return skl2onnx.convert_sklearn(
                estimator, initial_types=kind, options={id(estimator): options} if options else None
            ).SerializeToString()

        return convert

    @pytest.mark.parametrize("zipmap", [True, False])
    def test_it_predicts_what_the_original_did(self, registering, onnx, zipmap, payment, client_system):
        original = LogisticRegression().fit(X, Y)
        version, _ = registering(onnx(original, zipmap=zipmap), name="model.onnx")
        predictor = load_predictor(version, PAYMENTS)
        assert np.allclose(predictor.model.predict(X), original.predict_proba(X)[:, 1], atol=1e-6)
        promote(version, approved_by="ben@example.com")
        serving.forget()
        assert decide_payment(payment(), client=client_system).body["model_version"] == "payments-2"

    def test_what_does_not_fit_is_refused(self, registering, onnx):
        assert "takes 3 features" in refused(
            registering, onnx(LogisticRegression().fit(X[:, :3], Y), 3), name="model.onnx"
        )
        assert "does not read it" in refused(registering, b"nonsense", name="model.onnx")
        words = onnx(LogisticRegression().fit(X, np.where(Y == 1, "bad", "good")))
        assert "convert it with the classes 0 and 1" in refused(registering, words, name="model.onnx")

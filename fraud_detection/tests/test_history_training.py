"""From an imported history, or from stored decisions, to a registered candidate and its scores."""

from datetime import UTC, datetime
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from fraud_detection.models import ImportedHistory, ModelVersion
from fraud_detection.services import history_training, training
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.histories import home
from fraud_detection.services.model_registry import PromotionRefused, promote
from fraud_detection.services.model_report.markdown import markdown_card
from ml.domains.payments.features import PAYMENTS
from ml.domains.payments.generator import generate
from ml.history import save
from ml.modeling import histories as ml_histories
from ml.tests.labelled_histories import QUICK, timed, timeless
from transactions.models import Transaction
from transactions.services import record_labels
from users.services import client_system

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path, monkeypatch):
    settings.HISTORY_DIR, settings.MODEL_DIR = tmp_path / "histories", tmp_path / "models"
    monkeypatch.setattr(ml_histories, "recipes", lambda *sizes: list(QUICK))


def kept(history):
    """The history as if it had been imported."""
    save(history, home() / history.name)
    return ImportedHistory.objects.create(
        name=history.name, mapping={}, report={}, rows=len(history), positives=history.positives,
        directory=history.name, created_by="tests",
    )  # fmt: skip


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def train(*arguments: str) -> ModelVersion:
    said = run("train_model", "payments", *arguments).splitlines()[-1]
    name = said.split()[0]
    version = ModelVersion.objects.latest("number")
    assert name == str(version)
    return version


def test_a_history_makes_a_candidate_with_its_report_and_scores(payments_engine, tmp_path):
    history = timed()
    kept(history)
    version = train("--history", "timed-0", "--train-until", "2024-11-20")
    assert version.stage == "candidate"
    assert version.report["data"]["split"]["train_until"] == "2024-11-20T00:00:00+00:00"
    assert version.report["metrics"]["average_precision"]["value"] > 0.9
    card = markdown_card(version)
    assert "column:kind" in card and "2024-11-20" in card
    out = tmp_path / "scores.csv"
    window = ("--from", "2024-11-20", "--until", "2024-11-25")
    run("score_history", str(version), "--history", "timed-0", *window,
        "--out", str(out))  # fmt: skip
    rows = [line.split(",") for line in out.read_text().splitlines()]
    first = np.searchsorted(history.times, datetime(2024, 11, 20, tzinfo=UTC).timestamp() * 1e6)
    last = np.searchsorted(history.times, datetime(2024, 11, 25, tzinfo=UTC).timestamp() * 1e6)
    assert rows[0] == ["id", "score"]
    assert [row[0] for row in rows[1:]] == history.ids[first:last].tolist()


def test_a_model_of_extra_columns_cannot_serve_and_the_refusal_names_them(payments_engine):
    kept(timed())
    version = train("--history", "timed-0")
    with pytest.raises(PromotionRefused, match="column:"):
        promote(version, approved_by="boss@example.com")
    version.refresh_from_db()
    assert version.stage == "candidate"


def test_live_training_reads_only_what_live_events_carry(payments_engine, champion):
    kept(timed())
    version = train("--history", "timed-0", "--live")
    assert set(version.card["features"]) <= set(PAYMENTS.numbers)
    assert version.report["champion"]["version"] == "payments-1"
    promote(version, approved_by="boss@example.com")
    version.refresh_from_db()
    assert version.stage == "champion"


def test_stored_decisions_with_labels_train_a_candidate_from_their_logged_features(champion):
    frame = generate(customers=25, days=40, fraud_rate=0.1, seed=5, until=datetime(2026, 1, 1, tzinfo=UTC))
    frauds = frame["is_fraud"].astype(bool).to_numpy()
    records = [
        {name: value for name, value in row.items() if value is not None and value == value}
        for row in frame.drop(columns=["is_fraud", "scheme"]).to_dict("records")
    ]
    decide_payments(records, client=client_system("shop"))
    events = dict(Transaction.objects.values_list("transaction_id", "pk"))
    names = [record["transaction_id"] for record in records]
    for verdict, wanted in (("fraud", frauds), ("legitimate", ~frauds)):
        chosen = [events[name] for name, one in zip(names, wanted, strict=True) if one]
        record_labels(chosen, verdict=verdict, source="customer", known_at=datetime(2026, 1, 2, tzinfo=UTC))
    said = []
    version = training.train_stored("payments", seed=1, created_by="tests", progress=said.append)
    assert said[0] == f"{len(records):,} labelled decisions, {int(frauds.sum()):,} of them fraud"
    assert version.card["source"] == "stored"
    assert version.report["champion"]["version"] == "payments-1"
    assert set(version.report["rules_alone"]) == {"precision", "recall", "alerts"}
    assert version.stage == "candidate"


def test_without_labels_the_default_is_generated_data_and_stored_alone_is_refused(payments_engine):
    with pytest.raises(training.TrainingRefused, match=r"no decision of payments .* has a label"):
        training.train_stored("payments", seed=1, created_by="tests", progress=str)
    assert ModelVersion.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--history", "timed-9"), "there is no history 'timed-9'"),
        (("--history", "timeless-0", "--train-until", "2024-11-20"), "has no time"),
        (("--history", "timeless-0", "--live"), "has no time: live features need one"),
        (("--history", "timed-0", "--train-until", "tomorrow"), "'tomorrow' is not a date"),
        (("--live",), "--live and windows of time go with --history"),
    ],
)
def test_wrong_requests_are_refused_and_nothing_is_registered(payments_engine, arguments, message):
    kept(timed(rows=600))
    kept(timeless())
    with pytest.raises(CommandError, match=message):
        train(*arguments)
    assert ModelVersion.objects.count() == 0


def test_an_interrupted_training_leaves_nothing(champion, monkeypatch):
    kept(timed(rows=600))

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(ml_histories, "report_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train("--history", "timed-0")
    assert [str(version) for version in ModelVersion.objects.all()] == ["payments-1"]
    assert ModelVersion.objects.get().stage == "champion"


def test_an_engine_that_does_not_exist_is_named(payments_engine):
    with pytest.raises(training.TrainingRefused, match="there is no engine 'shoes'; known are payments"):
        history_training.check_installed("shoes")


def test_scores_over_rows_a_timeless_model_learnt_from_are_warned_about(payments_engine, tmp_path):
    kept(timeless())
    version = train("--history", "timeless-0")
    err = StringIO()
    call_command("score_history", str(version), history="timeless-0", out=tmp_path / "s.csv", stderr=err,
                 stdout=StringIO(), from_time=None, until_time=None)  # fmt: skip
    assert "figures over these scores flatter it" in err.getvalue()
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 401

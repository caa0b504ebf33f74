"""`python -m ml`: generate, train, evaluate."""

import json

import pandas as pd
import pytest

from ml.__main__ import main
from ml.tests.generated import payments_frame


@pytest.fixture(scope="module")
def payments_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "payments.csv.gz"
    payments_frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory, payments_file):
    out = tmp_path_factory.mktemp("models")
    assert main(["train", "payments", str(payments_file), "--out", str(out), "--candidates", "lightgbm"]) == 0
    return next(out.glob("*.joblib"))


def test_generate_payments(tmp_path):
    out = tmp_path / "deep" / "payments.csv"
    assert (
        main(["generate", "payments", "--rows", "900", "--days", "20", "--seed", "3", "--out", str(out)]) == 0
    )
    frame = pd.read_csv(out)
    assert len(frame) == 900
    assert {"transaction_id", "occurred_at", "amount", "is_fraud", "scheme"} <= set(frame)
    assert [item.name for item in out.parent.iterdir()] == ["payments.csv"]


def test_generate_customers(tmp_path):
    out = tmp_path / "users_1k.csv"
    assert main(["generate", "customers", "--rows", "1000", "--fraud-rate", "0.10", "--out", str(out)]) == 0
    assert pd.read_csv(out)["is_fraud"].value_counts().to_dict() == {0: 900, 1: 100}


def test_train_writes_a_model_and_its_card(trained):
    card = json.loads(trained.with_suffix(".json").read_text())
    assert (card["engine"], card["source"], card["file"]) == ("payments", "generated", trained.name)


def test_evaluate_measures_a_saved_model(trained, payments_file, capsys):
    assert main(["evaluate", str(trained), str(payments_file)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rows"] == len(payments_frame())
    assert found["roc_auc"] > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "payments", "nowhere.csv", "--out", "x"], "nowhere.csv: there is no such file"),
        (["generate", "payments", "--customers", "1", "--out", "x.csv"], "customers must be at least 20"),
        (["evaluate", "nowhere.joblib", "nowhere.csv"], "nowhere.json: the model's card is missing"),
    ],
)
def test_errors_are_one_line(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: {message}")
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_swapped_model_is_not_opened(trained, payments_file, tmp_path, capsys):
    copy = tmp_path / trained.name
    copy.write_bytes(trained.read_bytes()[:-1] + b"?")
    copy.with_suffix(".json").write_bytes(trained.with_suffix(".json").read_bytes())
    assert main(["evaluate", str(copy), str(payments_file)]) == 1
    assert "SHA-256" in capsys.readouterr().err


@pytest.mark.parametrize("domain", ["aml", "credit", "insurance", "market"])
def test_a_week_of_each_domain_is_written_with_its_schemes(domain, tmp_path):
    out = tmp_path / "week.csv"
    assert main(["generate", domain, "--scale", "0.02", "--out", str(out)]) == 0
    frame = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert ((frame["scheme"] != "") == (frame["is_fraud"] == "1")).all()
    assert 0 < (frame["is_fraud"] == "1").sum() < len(frame)

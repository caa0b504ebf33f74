"""The unpaid-debt model: what it reads, how it is trained, and what it says for its reasons."""

import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from ml.__main__ import main
from ml.data_generation.customers import generate_customers
from ml.domains.customers.features import CUSTOMERS, demographics_of, inputs_of, model_features, vectors
from ml.domains.customers.reasons import reasons_of
from ml.domains.customers.schema import not_taken_in, prohibited_basis, read_posted
from ml.domains.customers.training import labelled_customers, train_from_frame
from ml.domains.fields import RecordRefused
from ml.explainability.batch import contributions
from ml.preprocessing.tables import DataError

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def frame():
    return generate_customers(rows=1_500, seed=6)


@pytest.fixture(scope="module")
def models(frame):
    return {
        name: train_from_frame(frame, seed=2, source="generated", candidates=(name,))
        for name in ("lightgbm", "logistic_regression", "random_forest")
    }


@pytest.fixture(scope="module")
def others():
    """Attributes and labels of customers that no model saw."""
    return labelled_customers(generate_customers(rows=400, seed=77), allowed=(), path="others")


@pytest.mark.parametrize(
    ("name", "basis"),
    [
        ("sex", "sex"),
        ("Gender", "sex"),
        ("personal_status_sex", "marital status"),
        ("maritalStatus", "marital status"),
        ("RACE", "race"),
        ("religion code", "religion"),
        ("foreign_worker", "national origin"),
        ("ZIP-Code", "a proxy of race"),
        ("grace_period", None),
        ("monthly_income", None),
        ("sextant", None),
    ],
)
def test_prohibited_bases_are_known_by_name(name, basis):
    assert prohibited_basis(name) == basis


def test_demographics_are_taken_in_where_policy_allows_them():
    assert list(not_taken_in(["age", "dependants", "savings"], ())) == ["age", "dependants"]
    assert list(not_taken_in(["age", "dependants", "savings"], ("age",))) == ["dependants"]
    assert demographics_of(model_features(())) == []
    assert demographics_of(model_features(("age",))) == ["age"]
    assert not {"region", "name", "home_country"} & set(inputs_of(CUSTOMERS.numbers))


def test_a_posted_record_names_every_problem_at_once():
    with pytest.raises(RecordRefused) as refused:
        read_posted({"race": 1, "age": 4, "savings": "x"}, now=NOW, allowed=("age",))
    assert [(p.field, p.code) for p in refused.value.problems] == [
        ("race", "not_taken_in"),
        ("age", "too_small"),
        ("savings", "not_a_number"),
    ]
    with pytest.raises(RecordRefused, match="must be an object, not a list"):
        read_posted([], now=NOW, allowed=())


def test_vectors_hold_values_flags_and_ratios():
    names = ("monthly_income", "employment_retired", "debt_to_income", "credit_used")
    rows = [
        {"monthly_income": 2_000, "monthly_debt_payment": 500, "employment": "retired", "credit_limit": 0},
        {"monthly_income": 0, "monthly_debt_payment": 500, "employment": "employed", "card_balance": 5},
        {"monthly_income": "many", "employment": "pirate"},
    ]
    nan = np.nan
    expected = [[2_000, 1, 0.25, nan], [0, 0, nan, nan], [nan, nan, nan, nan]]
    np.testing.assert_array_equal(vectors(rows, names), expected)


@pytest.mark.parametrize("name", ["lightgbm", "logistic_regression", "random_forest"])
def test_contributions_add_up_to_the_score(models, others, name):
    model = models[name]
    X = vectors(others[0], model.card.features)
    added = contributions(model, X)
    baseline = model.raw(X) - added.sum(axis=1)
    assert added.shape == X.shape
    np.testing.assert_allclose(baseline, baseline[0], atol=1e-6)


def test_batch_contributions_are_those_of_single_rows(models, others):
    X = vectors(others[0][:20], models["lightgbm"].card.features)
    batch = contributions(models["lightgbm"], X)
    single = [models["lightgbm"].contributions(x) for x in X]
    np.testing.assert_allclose(batch, single, atol=1e-9)


@pytest.mark.parametrize("name", ["lightgbm", "logistic_regression"])
def test_it_ranks_customers_it_never_saw(models, others, name):
    from sklearn.metrics import roc_auc_score

    rows, y = others
    assert roc_auc_score(y, models[name].predict(vectors(rows, models[name].card.features))) > 0.82


def test_reasons_name_attributes_in_words(models, others):
    model, rows = models["lightgbm"], others[0]
    X = vectors(rows, model.card.features)
    told = reasons_of(model, rows, X)
    assert len(told) == len(rows) and max(map(len, told)) == 3
    for reasons in told:
        assert [r.contribution for r in reasons] == sorted((r.contribution for r in reasons), reverse=True)
        assert all(r.contribution >= 0.05 and r.code.startswith("M_") for r in reasons)
    worst = told[int(np.argmax(model.predict(X)))]
    assert all(": " in reason.text for reason in worst)


def test_flags_of_a_choice_are_one_reason(models):
    row = {"employment": "part_time"}
    told = reasons_of(
        models["logistic_regression"], [row], vectors([row], models["logistic_regression"].card.features), 99
    )
    texts = [reason.text for reason in told[0] if reason.code == "M_EMPLOYMENT"]
    assert texts in ([], ["Employment: part time"])


def test_the_same_data_and_seed_give_the_same_model(frame, models):
    again = train_from_frame(frame, seed=2, source="generated", candidates=("lightgbm",))
    assert again.card.prediction_hash == models["lightgbm"].card.prediction_hash
    assert again.card.feature_set == CUSTOMERS.version


def test_training_on_a_table_names_line_and_column(frame):
    text = frame.astype(str)
    text.loc[3, "monthly_income"] = "-4"
    with pytest.raises(DataError, match="line 5, column monthly_income: must not be below 0"):
        train_from_frame(text, seed=1, path="users.csv")
    with pytest.raises(DataError, match="has no label column"):
        train_from_frame(frame.drop(columns="is_fraud"), seed=1)
    with pytest.raises(DataError, match="has no column that the model reads"):
        train_from_frame(frame[["customer_id", "name", "is_fraud"]], seed=1)


def test_prohibited_columns_are_left_out_of_training(frame):
    told: list[str] = []
    model = train_from_frame(
        frame.assign(sex="f"), seed=1, candidates=("logistic_regression",), progress=told.append
    )
    assert "column sex is left out: it speaks of sex: a prohibited basis is never taken in" in told
    assert any(line.startswith("column age is left out") for line in told)
    assert "age" not in model.card.features


def test_the_command_line_writes_both_files_and_a_model(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "customers"]) == 0
    small, large = (pd.read_csv(tmp_path / "data" / name) for name in ("users_1k.csv", "users_10k.csv"))
    assert (len(small), small["is_fraud"].sum(), len(large), large["is_fraud"].sum()) == (
        1_000,
        100,
        10_000,
        500,
    )
    assert not set(small["customer_id"]) & set(large["customer_id"])
    assert main(["generate", "customers", "--rows", "5"]) == 1
    assert "--rows and --fraud-rate go with --out" in capsys.readouterr().err
    assert main(["train", "customers", "data/users_1k.csv", "--out", "m", "--candidates", "lightgbm"]) == 0
    card = json.loads(next((tmp_path / "m").glob("*.json")).read_text())
    assert (card["engine"], card["source"], "dependants" in card["features"]) == (
        "customers",
        "imported",
        True,
    )
    assert main(["train", "customers", "--out", "m", "--demographics", "sex"]) == 1

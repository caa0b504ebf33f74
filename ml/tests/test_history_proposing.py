"""A mapping is proposed from names and values alone, on shapes of files that people have."""

import json

import numpy as np
import pytest

from ml.__main__ import main
from ml.history import load
from ml.history.cards import masked
from ml.history.judging import prohibited
from ml.history.names import AMOUNT, DEVICE, rank
from ml.history.numbers import MISSING
from ml.history.profile import Profile
from ml.history.proposing import proposal
from ml.history.reading import read_history
from ml.tests import history_shapes as shapes

# shape -> roles, how many become features, and what is left out with its topic
EXPECTED = {
    "anonymous_cards": (
        {"time": ("Time", "seconds"), "amount": "Amount", "label": ("Class", ["1"], ["0"])}, 5, {}),
    "mobile_money": (
        {"time": ("step", "hours"), "entity": "nameOrig", "counterparty": "nameDest", "amount": "amount",
         "label": ("isFraud", ["1"], ["0"])}, 3, {"isFlaggedFraud": "constant"}),
    "shop_transactions": (
        {"id": "TransactionID", "time": ("TransactionDT", "seconds"), "entity": "card1",
         "amount": "TransactionAmt", "label": ("isFraud", ["1"], ["0"])}, 8, {}),
    "account_openings": (
        {"time": ("month", "ordinal"), "label": ("fraud_bool", ["1"], ["0"])}, 16,
        {"customer_age": "prohibited"}),
    "motor_claims": (
        {"id": "policy_number", "time": ("incident_date", "dayfirst"), "amount": "total_claim_amount",
         "label": ("fraud_reported", ["Y"], ["N"])}, 10,
        {"insured_zip": "identifier", "insured_sex": "prohibited", "_c39": "constant"}),
    "vehicle_policies": (
        {"id": "PolicyNumber", "time": (["Year", "Month"], "absolute"),
         "label": ("FraudFound_P", ["1"], ["0"])}, 7, {"Sex": "prohibited", "MaritalStatus": "prohibited"}),
    "web_shop": (
        {"id": "user_id", "time": ("purchase_time", "absolute"), "device": "device_id",
         "amount": "purchase_value", "label": ("class", ["1"], ["0"])}, 5, {"sex": "prohibited"}),
    "generated_cards": (
        {"time": (["Year", "Month", "Day", "Time"], "absolute"), "entity": "User",
         "counterparty": "Merchant Name", "amount": "Amount",
         "label": ("Is Fraud?", ["Yes"], ["No"])}, 6, {}),
    "laundering": (
        {"time": ("Timestamp", "absolute"), "entity": "Account", "counterparty": "Account.1",
         "amount": "Amount Paid", "label": ("Is Laundering", ["1"], ["0"])}, 5, {}),
    "bank_simulation": (
        {"time": ("step", "hours"), "entity": "customer", "counterparty": "merchant", "amount": "amount",
         "label": ("fraud", ["1"], ["0"])}, 2, {"gender": "prohibited", "zipcodeOri": "constant"}),
    "card_defaults": (
        {"id": "ID", "label": ("default.payment.next.month", ["1"], ["0"])}, 5,
        {"SEX": "prohibited", "MARRIAGE": "prohibited", "AGE": "prohibited"}),
    "coded_credit": ({"label": ("c8", ["2"], ["1"])}, 7, {}),
    "lending": (
        {"id": "id", "time": ("issue_d", "absolute"), "amount": "loan_amnt",
         "label": ("loan_status", ["Charged Off"], ["Fully Paid"])}, 9, {}),
    "terminals": (
        {"id": "TRANSACTION_ID", "time": ("TX_DATETIME", "absolute"), "entity": "CUSTOMER_ID",
         "counterparty": "TERMINAL_ID", "amount": "TX_AMOUNT", "label": ("TX_FRAUD", ["1"], ["0"])}, 0,
        {"TX_TIME_SECONDS": "time", "TX_TIME_DAYS": "time", "TX_FRAUD_SCENARIO": "opinion"}),
    "delinquencies": (
        {"id": "c1", "label": ("SeriousDlqin2yrs", ["1"], ["0"])}, 4, {"age": "prohibited"}),
    "home_loans": (
        {"id": "SK_ID_CURR", "amount": "AMT_CREDIT", "label": ("TARGET", ["1"], ["0"])}, 5,
        {"CODE_GENDER": "prohibited", "NAME_FAMILY_STATUS": "prohibited", "DAYS_BIRTH": "prohibited"}),
    "continental": (
        {"time": (["Datum", "Uhrzeit"], "absolute"), "entity": "Kundennummer", "amount": "Betrag",
         "label": ("Betrug", ["ja"], ["nein"])}, 1, {}),
    "payouts": (
        {"id": "transaction_ref", "time": ("created_at", "absolute"), "entity": "sender_account",
         "counterparty": "beneficiary_account", "device": "ip_address", "amount": "value",
         "label": ("fraud_label", ["fraud"], ["legit"])}, 0,
        {"customer_name": "personal", "email": "personal", "mobile_number": "personal",
         "nationality": "prohibited", "risk_flagged": "opinion"}),
}  # fmt: skip
ROLES = ("id", "entity", "counterparty", "device", "amount")


@pytest.mark.parametrize("shape", EXPECTED)
def test_a_shape_is_recognised_and_imports(shape, tmp_path):
    roles, features, left_out = EXPECTED[shape]
    file = tmp_path / "data.csv"
    file.write_text(getattr(shapes, shape)())
    found = proposal(file)
    told = found.mapping.as_json()
    assert {role: told[role] for role in ROLES if role in told} == {r: roles[r] for r in ROLES if r in roles}
    assert (
        (told["time"]["column"], told["time"]["kind"]) == roles["time"]
        if "time" in roles
        else "time" not in told
    )
    label = told["label"]
    assert (label["column"], label["fraud"], label["legitimate"]) == roles["label"]
    assert len(told["numeric"]) + len(told["categorical"]) == features
    assert {name: fate.topic for name, fate in found.fates.items() if fate.kind == "ignore"} == left_out
    history, report = read_history(file, told)
    assert (report["rows"], report["refused"]["count"]) == (shapes.ROWS, 0)
    assert history.positives == 62
    assert len(history.numeric) + len(history.categorical) == features


def proposed(tmp_path, text: str) -> dict:
    file = tmp_path / "data.csv"
    file.write_text(text)
    return proposal(file).mapping.as_json()


def test_a_label_time_is_found_by_name_and_by_standing_where_fraud_does(tmp_path):
    assert proposed(tmp_path, shapes.payouts())["label"]["time_column"] == "chargeback_date"


def test_a_label_time_that_stands_wherever_the_label_is_known(tmp_path):
    rows = [
        f"2025-01-{1 + n % 28:02d},{n}.5,{'?' if n % 5 == 0 else ('yes', 'no')[n % 2]},"
        f"{'' if n % 5 == 0 else f'2025-03-{1 + n % 23:02d}'}"
        for n in range(90)
    ]
    told = proposed(tmp_path, "\n".join(["date,amount,fraud,investigated_on", *rows]))
    assert told["label"]["time_column"] == "investigated_on"


@pytest.mark.parametrize(
    ("name", "role"), [("billed", "amount"), ("Geraet_ID", "device"), ("charged", "amount")]
)
def test_names_of_roles(name, role):
    assert rank(name, {"amount": AMOUNT, "device": DEVICE}[role]) is not None


def test_a_count_is_no_age():
    columns = (Profile(name, 0, ("3", "4", "9"), ".", MISSING) for name in
               ("date_of_birth_distinct_emails_4w", "customer_age"))  # fmt: skip
    assert [prohibited(column, is_credit=True) for column in columns] == [None, "age"]


def test_the_place_of_the_event_is_preferred_to_the_customers_home(tmp_path):
    rows = [f"{n % 60}.5,{n % 90}.25,{n % 61}.5,{n % 91}.25,{n}.5,{n % 2}" for n in range(80)]
    told = proposed(tmp_path, "\n".join(["lat,long,merch_lat,merch_long,amt,is_fraud", *rows]))
    assert told["location"] == {"latitude": "merch_lat", "longitude": "merch_long"}
    assert told["numeric"] == ["lat", "long"]


def test_ambiguous_dates_are_read_so_that_they_are_in_order(tmp_path):
    dates = [f"{day:02d}/{month:02d}/2023" for month in (1, 2, 3) for day in range(1, 13)]
    rows = [f"{date},{n}.5,{n % 2}" for n, date in enumerate(dates)]
    told = proposed(tmp_path, "\n".join(["date,amount,fraud", *rows]))
    assert told["time"] == {"column": "date", "kind": "dayfirst"}


def test_a_column_that_gives_the_label_away_is_left_out_with_the_reason(tmp_path):
    random = np.random.default_rng(1)
    rows = [f"{y + random.random():.3f},{random.random():.3f},{y}" for y in random.integers(0, 2, 200)]
    file = tmp_path / "data.csv"
    file.write_text("\n".join(["settled,other,fraud", *rows]))
    found = proposal(file)
    assert (found.mapping.numeric, found.mapping.ignore) == (("other",), ("settled",))
    assert found.reasons["settled"] == "gives the label away by itself (AUC 1.000)"


def test_a_date_after_the_event_is_not_a_feature(tmp_path):
    rows = [
        f"2025-01-{1 + n % 28:02d},2025-02-{1 + n % 23:02d},2024-{1 + n % 12:02d}-01,{n % 2}"
        for n in range(90)
    ]
    file = tmp_path / "data.csv"
    file.write_text("\n".join(["tx_date,settled_on,opened_on,fraud", *rows]))
    found = proposal(file)
    assert found.mapping.numeric == ("opened_on",)
    assert found.fates["settled_on"].topic == "after"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("4111 1111 1111 1111", "411111…1111"), ("4111111111111112", "4111111111111112"), ("12", "12")],
)
def test_card_numbers_are_masked(text, shown):
    assert masked(text) == shown


def test_the_command_line_proposes_and_imports(tmp_path, capsys):
    file, mapping, out = tmp_path / "data.csv", tmp_path / "mapping.json", tmp_path / "history"
    file.write_text(shapes.terminals())
    assert main(["propose", str(file), "--out", str(mapping)]) == 0
    assert json.loads(mapping.read_text())["entity"] == "CUSTOMER_ID"
    assert main(["import", str(file), "--mapping", str(mapping), "--out", str(out)]) == 0
    assert "labels: 62 fraud" in capsys.readouterr().out
    assert (load(out).name, len(load(out))) == ("history", shapes.ROWS)
    assert main(["import", str(file), "--out", str(out)]) == 1
    assert "exists; choose another directory" in capsys.readouterr().err
    assert main(["propose", str(tmp_path / "absent.csv")]) == 1
    assert "there is no such file" in capsys.readouterr().err

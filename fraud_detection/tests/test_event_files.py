"""Files of any engine's events: stored once, refused rows named by line and column."""

import pytest
from django.core.management import CommandError, call_command

from fraud_detection.services import serving
from transactions.models import CreditApplication, Transaction

pytestmark = pytest.mark.django_db
HEADER = "applicant_id;monthly_income;employment_length;default"


@pytest.fixture
def load(payments_engine, tmp_path, capsys):
    serving.forget()

    def run(engine, text):
        path = tmp_path / "events.csv"
        path.write_text(text)
        call_command("load_events", engine, path, errors=tmp_path / "refused.csv")
        return capsys.readouterr().out, tmp_path / "refused.csv"

    return run


def test_rows_are_stored_once_and_refused_ones_named(load):
    text = f"{HEADER}\nA-1;4200;24;0\nA-2;much;24;1\nA-3;1;2\nA-4;4200;24;maybe\n"
    words, refused = load("credit", text)
    assert words.startswith("4 rows: 1 stored, 0 already there, 3 refused; 1 review")
    assert refused.read_text().splitlines() == [
        "line,column,reason",
        "3,monthly_income,'much' is not a number",
        "4,,has 3 values where the header names 4 columns",
        "5,default,'maybe' is neither 0 nor 1",
    ]
    assert load("credit", text)[0].startswith("4 rows: 0 stored, 1 already there, 3 refused")
    assert CreditApplication.objects.get().applicant_id == "A-1"


def test_transactions_are_loaded_for_aml(load):
    words, _ = load("aml", "transaction_id,amount,sender_id,receiver_id\nT-1,5,S,R\nT-2,5,S,R\n")
    assert words.startswith("2 rows: 2 stored")
    assert set(Transaction.objects.values_list("assessments__engine", flat=True)) == {"aml"}


def test_events_are_decided_in_order_of_time(load):
    days = ["2026-03-03", "2026-03-01", "2026-03-02"]
    rows = "".join(f"{day},A-{day},4200,24\n" for day in days)
    words, _ = load("credit", f"occurred_at,applicant_id,monthly_income,employment_length\n{rows}")
    assert words.startswith("3 rows: 3 stored")
    stored = CreditApplication.objects.order_by("id").values_list("applicant_id", flat=True)
    assert list(stored) == ["A-2026-03-01", "A-2026-03-02", "A-2026-03-03"]


def test_paysim_names_are_loaded_for_aml_in_order_of_their_steps(load):
    head = "step,type,amount,nameOrig,nameDest,isFraud"
    words, _ = load("aml", f"{head}\n2,TRANSFER,5,C2,C3,0\n1,TRANSFER,5,C1,C3,1\n")
    assert words.startswith("2 rows: 2 stored")
    assert list(Transaction.objects.order_by("id").values_list("sender_id", flat=True)) == ["C1", "C2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "required columns applicant_id, monthly_income, employment_length missing"),
        (HEADER, "line 2: there are no data rows"),
        (
            "applicant_id,monthly_incme\nA,1\n",
            "unknown column 'monthly_incme'; did you mean 'monthly_income'",
        ),
        ("applicant_id,applicant_id\nA,1\n", "column 'applicant_id' stands twice"),
    ],
)
def test_a_file_that_cannot_be_used_stores_nothing(load, text, message):
    with pytest.raises(CommandError, match=message):
        load("credit", text)
    assert not CreditApplication.objects.exists()

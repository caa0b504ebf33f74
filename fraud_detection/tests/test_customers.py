"""Customers loaded from files, predicted, and predicted again."""

import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command

from fraud_detection.models import CustomerPrediction, EngineState, ModelVersion, PolicyVersion
from fraud_detection.services.customers.champion import NoCustomerModel, in_force
from fraud_detection.services.customers.predicting import predict_posted
from logs.models import AuditEvent
from ml.data_generation.customers import generate_customers
from ml.domains.fields import RecordRefused
from users.models import Customer

pytestmark = pytest.mark.django_db
HEADER = "customer_id,name,monthly_income,employment\n"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """load("header\\nrow") runs load_users on such a file; the text it printed."""
    monkeypatch.chdir(tmp_path)

    def run(content: str | bytes, *options: str, name: str = "users.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = io.StringIO()
        call_command("load_users", str(path), *options, stdout=out)
        return out.getvalue()

    return run


@pytest.fixture
def generated(load):
    """120 generated customers, stored."""
    load(generate_customers(rows=120, seed=5).to_csv(index=False))


def predict(*options: str) -> str:
    out = io.StringIO()
    call_command("predict_users", *options, stdout=out)
    return out.getvalue()


def errors(tmp_path) -> list[str]:
    return (tmp_path / "users.csv.errors.csv").read_text().splitlines()[1:]


def test_a_file_is_stored_once(load):
    told = load("customer_id;name;monthly_income;employment\nA;Ann;1900.50;Self-Employed\nB;;0;\n")
    assert told.startswith("2 rows: 2 new, 0 changed, 0 as they were, 0 refused")
    ann, b = Customer.objects.order_by("external_id")
    assert (ann.name, ann.attributes) == ("Ann", {"monthly_income": 1900.5, "employment": "self_employed"})
    assert (b.name, b.attributes) == ("", {"monthly_income": 0.0})
    again = load("customer_id;name;monthly_income;employment\nA;Ann;1900.50;Self-Employed\nB;;0;\n")
    assert again.startswith("2 rows: 0 new, 0 changed, 2 as they were, 0 refused")
    assert list(Customer.objects.order_by("external_id")) == [ann, b]


def test_columns_of_the_file_rule_and_what_changed_is_audited(load):
    load("customer_id,name,savings,open_loans\nA,Ann,100,2\nB,Bob,5,1\n")
    told = load("customer_id,savings,open_loans\nA,,3\nB,5,1\n")
    assert told.startswith("2 rows: 0 new, 1 changed, 1 as they were, 0 refused")
    ann = Customer.objects.get(external_id="A")
    assert (ann.name, ann.attributes) == ("Ann", {"open_loans": 3})
    deed = AuditEvent.objects.get(action="customer.changed")
    assert (deed.subject, deed.after) == (str(ann.pk), {"fields": ["open_loans", "savings"]})
    last = AuditEvent.objects.filter(action="customers.loaded").first()
    assert last.after == {"rows": 2, "new": 0, "changed": 1, "refused": 0}


def test_a_customer_that_an_event_made_gets_attributes(load):
    Customer.objects.create(external_id="A", name="From an event", home_country="US")
    load("customer_id,monthly_income\nA,900\n")
    known = Customer.objects.get()
    assert (known.name, known.home_country, known.attributes) == (
        "From an event",
        "US",
        {"monthly_income": 900.0},
    )


def test_every_bad_row_is_named_and_nothing_is_stored(load, tmp_path):
    rows = HEADER + "A,Ann,-1,employed\n,Bob,x,emploied\nC,Cid,5\nD,Dora,7,retired\nD,Dora,8,retired\n"
    with pytest.raises(CommandError) as refused:
        load(rows)
    assert "4 of 5 rows are refused; nothing was stored" in str(refused.value)
    assert "line 2, column monthly_income: must not be below 0" in str(refused.value)
    assert errors(tmp_path) == [
        "2,monthly_income,must not be below 0",
        "3,monthly_income,'x' is not a number",
        "3,employment,\"'emploied' is not one of employed, self_employed, part_time, unemployed, retired;"
        " did you mean 'employed'?\"",
        "3,customer_id,is required",
        "4,,has 3 values where the header names 4 columns",
        "6,customer_id,'D' stands on line 5 already",
    ]
    assert not Customer.objects.exists()
    assert not AuditEvent.objects.filter(action="customers.loaded").exists()


def test_good_rows_are_stored_when_bad_ones_may_be_skipped(load):
    told = load(HEADER + "A,Ann,-1,employed\nB,Bob,5,employed\nB,Rob,6,employed\n", "--skip-bad")
    assert told.startswith("3 rows: 1 new, 0 changed, 0 as they were, 2 refused")
    assert list(Customer.objects.values_list("external_id", "name")) == [("B", "Bob")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: the file is empty"),
        ("customer_id,monthly_income\n", "line 2: there are no data rows"),
        (
            "customer_id,montly_income\nA,1\n",
            "unknown column 'montly_income' (did you mean 'monthly_income'?)",
        ),
        ("customer_id,savings,savings\nA,1,1\n", "column 'savings' stands twice"),
        ("monthly_income\n1\n", "the required column customer_id is missing"),
        (b"customer_id,name\nA,\xff\n", "not UTF-8"),
        (gzip.compress(b"customer_id,name\nA,Ann\n" * 9, mtime=0)[:-9], "the compressed file ends early"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(load, content, message):
    with pytest.raises(CommandError) as refused:
        load(content)
    assert message in str(refused.value)
    assert not Customer.objects.exists()


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=r"none\.csv: No such file"):
        call_command("load_users", "none.csv")


def test_byte_order_mark_gzip_and_quoted_lines(load):
    text = '\ufeffcustomer_id,name\n"A","Ann ""the"" Bold"\n'
    assert load(gzip.compress(text.encode(), mtime=0), name="users.csv.gz").startswith("1 rows: 1 new")
    assert Customer.objects.get().name == 'Ann "the" Bold'


def test_prohibited_bases_are_left_out_with_the_reason(load, settings):
    settings.CUSTOMER_DEMOGRAPHICS = ("dependants",)
    told = load("customer_id,Gender,personal_status_sex,zipCode,age,dependants,is_fraud\nA,F,x,9,40,2,1\n")
    assert "column Gender was left out: it speaks of sex: a prohibited basis is never taken in" in told
    assert "column zipCode was left out: it speaks of a proxy of race" in told
    assert "column age was left out: it is a demographic that CUSTOMER_DEMOGRAPHICS does not allow" in told
    assert "column is_fraud was left out: it is the answer, for train_model" in told
    assert Customer.objects.get().attributes == {"dependants": 2}


def test_predictions_are_one_for_each_customer_and_model(generated, customer_champion):
    assert "120 customers by customers-1: 120 predicted, 0 renewed, 0 unchanged, 0 with too few" in predict()
    stored = CustomerPrediction.objects.select_related("customer")
    assert stored.count() == 120
    first = stored.order_by("-probability")[0]
    said = predict_posted(first.customer.attributes | {"customer_id": first.customer.external_id})
    assert said["probability"] == first.probability
    assert said["reasons"] == first.reasons
    assert (said["class"], said["threshold"]) == ("unpaid" if first.unpaid else "paid", 0.2)
    assert first.unpaid is (first.probability >= 0.2)
    assert set(first.reasons[0]) == {"code", "text", "contribution"}


def test_a_rerun_renews_what_changed_and_leaves_the_rest(generated, customer_champion):
    predict()
    before = dict(CustomerPrediction.objects.values_list("customer__external_id", "predicted_at"))
    was = CustomerPrediction.objects.get(customer__external_id="U000001").probability
    poor = Customer.objects.get(external_id="U000001")
    poor.attributes |= {"late_payments_24m": 20, "worst_delay_days": 170, "previous_defaults": 3}
    poor.save()
    assert "0 predicted, 1 renewed, 119 unchanged, 0 with too few" in predict()
    after = dict(CustomerPrediction.objects.values_list("customer__external_id", "predicted_at"))
    assert {name for name in after if after[name] != before[name]} == {"U000001"}
    assert CustomerPrediction.objects.get(customer=poor).probability > was
    assert "0 predicted, 0 renewed, 120 unchanged" in predict()


def test_a_new_threshold_renews_the_class(generated, customer_champion):
    predict()
    policy = PolicyVersion.objects.create(engine="customers", number=2, review_from=0, decline_from=100)
    EngineState.objects.filter(engine="customers").update(policy=policy)
    assert "0 predicted, 120 renewed, 0 unchanged" in predict()
    assert set(CustomerPrediction.objects.values_list("unpaid", flat=True)) == {True}


def test_a_customer_with_too_few_attributes_gets_none_and_loses_an_old_one(generated, customer_champion):
    predict()
    Customer.objects.create(external_id="new", attributes={"monthly_income": 100})
    Customer.objects.filter(external_id="U000002").update(attributes={"savings": 1})
    Customer.objects.filter(external_id="U000003").update(attributes=["not", "an", "object"])
    assert "121 customers by customers-1: 0 predicted, 0 renewed, 118 unchanged, 3 with too few" in predict()
    assert CustomerPrediction.objects.count() == 118


def test_two_models_each_have_their_word(generated, customer_champion, customer_model):
    from fraud_detection.services.model_registry import register

    register(customer_model, created_by="tests")
    predict()
    assert "120 predicted" in predict("--model", "customers-2")
    assert CustomerPrediction.objects.count() == 240
    with pytest.raises(CommandError, match="no model 'customers-9'; there is customers-2, customers-1"):
        predict("--model", "customers-9")


def test_without_a_model_it_says_what_to_run(payments_engine, generated):
    with pytest.raises(CommandError, match=r"there is no champion yet: run manage\.py train_model customers"):
        predict()
    assert not CustomerPrediction.objects.exists()


def test_a_swapped_file_is_refused(generated, customer_champion, settings):
    path = settings.MODEL_DIR / customer_champion.path
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CommandError, match=r"customers-1 cannot be used: .* SHA-256"):
        predict()


def test_a_model_that_reads_what_policy_bars_is_refused(customer_champion, settings):
    settings.CUSTOMER_DEMOGRAPHICS = ()
    with pytest.raises(NoCustomerModel, match="reads dependants, which CUSTOMER_DEMOGRAPHICS"):
        in_force()


def test_a_posted_customer_is_judged_and_not_stored(customer_champion, debtor):
    said = predict_posted(debtor)
    assert said["class"] == "unpaid"
    assert said["model_version"] == "customers-1"
    assert said["generated_data_only"] is True
    assert not Customer.objects.exists() and not CustomerPrediction.objects.exists()


def test_a_posted_customer_is_refused_by_name(customer_champion, debtor):
    with pytest.raises(RecordRefused) as refused:
        predict_posted(debtor | {"sex": "f", "age": 30, "savings": -1, "incme": 1})
    assert {(p.field, p.code) for p in refused.value.problems} == {
        ("sex", "not_taken_in"),
        ("age", "not_taken_in"),
        ("savings", "too_small"),
        ("incme", "unknown_field"),
    }
    with pytest.raises(RecordRefused, match="at least 11 of dependants, employment"):
        predict_posted({"monthly_income": 100})


def test_training_registers_a_champion_then_candidates(payments_engine, settings, tmp_path, load):
    settings.MODEL_DIR = tmp_path / "models"
    path = tmp_path / "labelled.csv"
    generate_customers(rows=600, seed=2).assign(gender="x").to_csv(path, index=False)
    for number, stage in ((1, "champion"), (2, "candidate")):
        call_command("train_model", "customers", "--file", str(path), stdout=io.StringIO())
        version = ModelVersion.objects.get(engine="customers", number=number)
        assert (version.stage, version.generated_data_only) == (stage, False)
    assert "age" not in version.card["features"]
    assert json.dumps(version.card["features"]).count("gender") == 0
    assert version.report["data"]["rows"] == 600
    assert version.report["metrics"]["roc_auc"]["low"] < version.card["metrics"]["roc_auc"]

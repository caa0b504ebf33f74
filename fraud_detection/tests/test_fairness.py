"""The four-fifths report over decided applications, and that nothing which decides can read groups."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from fraud_detection.models import ApplicantGroup, Assessment
from fraud_detection.services import serving
from fraud_detection.services.fairness import four_fifths, load_groups
from fraud_detection.services.sources import decide_events
from logs.models import AuditEvent

APPLICATION = {"monthly_income": 5_000, "employment_length": 80}


@pytest.fixture
def decided(payments_engine, client_system):
    """40 applications of group a, 30 approved; 40 of b, 20 approved; 5 of c, all approved."""
    serving.forget()
    records = [{"applicant_id": f"{g}-{n}", **APPLICATION} for g, count in SIZES for n in range(count)]
    ids = [decided.assessment_id for decided in decide_events("credit", records, client=client_system)]
    by_name = dict(zip((r["applicant_id"] for r in records), ids, strict=True))
    approved = [by_name[f"{g}-{n}"] for g, count in (("a", 30), ("b", 20), ("c", 5)) for n in range(count)]
    Assessment.objects.filter(pk__in=approved).update(decision="approve")
    Assessment.objects.exclude(pk__in=approved).update(decision="decline")


SIZES = (("a", 40), ("b", 40), ("c", 5))


@pytest.fixture
def groups(tmp_path):
    path = tmp_path / "groups.csv"
    lines = [f"{g}-{n},{g}" for g, count in SIZES for n in range(count)]
    path.write_text("applicant_id,cohort\n" + "\n".join(lines) + "\n")
    return path


@pytest.mark.django_db
def test_rates_and_ratios_are_exact(decided, groups):
    assert load_groups(groups, acting="otto@example.org") == 85
    found = {one.group: one for one in four_fifths()}
    assert {g: (one.decided, one.approved) for g, one in found.items()} == {
        "a": (40, 30),
        "b": (40, 20),
        "c": (5, 5),
    }
    # c has too few decisions to set the highest rate; b has 0.5 of a's 0.75
    assert [round(found[g].ratio, 4) for g in "abc"] == [1.0, 0.6667, 1.3333]
    assert [(found[g].is_adverse, found[g].is_few) for g in "abc"] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    event = AuditEvent.objects.get(action="applicant_groups.loaded")
    assert (event.actor, event.after) == ("otto@example.org", {"groups": 85})


@pytest.mark.django_db
def test_the_command_prints_the_report(decided, groups, capsys):
    call_command("load_groups", groups)
    call_command("fairness_report")
    printed = capsys.readouterr().out
    assert "cohort b: 20 of 40 approved (50.0%), ratio 0.67 below four fifths" in printed
    assert "cohort c: 5 of 5 approved (100.0%), ratio 1.33 too few to say" in printed
    call_command("fairness_report", since=None, until=_day("2000-01-01"))
    assert "no decided application has a group" in capsys.readouterr().out


def _day(text):
    from fraud_detection.management.commands.fairness_report import day

    return day(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("who,cohort\na,b\n", "needs the column applicant_id"),
        ("applicant_id\na\n", "one for each attribute"),
        ("applicant_id,cohort\na,b\nc\n", "line 3: has 1 values for 2 columns"),
        ("applicant_id,cohort\na,b\n,c\n", "line 3, column applicant_id: is empty"),
    ],
)
def test_a_wrong_file_stores_nothing(tmp_path, text, message):
    path = tmp_path / "groups.csv"
    path.write_text(text)
    with pytest.raises(CommandError, match=message):
        call_command("load_groups", path)
    assert not ApplicantGroup.objects.exists()


def test_only_the_report_its_loading_the_admin_and_privacy_know_groups():
    allowed = {"fraud_detection/models", "fraud_detection/services/fairness", "fraud_detection/admin"}
    allowed |= {"fraud_detection/services/privacy"}  # whoever exports or erases a person's data must
    readers = set()
    for path in Path(settings.BASE_DIR).glob("*/**/*.py"):
        place = path.relative_to(settings.BASE_DIR)
        if place.parts[0] in ("var", ".venv") or "tests" in place.parts or "migrations" in place.parts:
            continue
        tree = ast.parse(path.read_text())
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if "ApplicantGroup" in names or "applicantgroup" in path.read_text():
            readers.add(place.as_posix())
    assert all(any(name.startswith(place) for place in allowed) for name in readers), readers

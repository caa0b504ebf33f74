"""Loading files: what is accepted, what is refused before anything is stored, and what a rerun adds."""

import csv
import gzip
import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from fraud_detection.models import Assessment
from fraud_detection.services.error_file import ErrorFile
from fraud_detection.services.transaction_files import FileRefused, check_file, read_layout, read_rows
from logs.models import AuditEvent
from transactions.models import Label, Transaction
from users.models import Customer

HEADER = "transaction_id,type,amount,currency,sender_id,receiver_id,occurred_at,is_fraud"
ROWS = [
    "T-1,payment,10.00,USD,acc-1,acc-2,2026-01-05T10:00:00Z,0",
    "T-2,transfer,20.50,USD,acc-3,acc-4,2026-01-05T11:00:00Z,1",
    "T-3,payment,30.00,EUR,acc-1,acc-5,2026-01-05T12:00:00Z,",
]
NATIVE = "\n".join([HEADER, *ROWS]) + "\n"
PAYSIM = """step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,\
nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud
1,PAYMENT,100.25,C1,500.25,400.00,M9,0,0,0,0
1,CASH_OUT,9000,C2,9000,0,C3,0,9000,1,0
1,CASH_OUT,9000,C2,9000,0,C3,0,9000,1,0
25,CASH-IN,5,C3,0,5,C2,5,0,0,1
"""


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes, name: str = "events.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


class TestLayout:
    @pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found(self, written, mark):
        path = written(NATIVE.replace(",", mark))
        assert read_layout(path).delimiter == mark and check_file(path) == 3
        assert [row.record["sender_id"] for row in read_rows(path)] == ["acc-1", "acc-3", "acc-1"]

    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbf" + NATIVE.encode(),
            NATIVE.replace("\n", "\r\n").encode(),
            NATIVE.rstrip("\n").encode(),
            gzip.compress(NATIVE.encode(), mtime=0),
            gzip.compress(b"\xef\xbb\xbf" + NATIVE.encode(), mtime=0),
            NATIVE.replace("\nT-2", "\n\n\nT-2").encode() + b"\n\n",
        ],
        ids=["bom", "crlf", "no last newline", "gzip", "gzip with bom", "blank lines"],
    )
    def test_all_of_these_are_the_same_file(self, written, content):
        path = written(content)
        assert check_file(path) == 3
        assert [(row.record["transaction_id"], row.is_fraud, row.problem) for row in read_rows(path)] == [
            ("T-1", False, None),
            ("T-2", True, None),
            ("T-3", None, None),
        ]

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "line 1: no known column among none; a header line is needed"),
            ("\n\n", "line 1: no known column"),
            (HEADER + "\n", "line 2: there are no data rows"),
            (HEADER + "\n\n\n", "line 2: there are no data rows"),
            ("\n".join(ROWS), "line 1: no known column among T-1, payment"),
            (NATIVE.replace("sender_id", "sender"), "line 1: unknown column 'sender'"),
            (
                NATIVE.replace("sender_id", "colour").replace("type", "shape"),
                "unknown columns 'shape', 'colour'",
            ),
            (NATIVE.replace(",receiver_id", ",amount"), "line 1: column 'amount' stands twice"),
            ("amount,sender_id\n1,a\n", "line 1: required column receiver_id missing"),
            ("type,currency\npayment,USD\n", "required columns amount, sender_id, receiver_id missing"),
            ("step,nameOrig,nameDest\n1,a,b\n", "line 1: required column amount missing"),
            (NATIVE.encode("utf-16"), "line 1: the file is UTF-16; save it as UTF-8"),
            (NATIVE.replace("acc-4", "é").encode("latin-1"), "not UTF-8 text"),
            (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not UTF-8 text"),
            (bytes(100), "line 1: no known column"),
            (gzip.compress(NATIVE.encode() * 1_000, mtime=0)[:-40], "the compressed file ends early"),
            (gzip.compress(b"", mtime=0)[:12], "the compressed file ends early"),
            (b"\x1f\x8b garbage that is no gzip", "line 1: cannot be read"),
            (NATIVE + '"' + "x" * 1_100_000, "line 5: not CSV"),
        ],
    )
    def test_what_is_no_such_file_is_refused_as_a_whole(self, written, content, message):
        with pytest.raises(FileRefused) as refused:
            check_file(written(content))
        assert message in str(refused.value)

    def test_a_gzip_that_is_damaged_within_is_refused(self, written):
        rows = "".join(
            f"T-{n},payment,{n}.5,USD,a{n * 7919},b,2026-01-05T10:00:00Z,0\n" for n in range(5_000)
        )
        whole = bytearray(gzip.compress((HEADER + "\n" + rows).encode()))
        for place in range(len(whole) // 2, len(whole) // 2 + 200):
            whole[place] ^= 0x5A
        with pytest.raises(FileRefused, match=r"cannot be read|not UTF-8|ends early"):
            check_file(written(bytes(whole)))

    def test_a_quoted_row_is_named_by_the_line_where_it_begins(self, written):
        path = written(
            HEADER + '\nT-1,payment,"1\n0",USD,a,b,,0\n' + ROWS[1] + "\n" + 'T-9,"open quote,1\n' + ROWS[2]
        )
        assert [row.line for row in read_rows(path)] == [2, 4, 5]
        assert [row.problem is None for row in read_rows(path)] == [True, True, False]

    def test_rows_without_an_id_are_named_by_content_and_count(self, written):
        names = [row.record["transaction_id"] for row in read_rows(written(PAYSIM))]
        again = [
            row.record["transaction_id"] for row in read_rows(written(gzip.compress(PAYSIM.encode()), "b.gz"))
        ]
        assert names == again and len(set(names)) == 4
        assert names[1][:-1] == names[2][:-1] and (names[1][-2:], names[2][-2:]) == ("-1", "-2")

    @pytest.mark.parametrize(
        ("value", "label"),
        [("1", True), ("0", False), ("TRUE", True), ("false", False), ("1.0", True), ("", None)],
    )
    def test_labels(self, written, value, label):
        (row,) = read_rows(written(f"amount,sender_id,receiver_id,is_fraud\n1,a,b,{value}\n"))
        assert (row.is_fraud, row.problem) == (label, None)


@pytest.mark.django_db
class TestLoading:
    @pytest.fixture
    def load(self, approving_engine, tmp_path):
        """load(path) runs the command; answers its words and what the file of refused rows says."""

        def run(path, *options):
            out, errors = io.StringIO(), tmp_path / "refused.csv"
            call_command(
                "load_transactions",
                str(path),
                "--errors",
                str(errors),
                *options,
                stdout=out,
                stderr=io.StringIO(),
            )
            refused = list(csv.reader(errors.open())) if errors.exists() else None
            return out.getvalue().splitlines(), refused

        return run

    def test_native_rows_are_stored_scored_and_labelled(self, load, written):
        words, refused = load(written(NATIVE))
        assert words[0] == "3 rows: 3 stored, 0 already there, 0 refused; 3 approve" and refused is None
        assert "rows/s" in words[1]
        stored = Transaction.objects.order_by("id").values_list("transaction_id", "amount", "client__name")
        assert list(stored) == [
            ("T-1", Decimal("10.0000"), "files"),
            ("T-2", Decimal("20.5000"), "files"),
            ("T-3", Decimal("30.0000"), "files"),
        ]
        labels = Label.objects.order_by("transaction_id").values_list(
            "transaction__transaction_id", "verdict", "fraud_delta"
        )
        assert list(labels) == [("T-1", "legitimate", 0), ("T-2", "fraud", 1)]
        assert {str(label.known_at - label.transaction.occurred_at) for label in Label.objects.all()} == {
            "7 days, 0:00:00"
        }
        assert AuditEvent.objects.get(action="transactions.loaded").after == {
            "rows": 3,
            "stored": 3,
            "failed": 0,
        }

    def test_paysim_rows_keep_their_hours_balances_and_merchants(self, load, written):
        words, _ = load(written(gzip.compress(PAYSIM.encode()), "paysim.csv.gz"), "--client", "paysim")
        assert words[0].startswith("4 rows: 4 stored, 0 already there, 0 refused")
        first, second, *_ = Transaction.objects.order_by("id")
        assert (first.merchant_id, first.receiver_is_merchant, first.type, first.client.name) == (
            "M9",
            1,
            1,
            "paysim",
        )
        assert first.occurred_at.isoformat() == "2026-01-01T01:00:00+00:00"
        assert (second.sender_balance_before, second.sender_balance_after, second.type) == (9000, 0, 4)
        drained = Assessment.objects.filter(hits__rule="ACCOUNT_DRAIN").values_list(
            "transaction__sender_id", flat=True
        )
        assert list(drained) == ["C2", "C2"]
        assert list(Label.objects.order_by("id").values_list("fraud_delta", flat=True)) == [0, 1, 1, 0]

    @pytest.mark.parametrize("content", [NATIVE, PAYSIM])
    def test_a_rerun_adds_nothing(self, load, written, content):
        path = written(content)
        load(path)
        before = (Transaction.objects.count(), Assessment.objects.count(), list(Label.objects.values()))
        words, refused = load(path)
        rows = before[0]
        assert words[0] == f"{rows} rows: 0 stored, {rows} already there, 0 refused; no new decisions"
        assert (
            Transaction.objects.count(),
            Assessment.objects.count(),
            list(Label.objects.values()),
        ) == before
        assert refused is None

    def test_bad_rows_go_to_the_error_file_and_good_ones_are_stored(self, load, written):
        bad = [
            "T-4,payment,-1,USD,a,b,,0",
            "T-5,payment,ten,USD,a,b,,0",
            "T-6,teleport,1,USD,a,,2026-01-05,0",
            "T-7,payment,1,USD",
            "T-8,payment,1,USD,a,b,,maybe",
            "T-1,payment,99.00,USD,acc-1,acc-2,2026-01-05T10:00:00Z,0",
            "T-9,payment,1,XTS,a,b,,0",
            "T-10,payment,1,USD,a,b,2999-01-01T00:00:00Z,0",
            "T-11,payment,99999999999999,USD,a,b,,0",
        ]
        words, refused = load(written("\n".join([HEADER, *ROWS, *bad]) + "\n"))
        assert words[0] == "12 rows: 3 stored, 0 already there, 9 refused; 3 approve"
        assert words[2].endswith("refused.csv")
        assert refused[0] == ["line", "column", "reason"]
        assert sorted((int(line), column) for line, column, _ in refused[1:]) == [
            (5, "amount"),
            (6, "amount"),
            (7, "receiver_id"),
            (7, "type"),
            (8, ""),
            (9, "is_fraud"),
            (10, "transaction_id"),
            (11, "currency"),
            (12, "occurred_at"),
            (13, "amount"),
        ]
        reasons = {(int(line), column): reason for line, column, reason in refused[1:]}
        assert reasons[5, "amount"] == "must not be below 0"
        assert reasons[6, "amount"] == "'ten' is not a number"
        assert reasons[8, ""] == "has 4 values where the header names 8 columns"
        assert reasons[9, "is_fraud"] == "'maybe' is neither 0 nor 1"
        assert reasons[10, "transaction_id"] == "transaction_id 'T-1' was sent before with another body"
        assert Transaction.objects.count() == 3 and Customer.objects.count() == 2

    def test_nothing_but_bad_rows_stores_nothing(self, load, written):
        words, refused = load(written(HEADER + "\nT-1,payment,-1,USD,a,b,,1\n"))
        assert words[0] == "1 rows: 0 stored, 0 already there, 1 refused; no new decisions"
        assert len(refused) == 2 and not Transaction.objects.exists() and not Label.objects.exists()

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (gzip.compress(NATIVE.encode() * 1_000, mtime=0)[:-40], "ends early"),
            ("", "a header line is needed"),
            (NATIVE.replace("amount", "amuont"), "unknown column 'amuont'"),
        ],
    )
    def test_a_file_refused_as_a_whole_stores_nothing(self, load, written, content, message):
        path = written(content)
        with pytest.raises(CommandError, match=message) as refused:
            load(path)
        assert str(path) in str(refused.value)
        assert (
            not Transaction.objects.exists()
            and not AuditEvent.objects.filter(action="transactions.loaded").exists()
        )

    @pytest.mark.parametrize("pack", [bytes, gzip.compress])
    def test_rows_are_decided_in_order_of_time(self, load, tmp_path, settings, pack):
        settings.BATCH_DIR = tmp_path / "batches"
        days = ["2026-03-03", "not a day", "2026-03-01", "2026-03-02"]
        rows = "".join(f"T-{day},{day},1,acc-1,acc-2\n" for day in days)
        file = tmp_path / "late.csv"
        file.write_bytes(pack(f"transaction_id,occurred_at,amount,sender_id,receiver_id\n{rows}".encode()))
        words, refused = load(file)
        assert words[0] == "4 rows: 3 stored, 0 already there, 1 refused; 3 approve"
        assert [row[:2] for row in refused[1:]] == [["3", "occurred_at"]]
        decided = Assessment.objects.order_by("id").values_list("external_id", flat=True)
        assert list(decided) == ["T-2026-03-01", "T-2026-03-02", "T-2026-03-03"]
        assert not list(settings.BATCH_DIR.iterdir())
        assert load(file)[0][0].startswith("4 rows: 0 stored, 3 already there, 1 refused")

    def test_a_missing_file_is_named(self, load, tmp_path):
        with pytest.raises(CommandError, match=r"nothing\.csv"):
            load(tmp_path / "nothing.csv")


@pytest.mark.django_db
def test_without_engines_it_says_what_to_run(written, tmp_path):
    with pytest.raises(CommandError, match=r"run manage.py install_engines"):
        call_command(
            "load_transactions",
            str(written(NATIVE)),
            "--errors",
            str(tmp_path / "e.csv"),
            stderr=io.StringIO(),
        )
    assert not Transaction.objects.exists()


class TestErrorFile:
    def lines(self, path):
        return path.read_text().splitlines()

    def test_it_is_made_with_the_first_row(self, tmp_path):
        with ErrorFile(tmp_path / "e.csv") as refused:
            assert not (tmp_path / "e.csv").exists()
            refused.write(2, "amount", "must be a number")
        assert self.lines(tmp_path / "e.csv") == ["line,column,reason", "2,amount,must be a number"]

    def test_one_of_an_earlier_load_is_written_anew(self, tmp_path):
        (tmp_path / "e.csv").write_text("old\n" * 9)
        with ErrorFile(tmp_path / "e.csv") as refused:
            refused.write(2, "amount", "no")
        assert self.lines(tmp_path / "e.csv") == ["line,column,reason", "2,amount,no"]

    def test_two_loads_at_once_have_one_each(self, tmp_path):
        with ErrorFile(tmp_path / "e.csv") as one, ErrorFile(tmp_path / "e.csv") as two:
            one.write(2, "amount", "first")
            two.write(3, "amount", "second")
            one.write(4, "amount", "first")
        assert (one.path.name, two.path.name) == ("e.csv", "e-2.csv")
        assert self.lines(one.path)[1:] == ["2,amount,first", "4,amount,first"]
        assert self.lines(two.path)[1:] == ["3,amount,second"]

    @pytest.mark.parametrize("name", ["missing/e.csv", "."])
    def test_a_path_that_cannot_be_written_is_told_before_anything_is_stored(self, tmp_path, name):
        with pytest.raises(OSError, match="refused rows"), ErrorFile(tmp_path / name):
            pass


@pytest.mark.django_db
def test_the_shipped_sample_loads_whole(payments_engine, pytestconfig, capsys):
    call_command("load_transactions", str(pytestconfig.rootpath / "data" / "sample_payments.csv"))
    assert "300 rows: 300 stored, 0 already there, 0 refused" in capsys.readouterr().out

"""Reading labelled CSVs that nobody has seen: exact values, and refusals that say what to do."""

import gzip
import tracemalloc
from datetime import UTC, datetime

import numpy as np
import pytest

from ml.features.keys import entity_key
from ml.features.spec import NULL
from ml.history import HistoryRefused, source
from ml.history.profile import sample

DAY = 86_400_000_000


def at(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return round(moment.timestamp() * 1_000_000)


def test_every_role_becomes_a_column_in_order_of_time(read_csv):
    text = (
        "ref,when,card,shop,phone,sum,lat,lon,bad,w,extra,kind\n"
        "b,2025-01-02 09:30:00,4000123412341234567,S1,D1,12.5,48.1,2.25,yes,2,1.5,x\n"
        "a,2025-01-01T23:00:00+02:00,0042,S2,,0,95,2,no,,NA,?\n"
    )
    history, report = read_csv(
        text,
        {
            "id": "ref", "time": {"column": "when"}, "entity": "card", "counterparty": "shop",
            "device": "phone",
            "amount": "sum", "location": {"latitude": "lat", "longitude": "lon"}, "weight": "w",
            "label": {"column": "bad", "fraud": ["yes"], "legitimate": ["no"]},
            "numeric": ["extra"], "categorical": ["kind"],
        },
    )  # fmt: skip
    assert history.ids.tolist() == ["a", "b"]
    assert history.times.tolist() == [at("2025-01-01T21:00"), at("2025-01-02T09:30")]
    assert history.y.tolist() == [0, 1]
    assert history.known_at.tolist() == [time + 7 * DAY for time in history.times.tolist()]
    assert history.weight.tolist() == [1.0, 2.0]
    events = history.events
    assert events["id"].tolist() == [1, 2]
    assert events["local_hour"].tolist() == [23, 9]
    assert events["sender_key"].tolist() == [
        entity_key("account", "0042"),
        entity_key("account", "4000123412341234567"),
    ]
    assert events["receiver_key"][1] == entity_key("account", "S1")
    assert events["merchant_key"][1] == entity_key("merchant", "S1")
    assert events["device_key"].tolist() == [NULL, entity_key("device", "D1")]
    assert events["amount_minor"].tolist() == [0, 1250]
    assert events["amount_ln"].tolist() == [NULL, round(10_000 * np.log(1250))]
    assert events["latitude_e6"].tolist() == [NULL, 48_100_000]
    assert events["type"].tolist() == [1, 1]
    assert np.isnan(history.numeric["extra"][0]) and history.numeric["extra"][1] == 1.5
    codes, words = history.categorical["kind"]
    assert (codes.tolist(), words) == ([-1, 0], ["x"])
    assert report["time"]["out_of_order"] == 1
    assert history.roles == {
        "id", "time", "entity", "counterparty", "device", "amount", "location", "weight", "label",
    }  # fmt: skip


def test_long_digits_that_a_float_cannot_tell_apart_are_two_accounts(read_csv):
    text = "acct,fraud\n9007199254740993,0\n9007199254740992,1\n"
    history, _ = read_csv(text, {"entity": "acct", "label": {"column": "fraud"}})
    assert len(set(history.events["sender_key"].tolist())) == 2


@pytest.mark.parametrize(
    ("kind", "start", "values", "times"),
    [
        ("absolute", None, ["03/04/2023", "12/31/2023 11:30 PM"], ["2023-03-04", "2023-12-31T23:30"]),
        ("dayfirst", None, ["03/04/2023", "31/12/2023 23:30:15.5"], ["2023-04-03", "2023-12-31T23:30:15.5"]),
        ("dayfirst", None, ["3.4.23", "31-Dec-2023"], ["2023-04-03", "2023-12-31"]),
        ("absolute", None, ["Jan 5, 2023 10:00", "Tue, 07 Feb 2023 10:00:00 GMT"],
         ["2023-01-05T10:00", "2023-02-07T10:00"]),
        ("absolute", None, ["20230105", "20230105093015"], ["2023-01-05", "2023-01-05T09:30:15"]),
        ("absolute", None, ["1672912800", "1672912800.5"], ["2023-01-05T10:00", "2023-01-05T10:00:00.5"]),
        ("absolute", None, ["1672912800500", "1672912800500000"], ["2023-01-05T10:00:00.5"] * 2),
        ("absolute", None, ["Dec-2015", "2016/02"], ["2015-12-01", "2016-02-01"]),
        ("seconds", "2025-01-01", ["0", "3600.25"], ["2025-01-01", "2025-01-01T01:00:00.25"]),
        ("hours", "2025-01-01T00:00:00Z", ["1", "25"], ["2025-01-01T01:00", "2025-01-02T01:00"]),
        ("hours", None, ["1", "25"], ["2026-01-01T01:00", "2026-01-02T01:00"]),
        ("ordinal", None, ["0", "7"], ["2026-01-01", "2026-01-08"]),
    ],
)  # fmt: skip
def test_times_of_every_kind(read_csv, kind, start, values, times):
    text = "t;y\n" + "".join(f'"{value}";{n % 2}\n' for n, value in enumerate(values))
    mapping = {"time": {"column": "t", "kind": kind, "start": start}, "label": {"column": "y"}}
    history, _ = read_csv(text, mapping)
    assert history.times.tolist() == [at(time) for time in times]


@pytest.mark.parametrize(
    ("header", "rows", "times"),
    [
        ("date,time", ["2023-01-05,09:30", "2023-01-06,0915"], ["2023-01-05T09:30", "2023-01-06T09:15"]),
        ("year,month,day", ["2023,1,5", "2023,12,31"], ["2023-01-05", "2023-12-31"]),
        ("Year,Month,Day,Time", ["2002,9,1,06:21", "2002,9,2,17:05"], ["2002-09-01T06:21",
        "2002-09-02T17:05"]),
        ("tx_year,tx_month,tx_day,tx_hour", ["2023,1,5,7", "2023,1,6.0,23"],
         ["2023-01-05T07:00", "2023-01-06T23:00"]),
        ("Year,Month", ["1994,Jan", "1994,Dec"], ["1994-01-01", "1994-12-01"]),
        ("d,hour", ["2023-01-05,7", "2023-01-06,23"], ["2023-01-05T07:00", "2023-01-06T23:00"]),
    ],
)  # fmt: skip
def test_times_composed_of_several_columns(read_csv, header, rows, times):
    text = f"{header},y\n" + "".join(f"{row},{n % 2}\n" for n, row in enumerate(rows))
    mapping = {"time": {"column": header.split(",")}, "label": {"column": "y"}}
    history, _ = read_csv(text, mapping)
    assert history.times.tolist() == [at(time) for time in times]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ({"fraud": ["bad", 2], "legitimate": ["good"]}, [1, 1, 0, -1, -1]),
        ({"fraud": ["bad"]}, [1, 0, 0, 0, -1]),
        ({"legitimate": ["GOOD "]}, [1, 1, 0, 1, -1]),
        ({"fraud": ["bad"], "unknown": ["odd"]}, [1, 0, 0, -1, -1]),
        ({}, [1, -1, 0, -1, -1]),
    ],
)
def test_labels_by_their_lists(read_csv, label, expected):
    text = "x,y\n1,bad\n2,2.0\n3,good\n4,odd\n5,?\n"
    history, report = read_csv(text, {"label": {"column": "y"} | label})
    assert history.y.tolist() == expected
    assert sum(report["unknown_labels"].values()) == expected.count(-1)


def test_the_label_delay_and_the_label_time_say_when_a_label_was_known(read_csv):
    text = (
        "t,y,told\n2025-01-01,1,2025-01-20\n2025-01-02,0,\n2025-01-03,?,2025-02-01\n2025-01-04,1,2024-12-01\n"
    )
    mapping = {"time": {"column": "t"}, "label": {"column": "y", "delay_days": 2.5, "time_column": "told"}}
    history, _ = read_csv(text, mapping)
    assert history.known_at.tolist() == [
        at("2025-01-20"),
        at("2025-01-02") + round(2.5 * DAY),
        NULL,
        at("2025-01-04"),  # nobody knows before it happened
    ]
    assert history.label_delay == round(2.5 * DAY)


@pytest.mark.parametrize(
    "content",
    [
        "amt,fraud\n1.5,0\n2.5,1\n".encode("utf-8-sig"),
        "amt,fraud\n1.5,0\n2.5,1\n".encode("utf-16"),
        "amt,fraud\n1.5,0\n2.5,1\n".encode("utf-16-le"),
        gzip.compress(b"amt,fraud\n1.5,0\n2.5,1\n", mtime=0),
        b"amt,fraud\r\n1.5,0\r\n\r\n2.5,1\r\n",
        b"amt\tfraud\n1.5\t0\n2.5\t1\n",
        b"amt|fraud\n1.5|0\n2.5|1",
        b'"amt" , "fraud"\n"1.5", "0"\n"2.5", "1"\n',
        b"amt;fraud\n1,5;0\n2,5;1\n",
        b"amt,fraud\n$1.50,0\n\"USD 2.50\",1\n",
        b"amt,fraud\n150%,0\n250 %,1\n",
        b"# exported today\n\namt,fraud\n1.5,0\n2.5,1\n",
        b"sep=;\r\namt;fraud\r\n1,5;0\r\n2,5;1\r\n",
    ],
)  # fmt: skip
def test_the_same_table_in_many_forms(read_csv, content):
    history, _ = read_csv(content, {"amount": "amt", "label": {"column": "fraud"}})
    assert history.events["amount_minor"].tolist() == [150, 250]
    assert history.y.tolist() == [0, 1]


def test_a_file_that_is_not_utf8_is_read_as_windows_text(read_csv):
    history, report = read_csv("city,fraud\nKöln,0\nUlm,1\n".encode("cp1252"), {"categorical": ["city"]})
    assert history.categorical["city"][1] == ["Köln", "Ulm"]
    assert report["file"]["encoding"] == "cp1252"


def test_a_file_without_header_has_c1_to_cn_and_places_from_0(read_csv):
    mapping = {"amount": "c2", "label": {"column": 2}, "categorical": [0], "read": {"header": False}}
    history, report = read_csv("A11,5,0\nA12,6,1\n", mapping)
    assert history.events["amount_minor"].tolist() == [500, 600]
    assert history.mapping["label"]["column"] == "c3"
    assert list(history.categorical) == ["c1"]
    assert report["file"]["header"] is False


def test_repeated_and_empty_names_are_told_apart(read_csv):
    history, _ = read_csv(
        ",acct,acct,fraud\n0,a,b,0\n1,b,a,1\n", {"entity": "acct", "counterparty": "acct.1", "id": "c1"}
    )
    assert history.events["sender_key"][0] == history.events["receiver_key"][1]
    assert history.ids.tolist() == ["0", "1"]


def test_quoted_line_breaks_keep_lines_right(read_csv):
    text = 'note,amt,fraud\n"two\nlines",1,0\nplain,x,1\nplain,2,0\nplain,3,0\n'
    history, report = read_csv(text, {"amount": "amt", "label": {"column": "fraud"}})
    assert len(history) == 3
    assert report["refused"]["first"] == [{"line": 4, "column": "amt", "reason": "'x' is not a number"}]


def test_rows_that_cannot_be_read_are_left_out_and_named(read_csv):
    text = "t,amt,w,fraud\n2025-01-01,1,1,0\n?,2,1,0\n2025-02-30,3,1,0\n2025-01-02,4,-1,0\n2025-01-03,5\n"
    text += "".join(f"2025-03-{n:02d},{n},1,{n % 2}\n" for n in range(1, 10))
    mapping = {"time": {"column": "t"}, "amount": "amt", "weight": "w", "label": {"column": "fraud"}}
    history, report = read_csv(text, mapping)
    assert (len(history), report["refused"]["count"], report["file"]["rows"]) == (10, 4, 14)
    by_line = {row["line"]: (row["column"], row["reason"]) for row in report["refused"]["first"]}
    assert by_line == {
        3: ("t", "is missing"),
        4: ("t", "'2025-02-30' is no day of the calendar"),
        5: ("w", "'-1' is no weight; a weight is a number of at least 0"),
        6: ("", "has 2 values where there are 4 columns"),
    }


def test_a_row_number_stands_for_an_absent_id(read_csv):
    history, _ = read_csv("amt,fraud\nx,0\n2,1\n3,0\n", {"amount": "amt", "label": {"column": "fraud"}})
    assert history.ids.tolist() == ["2", "3"]


def test_duplicates_are_told_and_whole_repeats_of_an_id_left_out(read_csv):
    text = "id,amt,fraud\na,1,0\nb,2,1\na,1,0\nb,3,1\n"
    history, report = read_csv(text, {"id": "id", "amount": "amt", "label": {"column": "fraud"}})
    assert history.ids.tolist() == ["a", "b", "b"]
    assert report["duplicates"] == {"rows": 1, "left_out": 1, "ids": 1, "examples": ["b"]}
    history, report = read_csv("amt,fraud\n1,0\n2,1\n1,0\n", {"amount": "amt", "label": {"column": "fraud"}})
    assert (len(history), report["duplicates"]["rows"], report["duplicates"]["left_out"]) == (3, 1, 0)


def test_mixed_types_in_a_numeric_column_count_as_missing_and_are_told(read_csv):
    text = "v,fraud\n" + "".join(f"{'abc' if n == 3 else n},{n % 2}\n" for n in range(30))
    history, report = read_csv(text, {"numeric": ["v"], "label": {"column": "fraud"}})
    assert np.isnan(history.numeric["v"]).tolist() == [n == 3 for n in range(30)]
    assert report["mixed"] == [{"column": "v", "cells": 1, "examples": [{"line": 5, "value": "abc"}]}]


def test_marks_of_missing_are_the_usual_ones_and_those_of_the_mapping(read_csv):
    rows = ["-999,none,1.5", "2,x,", "NA,lost,-999", "4,y,n/a"]
    text = "v,kind,w,fraud\n" + "".join(f"{row},{n % 2}\n" for n, row in enumerate(rows))
    mapping = {"numeric": ["v", "w"], "categorical": ["kind"], "label": {"column": "fraud"}}
    history, _ = read_csv(text, mapping | {"read": {"missing": ["-999", "lost"]}})
    assert np.isnan(history.numeric["v"]).tolist() == [True, False, True, False]
    assert np.isnan(history.numeric["w"]).tolist() == [False, True, True, True]
    assert history.categorical["kind"][0].tolist() == [-1, 0, -1, 1]


def test_a_date_among_the_numbers_is_days_before_the_event(read_csv):
    text = "t,since,fraud\n2025-01-11,2025-01-01,0\n2025-01-12 12:00,2025-01-02,1\n"
    history, report = read_csv(
        text, {"time": {"column": "t"}, "numeric": ["since"], "label": {"column": "fraud"}}
    )
    assert history.numeric["since"].tolist() == [10.0, 10.5]
    assert report["dates"] == ["since"]


def test_without_lists_columns_are_judged_and_with_one_the_rest_is_left_out(read_csv):
    text = "amt,kind,sex,fraud\n" + "".join(f"{n}.5,{'ab'[n % 2]},{'MF'[n % 2]},{n % 2}\n" for n in range(60))
    label = {"label": {"column": "fraud"}}
    history, report = read_csv(text, label)
    assert (list(history.numeric), list(history.categorical)) == (["amt"], [])
    topics = {one["column"]: one["topic"] for one in report["excluded"]}
    assert topics == {"kind": "leak", "sex": "prohibited"}
    history, report = read_csv(text, label | {"numeric": ["amt"]})
    assert (list(history.numeric), list(history.categorical)) == (["amt"], [])
    assert "2 columns that the mapping does not list are left out: kind, sex" in report["warnings"]


def test_personal_values_are_dropped_even_when_listed(read_csv):
    text = "mail,last_name,fraud\n" + "".join(f"a{n}@example.com,Name{n},{n % 2}\n" for n in range(60))
    history, report = read_csv(text, {"categorical": ["mail", "last_name"], "label": {"column": "fraud"}})
    assert list(history.categorical) == ["last_name"]
    assert [one["column"] for one in report["personal"]] == ["mail"]
    said = " ".join(report["warnings"])
    assert "mail: dropped although it is listed as categorical: it holds e-mail addresses" in said
    assert "last_name: kept as categorical because it is listed, but it is personal data" in said


def test_leaking_constant_and_excluded_columns_are_reported(read_csv):
    random = np.random.default_rng(3)
    y = (random.random(600) < 0.3).astype(int)
    good, age = y + random.normal(0, 1.2, 600), y + random.normal(0, 1.2, 600)
    rows = zip(good, age, 3 * y + random.random(600), y, strict=True)
    text = "good,age,leak,same,fraud\n" + "".join(f"{a:.3f},{b:.3f},{c:.3f},7,{d}\n" for a, b, c, d in rows)
    mapping = {"numeric": ["good", "leak", "same"], "ignore": ["age"], "label": {"column": "fraud"}}
    _, report = read_csv(text, mapping)
    assert report["leaking"] == [{"column": "leak", "auc": 1.0}]
    assert report["constant"] == ["same"]
    _, report = read_csv(text, mapping | {"numeric": ["good"]})
    excluded = {one["column"]: one for one in report["excluded"]}
    assert 0.6 < excluded["age"]["auc_alone"] < 0.85
    assert excluded["age"]["added_auc"] > 0.02
    assert excluded["same"]["auc_alone"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amt,fraud\n" + "1,0\n" * 12, "every known label is legitimate: a model needs both classes"),
        ("amt,fraud\n1,0\n2,1\n", "only 2 rows"),
        ("amt,fraud\n1,\n2,?\n", "every label is unknown: the history can be scored, not trained on"),
        ("amt,fraud\n1,1\n2,1\n3,0\n", "67% of the known labels are fraud"),
    ],
)
def test_what_is_too_little_to_train_on_is_imported_with_a_warning(read_csv, text, said):
    _, report = read_csv(text, {"amount": "amt", "label": {"column": "fraud"}})
    assert any(said in warning for warning in report["warnings"])


def test_two_thousand_columns_are_read(read_csv):
    names = [f"v{n}" for n in range(2_000)]
    rows = [",".join(["fraud", *names])]
    rows += [",".join([str(n % 2), *[str(n * k % 97) for k in range(2_000)]]) for n in range(8)]
    history, report = read_csv("\n".join(rows), {"label": {"column": "fraud"}, "numeric": names})
    assert len(history.numeric) == 2_000 and history.numeric["v3"][4] == 12.0
    assert report["file"]["columns"] == 2_001


def test_huge_values_cost_no_more_than_their_own_length(read_csv):
    huge = "x" * 900_000
    rows = [f"{n},{huge if n in (50, 700) else 'web'},{n % 7 == 0:d}" for n in range(3_000)]
    content = "\n".join(["n,channel,fraud", *rows])
    mapping = {"label": {"column": "fraud"}, "numeric": ["n"], "ignore": ["channel"]}
    tracemalloc.start()
    history, report = read_csv(content, mapping)  # a numpy text of this length for every row: 10 GB
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(history) == 3_000 and most < 100e6
    assert read_csv(content, {"label": {"column": "fraud"}})[1]["rows"] == report["rows"]


def test_a_chunk_is_bounded_by_its_bytes_too(tmp_path, monkeypatch):
    monkeypatch.setattr(source, "BYTES_A_CHUNK", 1 << 20)
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(b"a,fraud\n" + (b"x" * 20_000 + b",1\n") * 1_000))
    chunks = [chunk for chunk, _ in source.Source(path).chunks()]
    assert max(len(chunk.rows) for chunk in chunks) <= 128
    assert [number for chunk in chunks for number in chunk.numbers] == list(range(1, 1_001))


def test_a_line_without_end_is_not_held_in_memory(read_csv, monkeypatch):
    monkeypatch.setattr(source, "LONGEST_LINE", 1_000)
    with pytest.raises(HistoryRefused, match="line 3 or before: a value of more than a million characters"):
        read_csv("a,fraud\n1,0\n" + "x" * 2_500 + ",1\n3,1\n", {"label": {"column": "fraud"}})


@pytest.mark.parametrize("line", [b"\n", b"7,7,7\n7,0\n7,0\n", b"x" * 20_000 + b",1\n"])
def test_who_looks_at_a_file_does_not_unpack_all_of_it(tmp_path, line, monkeypatch):
    monkeypatch.setattr(source, "BYTES_A_CHUNK", 1 << 20)
    monkeypatch.setattr(source, "CELLS_A_CHUNK", 1_000)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a,fraud\n1,0\n2,1\n" + line * 3_000))
    drawn = sample(source.Source(path), looked_at=1_000)
    assert not drawn.whole and 2 <= drawn.rows <= 1_000


def test_rows_of_one_moment_stand_in_the_order_of_their_ids(read_csv):
    rows = [f"t{n},2025-01-0{n // 8 + 1},{n % 3 == 0:d}" for n in range(24)]
    mapping = {"id": "id", "time": {"column": "day"}, "label": {"column": "fraud"}}
    for order in (rows, rows[::-1], rows[5:] + rows[:5]):
        history, _ = read_csv("\n".join(["id,day,fraud", *order]), mapping)
        assert history.ids.tolist() == [f"t{n}" for n in range(24)]


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(read_csv, monkeypatch):
    monkeypatch.setattr(source, "ANY_RATIO", 1 << 20)
    content = b"a,fraud\n" + b"1,0\n2,1\n" * 300_000
    with pytest.raises(HistoryRefused, match="unpacks to more than 200 times its size; unpack it first"):
        read_csv(gzip.compress(content), {"label": {"column": "fraud"}})
    assert len(read_csv(content, {"label": {"column": "fraud"}})[0]) == 600_000

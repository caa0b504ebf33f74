"""What cannot be imported says why and stores nothing; what is saved is whole or refused."""

import gzip

import numpy as np
import pytest

from ml.history import HistoryDamaged, HistoryMapping, HistoryRefused, MappingRefused, load, save


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n\n  \n", "the file is empty"),
        (b"a,b,fraud\n", "the file holds a header and no rows"),
        (b"just one column\n1\n2\n", "only one column"),
        (gzip.compress(b"amt,fraud\n" + b"1.25,0\n9.5,1\n" * 9_000)[:-30], "the compressed file ends early"),
        (b"PK\x03\x04....", "is a ZIP archive or a spreadsheet"),
        (b"PAR1....", "is a Parquet file"),
        (b"{\"a\": 1}\n", "HTML, XML or JSON"),
        (b"a,fraud\n\x00\x01\x02,1\n" * 40, "NUL characters"),
        (b"amt,fraud\n" + (b" " * 9_000 + b"1,0\n") * 120 + "é,0\n".encode("cp1252"), "not utf-8 text"),
        (b"amt,fraud\n" + b"x,0\n" * 5 + b"1,1\n",
         "5 of 6 rows cannot be read; the first is line 2, column amt"),
        (b"amt,fraud\n1,maybe\n2,perhaps\n", "no value of 'fraud' is a known label; found 'maybe' (1)"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_imported_say_why(read_csv, content, said):
    with pytest.raises(HistoryRefused) as refused:
        read_csv(content, {"amount": "amt", "label": {"column": "fraud"}})
    assert said in str(refused.value)


def test_a_count_that_is_read_as_a_date_hints_at_the_kinds(read_csv):
    with pytest.raises(
        HistoryRefused, match="'2' is not a time that can be read; is the kind seconds, hours or"
    ):
        read_csv("step,fraud\n2,0\n3,1\n", {"time": {"column": "step"}, "label": {"column": "fraud"}})
    with pytest.raises(HistoryRefused, match="'31/12/2025' is no day of the calendar; is the kind dayfirst"):
        read_csv("day,fraud\n31/12/2025,0\n30/12/2025,1\n", {"time": "day", "label": "fraud"})


def test_a_label_of_too_many_values_is_no_label(read_csv):
    text = "amt,fraud\n" + "".join(f"{n},v{n}\n" for n in range(1_500))
    with pytest.raises(HistoryRefused, match="more than 1,000 different values; it is not a label"):
        read_csv(text, {"label": {"column": "fraud"}})


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"lable": {}}, "lable: is not a key of a mapping; did you mean 'label'?"),
        ({"label": {"colum": "x"}}, "label.colum: is not a key of a mapping; did you mean 'column'?"),
        ({"label": {"fraud": [1]}}, "label.column: is required"),
        ({"label": {"column": "fruad"}},
        "label.column: the file has no column 'fruad'; did you mean 'fraud'?"),
        ({"amount": "FRAUDS"}, "amount: the file has no column 'FRAUDS'; did you mean 'fraud'?"),
        ({"amount": 9}, "amount: there is no column 9: the first is 0, the last is 1"),
        ({"amount": ["amt"]}, "amount: must be the name of a column, not a list"),
        ({"time": {"column": "amt", "kind": "second"}}, "time.kind: 'second' is not one of absolute"),
        ({"time": {"column": "amt", "start": "2025-01-01"}}, "time.start: only offsets have a start"),
        ({"time": {"column": "amt", "kind": "hours", "start": "soon"}},
        "time.start: 'soon' is not an ISO 8601 time"),
        ({"location": {"latitude": "amt"}}, "location.longitude: is required"),
        ({"label": {"column": "fraud", "delay_days": -1}}, "label.delay_days: must be a number of days"),
        ({"label": {"column": "fraud", "fraud": []}}, "label.fraud: is an empty list"),
        ({"label": {"column": "fraud", "fraud": ["1"], "legitimate": ["1"]}},
        "label.legitimate: '1' stands in fraud"),
        ({"label": {"column": "fraud"}, "numeric": ["fraud"]}, "numeric: 'fraud' is the label"),
        ({"numeric": ["amt"], "ignore": ["amt"]}, "ignore: 'amt' stands in numeric too"),
        ({"numeric": ["amt"], "categorical": [0]}, "categorical: 'amt' stands in numeric too"),
        ({"numeric": "amt"}, "numeric: must be a list of columns, not text"),
        ({"read": {"delimiter": "::"}}, "read.delimiter: '::' is not one of"),
        ({"read": {"encoding": "utf-99"}}, "read.encoding: 'utf-99' is not an encoding"),
        ([], "a mapping is a JSON object, not a list"),
    ],
)  # fmt: skip
def test_mappings_are_refused_by_name(read_csv, mapping, said):
    with pytest.raises(MappingRefused) as refused:
        read_history_of(read_csv, mapping)
    assert said in str(refused.value)


def read_history_of(read_csv, mapping):
    return read_csv("amt,fraud\n1,0\n2,1\n", HistoryMapping.from_json(mapping))


def test_a_mapping_reads_back_what_it_writes():
    told = {
        "id": "a", "time": {"column": ["b", "c"], "kind": "dayfirst"}, "entity": ["d", "e"],
        "counterparty": "f",
        "device": "g", "amount": "h", "location": {"latitude": "i", "longitude": "j"},
        "label": {"column": "k", "fraud": ["1"], "legitimate": ["0"], "delay_days": 3.0, "time_column": "l"},
        "weight": "m", "numeric": ["n"], "categorical": [], "ignore": ["o"],
        "read": {"delimiter": ";", "header": True, "decimal": ","},
    }  # fmt: skip
    assert HistoryMapping.from_json(told).as_json() == told
    assert HistoryMapping.from_json({}).as_json() == {}


def test_a_saved_history_opens_memory_mapped_and_whole(read_csv, tmp_path):
    text = "t,card,kind,v,fraud\n2025-01-02,c1,x,1,1\n2025-01-01,c2,,2,0\n"
    mapping = {"time": {"column": "t"}, "entity": "card", "numeric": ["v"], "categorical": ["kind"],
               "label": {"column": "fraud"}}  # fmt: skip
    history, report = read_csv(text, mapping)
    opened = load(save(history, tmp_path / "saved"))
    assert isinstance(opened.times, np.memmap)
    for name in ("ids", "times", "y", "known_at"):
        assert getattr(opened, name).tolist() == getattr(history, name).tolist()
    assert {n: v.tolist() for n, v in opened.events.items()} == {
        n: v.tolist() for n, v in history.events.items()
    }
    assert opened.numeric["v"].tolist() == [2.0, 1.0]
    assert (opened.categorical["kind"][0].tolist(), opened.categorical["kind"][1]) == ([-1, 0], ["x"])
    assert (opened.weight, opened.roles, opened.report) == (None, history.roles, report)
    with pytest.raises(FileExistsError):
        save(history, tmp_path / "saved")


@pytest.mark.parametrize("damage", ["events.npy", "y.npy", "history.json"])
def test_a_damaged_history_is_refused(read_csv, tmp_path, damage):
    history, _ = read_csv("amt,fraud\n1,0\n2,1\n", {"amount": "amt", "label": {"column": "fraud"}})
    saved = save(history, tmp_path / "saved")
    (saved / damage).write_bytes((saved / damage).read_bytes()[:-9])
    with pytest.raises(HistoryDamaged, match=r"import the history again"):
        load(saved)
    (saved / damage).unlink()
    with pytest.raises(HistoryDamaged, match=damage):
        load(saved)

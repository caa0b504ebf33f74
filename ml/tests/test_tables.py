"""Reading CSV tables: errors name the file, the line and the column."""

import gzip

import numpy as np
import pandas as pd
import pytest

from ml.preprocessing.leaks import single_column_auc
from ml.preprocessing.tables import DataError, line_of, numeric, read_table, records


@pytest.fixture
def write(tmp_path):
    def write(content: bytes | str, name: str = "data.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_cells_are_text_and_a_byte_order_mark_is_no_part_of_a_name(write):
    frame = read_table(write("\ufeffid,amount\n0012,5\n,\n\n7,\n"))
    assert list(frame) == ["id", "amount"]
    assert list(records(frame)) == [{"id": "0012", "amount": "5"}, {"id": "7"}]
    assert [line_of(row) for row in frame.index] == [2, 5]


def test_gzip_is_read(write):
    assert len(read_table(write(gzip.compress(b"a,b\n1,2\n"), "data.csv.gz"))) == 1


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "data.csv", "the file is empty"),
        (b"a,b\n", "data.csv", "holds a header and no rows"),
        (b"a,b\n1,2,3\n1,2,3,4,5\n", "data.csv", "is not a CSV table"),
        (b"a,b\n\xff\xfe,2\n", "data.csv", "is not UTF-8 text"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 5000, mtime=0)[:-40], "data.csv.gz", "cannot be read"),
        (b"no gzip at all", "data.csv.gz", "cannot be read"),
    ],
)
def test_unreadable_files_are_refused(write, content, name, message):
    path = write(content, name)
    with pytest.raises(DataError) as error:
        read_table(path)
    assert str(error.value).startswith(f"{path}")
    assert message in str(error.value)


def test_a_missing_file_and_a_missing_column_are_named(write, tmp_path):
    with pytest.raises(DataError, match=r"nothing\.csv: there is no such file"):
        read_table(tmp_path / "nothing.csv")
    with pytest.raises(DataError, match="column label: the column is missing; found a, b"):
        read_table(write("a,b\n1,2\n"), required=("label",))


def test_numbers_are_read_and_others_named(write):
    path = write("a\n1\n \n2.5\nx\n")
    frame = read_table(path)
    np.testing.assert_array_equal(numeric(frame.iloc[:3], "a", path), [1.0, np.nan, 2.5])
    with pytest.raises(DataError, match="line 5, column a: 'x' is not a number"):
        numeric(frame, "a", path)


def test_single_column_auc_sees_order_u_shapes_and_categories():
    rng = np.random.default_rng(0)
    label = (rng.random(4_000) < 0.1).astype(int)
    frame = pd.DataFrame(
        {
            "noise": rng.normal(size=4_000),
            "lower": -label + 0.001 * rng.normal(size=4_000),
            "both_ends": np.where(label, 5.0 * rng.choice([-1, 1], 4_000), rng.normal(size=4_000)),
            "word": np.where(label == 1, "a", "b"),
            "missing": np.where(label == 1, np.nan, 1.0),
            "id": [f"i{number}" for number in range(4_000)],
        }
    )
    found = single_column_auc(frame, label)
    assert set(found) == {"noise", "lower", "both_ends", "word", "missing"}
    assert found["noise"] < 0.56
    assert min(found[name] for name in ("lower", "both_ends", "word", "missing")) > 0.98

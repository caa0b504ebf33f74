import pytest


@pytest.fixture
def cursor(db):
    """A cursor of the test database; ml itself knows no Django."""
    from django.db import connection

    with connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def read_csv(tmp_path):
    """read_csv(text or bytes, mapping) is (history, report) of such a file."""
    from ml.history.reading import read_history

    def make(content, mapping=None):
        path = tmp_path / "data.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_history(path, mapping or {})

    return make

import pytest


@pytest.fixture
def cursor(db):
    """A cursor of the test database; ml itself knows no Django."""
    from django.db import connection

    with connection.cursor() as cursor:
        yield cursor

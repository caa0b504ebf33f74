from logs import activity, backlog


def test_what_is_queued_reaches_the_store_in_order():
    activity.client().delete(activity.STREAM)
    for start in range(0, 1200, 3):
        backlog.publish_soon([("decision", {"id": start + n}) for n in range(3)])
    assert backlog.flush(10)
    assert [m["data"]["id"] for m in reversed(activity.recent(limit=1200))] == list(range(1200))


def test_a_store_that_is_away_holds_nobody_up(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    activity.client.cache_clear()
    try:
        backlog.publish_soon([("decision", {"id": 1})])
        assert backlog.flush(10)
    finally:
        activity.client.cache_clear()

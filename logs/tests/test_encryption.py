"""Secrets that are read again: under another SECRET_KEY, and for another purpose."""

import pytest

from logs.encryption import SealBroken, Sealer
from logs.models import SubjectKey
from logs.models.subject_keys import UNREADABLE, readable
from logs.services.personal import guarded

SEALER = Sealer("tests v1:", "enter it anew")


def test_a_former_key_reads_on_while_it_is_named(settings):
    sealed = SEALER.seal("whsec_1")
    assert "whsec_1" not in sealed and SEALER.unseal(sealed) == "whsec_1"
    settings.SECRET_KEY, former = "another key", settings.SECRET_KEY
    with pytest.raises(SealBroken, match="SECRET_KEY changed; enter it anew"):
        SEALER.unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert SEALER.unseal(sealed) == "whsec_1"


def test_what_was_sealed_for_one_purpose_serves_no_other():
    with pytest.raises(SealBroken):
        Sealer("others v1:", "enter it anew").unseal(SEALER.seal("a"))


@pytest.mark.django_db
def test_the_trail_tells_a_lost_key_from_an_erased_value(settings):
    (kept,) = guarded([{"note": "called him", "revision": 2}], [7])
    assert "called him" not in str(kept)
    assert readable(kept) == {"note": "called him", "revision": 2}
    settings.SECRET_KEY, former = "another key", settings.SECRET_KEY
    assert readable(kept) == {"note": UNREADABLE, "revision": 2}
    settings.SECRET_KEY_FALLBACKS = [former]
    assert readable(kept) == {"note": "called him", "revision": 2}
    SubjectKey.objects.all().delete()
    assert readable(kept) == {"note": "[erased]", "revision": 2}

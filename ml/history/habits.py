"""What one thing (entity, counterparty, device, entity and category together) usually does.

One definition for every subject: its key stands in SUBJECT, whom it deals with in OTHER. The label-aware
half reads only labels that were known at the event's moment.
"""

from __future__ import annotations

from functools import cache

from ml.features.builders import MINOR, count, flag, money, number
from ml.features.columns import LABEL_TABLE
from ml.features.durations import DAY, SECOND
from ml.features.spec import Feature, FeatureSet, Primitive, Stream
from ml.history.windows import ACTIVITY, KNOWN, LONG

SUBJECT, OTHER, EVERYTHING = "merchant_key", "sender_key", "device_key"
LN = 10_000.0
STRENGTH = 20.0  # a rate is believed as much as the usual one after so many known labels
NIGHT = (0, 1, 2, 3, 4, 5)
LOCATED = (("latitude_e6", "known", None), ("longitude_e6", "known", None))
CAMPAIGN = 60 * DAY  # how long it has been going on
FRAUD = (("fraud_delta", "!=", 0),)


@cache
def habits(subject: str, *, amount: bool, hour: bool, other: str | None, place: bool) -> FeatureSet:
    """Activity and usual behaviour of a subject; `other` names whom it deals with, None for nobody."""
    primitives, features = _activity(subject)
    parts = [
        _amounts(subject) if amount else ([], []),
        _hours(subject) if hour else ([], []),
        _others(subject, other) if other else ([], []),
        _places(subject) if place else ([], []),
    ]
    for more_primitives, more_features in parts:
        primitives += more_primitives
        features += more_features
    return _feature_set(f"history-{subject}", (Stream("own", SUBJECT, SUBJECT),), primitives, features)


@cache
def short_habits(subject: str, *, amount: bool, owner: str | None) -> FeatureSet:
    """The few habits of a category, or of a pair; `owner` names whose events they are a share of."""
    primitives = [
        Primitive("n", "own", "count", prior=True),
        Primitive("since", "own", "since"),
        *(Primitive(f"count.{t}", "own", "count", window=ACTIVITY[t]) for t in ("24h", "30d")),
    ]
    features = [
        count(f"{subject}_earlier_count", f"Earlier events of this {subject}, at most 499.", "n"),
        number(f"{subject}_seconds_since_last", "seconds", f"Time since this {subject}'s previous event.",
               "scaled", "since", by=(SECOND,)),
        *(count(f"{subject}_count_{t}", f"Events of this {subject} {LONG[t]}.", f"count.{t}")
          for t in ("24h", "30d")),
    ]  # fmt: skip
    if amount:
        more_primitives, more_features = usual_amount(subject)
        primitives += more_primitives
        features += more_features
    streams = [Stream("own", SUBJECT, SUBJECT)]
    if owner:
        streams.append(Stream("owner", OTHER, OTHER))
        primitives.append(Primitive("owner.n", "owner", "count", prior=True))
        features.append(
            number(f"{subject}_share", "share", f"Share of this {subject} in the {owner}'s earlier events.",
                   "ratio", "n", "owner.n", by=(1.0,))
        )  # fmt: skip
    return _feature_set(f"history-{subject}", streams, primitives, features)


@cache
def value_habits(subject: str, value: str) -> FeatureSet:
    """A number of the event (in the amount's place, thousandths) against the subject's earlier ones."""
    primitives = [
        Primitive("n", "own", "count", prior=True, where=(("amount_minor", "known", None),)),
        Primitive("sum", "own", "sum", "amount_minor", prior=True),
        Primitive("squares", "own", "sumsq", "amount_minor", prior=True),
        Primitive("last", "own", "last", "amount_minor"),
    ]
    by = (1000.0,)
    features = [
        number("value", "deviations", "The value itself.", "scaled", "event.amount_minor", by=by),
        number("mean", "deviations", "Its earlier mean.", "ratio", "sum", "n", by=by),
        number("sd", "deviations", "Its earlier spread.", "deviation", "n", "sum", "squares", by=by),
        number(f"{value}/{subject}_z", "deviations", f"How far the value is above this {subject}'s earlier.",
               "standardised", "value", "mean", "sd"),
        number(f"{value}/{subject}_over_mean", "deviations",
               f"The value less the mean of this {subject}'s earlier ones.", "difference", "value", "mean",
               by=(1.0,)),
        number(f"{value}/{subject}_over_last", "deviations",
               f"The value less this {subject}'s previous one.", "difference", "event.amount_minor", "last",
               by=by),
    ]  # fmt: skip
    return _feature_set(f"value-{subject}", (Stream("own", SUBJECT, SUBJECT),), primitives, features)


@cache
def known_frauds(subject: str, *, totals: bool) -> FeatureSet:
    """Frauds of a subject among its labels known by now, and their rate drawn to that of everything.

    totals  whether all frauds and labels so far are counted: of a category they say little but the date
    """
    streams = (
        Stream("labels", SUBJECT, SUBJECT, table=LABEL_TABLE),
        # of their own, because they are few: what looks for the first of them has little to look through
        Stream("frauds", SUBJECT, SUBJECT, table=LABEL_TABLE, where=FRAUD),
        Stream("all", EVERYTHING, EVERYTHING, table=LABEL_TABLE),
    )
    primitives = [
        Primitive("all.n", "all", "count"),
        Primitive("all.frauds", "all", "sum", "fraud_delta"),
        Primitive("frauds.newest", "frauds", "last", "known_at"),
        Primitive("frauds.first", "frauds", "min", "known_at", CAMPAIGN),
        Primitive("labels.last", "labels", "last", "fraud_delta"),
    ]
    features = [
        number("usual_rate", "share", "Share of fraud among all known labels.", "ratio", "all.frauds",
               "all.n", by=(1.0,)),
        number(f"{subject}_days_since_known_fraud", "days",
               f"Time since the newest known fraud of this {subject} became known.", "difference",
               "event.occurred_at", "frauds.newest", by=(DAY,)),
        number(f"{subject}_days_since_first_known_fraud_60d", "days",
               f"Time since the first of this {subject}'s frauds of 60 days became known.", "difference",
               "event.occurred_at", "frauds.first", by=(DAY,)),
        flag(f"{subject}_newest_label_is_fraud", f"The newest known label of this {subject} is fraud.",
             "member", "labels.last", by=(1,)),
    ]  # fmt: skip
    more_primitives, more_features = _known_rates(subject, totals)
    return _feature_set(f"known-{subject}", streams, primitives + more_primitives, features + more_features)


def _known_rates(subject: str, totals: bool) -> tuple[list[Primitive], list[Feature]]:
    primitives, features = [], []
    for text, window in KNOWN.items():
        n, frauds = f"labels.n.{text}", f"frauds.n.{text}"
        primitives += [
            Primitive(n, "labels", "count", window=window),
            Primitive(frauds, "frauds", "count", window=window),
        ]
        if totals or window is not None:
            meaning = f"Frauds of this {subject} that became known {LONG[text]}."
            features.append(count(f"{subject}_frauds_known_{text}", meaning, frauds))
        features.append(
            number(f"{subject}_fraud_rate_{text}", "share",
                   f"Share of fraud among the labels of this {subject} known {LONG[text]}.", "shrunk",
                   frauds, n, "usual_rate", by=(STRENGTH,))
        )  # fmt: skip
    if totals:
        features.append(
            count(f"{subject}_labels_known_ever", f"Known labels of this {subject}.", "labels.n.ever")
        )
    return primitives, features


def _feature_set(name: str, streams, primitives: list[Primitive], features: list[Feature]) -> FeatureSet:
    return FeatureSet(name, tuple(streams), tuple(primitives), tuple(features))


def _activity(subject: str) -> tuple[list[Primitive], list[Feature]]:
    primitives = [Primitive(f"count.{t}", "own", "count", window=w) for t, w in ACTIVITY.items()]
    primitives += [
        Primitive("n", "own", "count", prior=True),
        Primitive("since", "own", "since"),
        Primitive("oldest", "own", "oldest"),
    ]
    features = [
        count(f"{subject}_count_{t}", f"Events of this {subject} {LONG[t]}, this one included.", f"count.{t}")
        for t in ACTIVITY
    ]
    features += [
        count(f"{subject}_earlier_count", f"Earlier events of this {subject}, at most 499.", "n"),
        number(f"{subject}_seconds_since_last", "seconds", f"Time since this {subject}'s previous event.",
               "scaled", "since", by=(SECOND,)),
        number(f"{subject}_history_days", "days", f"Time since this {subject}'s first event.", "difference",
               "event.occurred_at", "oldest", by=(DAY,)),
        *_shares(subject, "count"),
    ]  # fmt: skip
    return primitives, features


def _shares(subject: str, what: str) -> list[Feature]:
    """How much of a longer span lies in a shorter one: trees cannot divide."""
    return [
        number(f"{subject}_{what}_{short}_of_{long}", "share",
               f"The {what} of this {subject} {LONG[short]} over that {LONG[long]}.", "ratio",
               f"{what}.{short}", f"{what}.{long}", by=(1.0,))
        for short, long in (("1h", "24h"), ("24h", "30d"), ("7d", "30d"))
    ]  # fmt: skip


def _amounts(subject: str) -> tuple[list[Primitive], list[Feature]]:
    primitives, features = [], []
    for text, window in ACTIVITY.items():
        primitives += [
            Primitive(f"sum.{text}", "own", "sum", "amount_minor", window),
            Primitive(f"max.{text}", "own", "max", "amount_minor", window),
        ]
        what = f"amounts of this {subject} {LONG[text]}, this one included"
        features += [
            money(f"{subject}_sum_{text}", f"Sum of the {what}.", f"sum.{text}"),
            money(f"{subject}_max_{text}", f"Largest of the {what}.", f"max.{text}"),
            number(f"{subject}_mean_{text}", "money", f"Mean of the {what}.", "ratio", f"sum.{text}",
                   f"count.{text}", by=(MINOR,)),
        ]  # fmt: skip
    features += _shares(subject, "sum")
    usual_primitives, usual_features = usual_amount(subject)
    return primitives + usual_primitives, features + usual_features


def usual_amount(subject: str) -> tuple[list[Primitive], list[Feature]]:
    """The amount against the subject's own earlier ones, in logarithms."""
    primitives = [
        Primitive("ln.n", "own", "count", prior=True, where=(("amount_ln", "known", None),)),
        Primitive("ln.sum", "own", "sum", "amount_ln", prior=True),
        Primitive("ln.squares", "own", "sumsq", "amount_ln", prior=True),
        Primitive("ln.max", "own", "max", "amount_ln", prior=True),
        Primitive("ln.last", "own", "last", "amount_ln"),
    ]
    own = f"this {subject}'s earlier amounts"
    features = [
        number(f"{subject}_ln_mean", "ln", f"Mean logarithm of {own}.", "ratio", "ln.sum", "ln.n", by=(LN,)),
        number(f"{subject}_ln_sd", "ln", f"Spread of the logarithms of {own}.", "deviation", "ln.n",
               "ln.sum", "ln.squares", by=(LN,)),
        number(f"{subject}_ln_over_mean", "ln", f"Logarithm of the amount less the mean of {own}.",
               "difference", "ln_amount", f"{subject}_ln_mean", by=(1.0,)),
        number(f"{subject}_ln_z", "deviations", f"How many deviations the amount lies above {own}.",
               "standardised", "ln_amount", f"{subject}_ln_mean", f"{subject}_ln_sd"),
        number(f"{subject}_ln_over_max", "ln", f"Logarithm of the amount less the largest of {own}.",
               "difference", "event.amount_ln", "ln.max", by=(LN,)),
        number(f"{subject}_ln_over_last", "ln", f"Logarithm of the amount less that of the last of {own}.",
               "difference", "event.amount_ln", "ln.last", by=(LN,)),
    ]  # fmt: skip
    base = number("ln_amount", "ln", "Logarithm of the amount.", "scaled", "event.amount_ln", by=(LN,))
    return primitives, [base, *features]


def _hours(subject: str) -> tuple[list[Primitive], list[Feature]]:
    primitives = [
        Primitive("same_hour", "own", "same", "local_hour", prior=True),
        Primitive("night", "own", "count", prior=True, where=(("local_hour", "in", NIGHT),)),
    ]
    features = [
        number(f"{subject}_same_hour_share", "share",
               f"Share of this {subject}'s earlier events in this hour of the day.", "ratio", "same_hour",
               "n", by=(1.0,)),
        number(f"{subject}_night_share", "share", f"Share of this {subject}'s earlier events at night.",
               "ratio", "night", "n", by=(1.0,)),
    ]  # fmt: skip
    return primitives, features


def _others(subject: str, other: str) -> tuple[list[Primitive], list[Feature]]:
    primitives = [
        Primitive("seen", "own", "seen", OTHER),
        Primitive("same_other", "own", "same", OTHER, prior=True),
        *(Primitive(f"others.{t}", "own", "distinct", OTHER, ACTIVITY[t]) for t in ("24h", "30d")),
    ]
    features = [
        flag(f"{subject}_first_{other}", f"This {subject} never dealt with this {other} before.",
             "complement", "seen"),
        count(f"{subject}_same_{other}_count",
              f"Earlier events of this {subject} with this {other}.", "same_other"),
        *(count(f"{subject}_{other}s_{t}", f"Distinct {other}s of this {subject} {LONG[t]}.", f"others.{t}")
          for t in ("24h", "30d")),
    ]  # fmt: skip
    return primitives, features


def _places(subject: str) -> tuple[list[Primitive], list[Feature]]:
    columns = {"latitude": "latitude_e6", "longitude": "longitude_e6", "time": "occurred_at"}
    primitives = [Primitive(f"at.{n}", "own", "last", c, where=LOCATED) for n, c in columns.items()]
    features = [
        number(f"{subject}_travel_km", "km", f"Distance from this {subject}'s last place.", "distance",
               "at.latitude", "at.longitude", "event.latitude_e6", "event.longitude_e6"),
        number(f"{subject}_travel_seconds", "seconds", f"Time since this {subject}'s last located event.",
               "difference", "event.occurred_at", "at.time", by=(SECOND,)),
        number(f"{subject}_travel_kmh", "km/h", "Speed implied since then.", "speed",
               f"{subject}_travel_km", f"{subject}_travel_seconds"),
    ]  # fmt: skip
    return primitives, features

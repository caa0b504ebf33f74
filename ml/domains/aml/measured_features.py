"""What no window over one account gives: countries on the lists in force, and money that comes back."""

from ml.features.builders import count, money, number
from ml.features.durations import DAY
from ml.features.spec import Feature, Measure

PARTS_PER_MILLION = 1_000_000.0

MEASURES = (
    Measure("country.list", "Version of the country lists in force; missing when no country was given."),
    Measure("country.black", "Distinct countries of the event on the black list."),
    Measure("country.grey", "Distinct countries of the event on the grey list that are not home."),
    Measure("country.grey_sum.30d", "The sender's sum of 30 days with such a grey country, this event too."),
    Measure("trip.hops", "Hops of the round trip that this event closes; 0 when none was found."),
    Measure("trip.start", "Amount of its first hop, minor units."),
    Measure("trip.lowest", "Its lowest amount over the amount of the hop before, parts per million."),
    Measure("trip.lasted", "Microseconds from its first hop to this event."),
    Measure("trip.cut", "1 when the search left edges out that a deeper one may follow, else 0."),
)


def country_features() -> list[Feature]:
    return [
        count(
            "high_risk_countries",
            "Countries of the parties, the event or its address on the black list.",
            "country.black",
        ),
        count(
            "watched_countries", "Such countries on the grey list, the customer's home aside.", "country.grey"
        ),
        money(
            "watched_sum_30d",
            "What the sender moved in 30 days with a country on the grey list, this event included.",
            "country.grey_sum.30d",
        ),
        number(
            "country_list", "version", "Version of the country lists.", "scaled", "country.list", by=(1.0,)
        ),
    ]


def round_trip_features() -> list[Feature]:
    return [
        count("round_trip_hops", "Hops by which this event brings money back; 0: none found.", "trip.hops"),
        money("round_trip_start", "What left at the start of that round trip.", "trip.start"),
        number(
            "round_trip_lowest_share",
            "share",
            "The lowest amount of a hop over that of the hop before.",
            "scaled",
            "trip.lowest",
            by=(PARTS_PER_MILLION,),
        ),
        number(
            "round_trip_days", "days", "How long the round trip took.", "scaled", "trip.lasted", by=(DAY,)
        ),
        number(
            "round_trip_search_cut",
            "flag",
            "The search for a round trip left something to a deeper one.",
            "scaled",
            "trip.cut",
            by=(1.0,),
        ),
    ]

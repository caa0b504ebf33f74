"""The features of a set as a document, rendered from their definitions."""

from collections.abc import Iterable

from ml.features.spec import Feature, FeatureSet

_HEAD = ("Name", "Meaning", "Unit", "Window", "Kind")


_ABOUT = (
    "A window of 24h is the 24 hours up to and including the event; `earlier` leaves the event out;\n"
    "`30d ago until 24h ago` ends a day before it. History is an entity's newest 499 earlier events;\n"
    "`all history` is not bounded. A value that cannot be computed is missing, never zero."
)


def document(feature_sets: Iterable[FeatureSet]) -> str:
    """Return a Markdown page: how to read it, and a section per feature set."""
    return "\n".join(["# Features", "", _ABOUT, "", *map(markdown, feature_sets)])


def markdown(feature_set: FeatureSet) -> str:
    """Return a Markdown section: a heading, the version, and one table row per feature."""
    title = f"## {feature_set.name}"
    about = (
        f"Version `{feature_set.version}`: {len(feature_set.numbers)} numbers and flags,"
        f" {len(feature_set.texts)} texts, from {len(feature_set.primitives)} values taken from history."
    )
    rows = [_row(_HEAD), _row(["---"] * len(_HEAD))]
    rows += [_row(_cells(feature_set, feature_set.feature(name))) for name in feature_set.names]
    return "\n".join([title, "", about, "", *rows, ""])


def _cells(feature_set: FeatureSet, feature: Feature) -> list[str]:
    window = feature_set.window_of(feature.name)
    return [f"`{feature.name}`", feature.meaning, feature.unit, window, feature.kind]


def _row(cells) -> str:
    return f"| {' | '.join(cells)} |"

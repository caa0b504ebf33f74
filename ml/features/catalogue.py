"""The features of a set as a document, rendered from their definitions."""

from ml.features.spec import Feature, FeatureSet

_HEAD = ("Name", "Meaning", "Unit", "Window", "Kind")


def markdown(feature_set: FeatureSet) -> str:
    """Return a Markdown section: a heading with the version, and one table row per feature."""
    title = f"# Features: {feature_set.name}"
    about = (
        f"Version `{feature_set.version}`: {len(feature_set.numbers)} numbers and flags,"
        f" {len(feature_set.texts)} texts, from {len(feature_set.primitives)} values taken from history.\n\n"
        "A window of 24h is the 24 hours up to and including the event; `earlier` leaves the event out;\n"
        "`30d ago until 24h ago` ends a day before it. History is an entity's newest 499 earlier events;\n"
        "`all history` is not bounded. A value that cannot be computed is missing, never zero."
    )
    rows = [_row(_HEAD), _row(["---"] * len(_HEAD))]
    rows += [_row(_cells(feature_set, feature_set.feature(name))) for name in feature_set.names]
    return "\n".join([title, "", about, "", *rows, ""])


def _cells(feature_set: FeatureSet, feature: Feature) -> list[str]:
    window = feature_set.window_of(feature.name)
    return [f"`{feature.name}`", feature.meaning, feature.unit, window, feature.kind]


def _row(cells) -> str:
    return f"| {' | '.join(cells)} |"

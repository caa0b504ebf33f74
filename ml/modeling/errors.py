"""Why a model could not be trained."""


class TrainingRefused(ValueError):
    """The data cannot teach a model; the message says what is missing and what to do."""

"""Training, comparing, calibrating and measuring classifiers over feature vectors."""

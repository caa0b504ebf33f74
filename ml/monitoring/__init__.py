"""Whether a model still meets what it was trained on: drift, calibration, precision. Pure."""

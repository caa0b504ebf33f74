"""What a training measured, as plain JSON: figures with intervals, curves, segments, explanations."""

"""Print the catalogue of a feature set: `python -m ml.features payments > docs/FEATURES.md`."""

import sys
from importlib import import_module

from ml.features.catalogue import markdown

if __name__ == "__main__":
    domain = sys.argv[1]
    sys.stdout.write(markdown(getattr(import_module(f"ml.domains.{domain}.features"), domain.upper())))

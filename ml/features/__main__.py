"""Print the catalogue of feature sets: `python -m ml.features payments aml > docs/FEATURES.md`."""

import sys
from importlib import import_module

from ml.features.catalogue import document

if __name__ == "__main__":
    modules = [(name, import_module(f"ml.domains.{name}.features")) for name in sys.argv[1:]]
    sys.stdout.write(document(getattr(module, name.upper()) for name, module in modules))

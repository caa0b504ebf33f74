"""python -m fraudguard.run [--detach | --stop]"""

import argparse
import sys

from fraudguard.run import background
from fraudguard.run.supervisor import Supervisor


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fraudguard.run", description=__doc__)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--detach", action="store_true", help="return once it is up")
    how.add_argument("--stop", action="store_true", help="stop the one running in this directory")
    options = parser.parse_args()
    if options.stop:
        return background.stop()
    if options.detach:
        return background.start()
    return Supervisor().run()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python
"""Django's command line. Finds the running embedded services, or starts them for the command's duration."""

import os
import sys

WITHOUT_SERVICES = {"help", "version", "--help", "-h", "--version", "check", "collectstatic", "spectacular"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fraudguard.settings")
    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_SERVICES:
        from fraudguard.embedded import ensure

        ensure()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

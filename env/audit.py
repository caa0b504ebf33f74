"""What `make audit` does: asks for published weaknesses of every pinned package.

Exit 0: none known. Exit 1: some are, each is named. Exit 2: the advisories could not be asked, so nothing
is known; `.ci/run` says so and goes on, because a build without a network is no reason to fail.
"""

import json
import subprocess
import sys


def main(pins: list[str]) -> int:
    asked = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--format", "json"]
        + [part for name in pins for part in ("-r", name)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"The advisories could not be asked: {asked.stderr.strip()[-400:] or 'no answer'}")
        return 2
    weak = [(package, advisory) for package in packages for advisory in package.get("vulns", ())]
    for package, advisory in weak:
        fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {advisory['id']}, mended in {fixed}")
    if weak:
        return 1
    unknown = [package["name"] for package in packages if package.get("skip_reason")]
    if len(unknown) == len(packages):
        print(f"The advisories know none of {len(packages)} packages: they could not be asked from here.")
        return 2
    print(f"{len(packages) - len(unknown)} packages without a known weakness" + _but(unknown))
    return 0


def _but(unknown: list[str]) -> str:
    return f"; not known there: {', '.join(unknown)}" if unknown else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["requirements.txt"]))

#!/bin/sh
# Makes the virtual environment, or says in one line what this machine lacks. usage: machine.sh PYTHON VENV
python=$1 venv=$2
fail() { echo "$1" >&2; exit 1; }

command -v "$python" >/dev/null 2>&1 || fail "Python is missing ($python). Install Python 3.11 or newer, or name one: make run PYTHON=python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$("$python" --version) is too old; 3.11 or newer is needed. Name one: make run PYTHON=python3.12"
[ -w . ] || fail "No permission to write $(pwd). Start as the owner of this directory or move the project."
[ -x "$venv/bin/python" ] && exit 0
free=$(df -Pk . | awk 'NR == 2 { print $4 }')
[ "$free" -ge 2500000 ] || fail "Too little disk: $((free / 1024)) MB free at $(pwd), 2500 MB are needed for packages and data."
"$python" -m venv "$venv" >/dev/null 2>&1 && exit 0
rm -rf "$venv"
fail "The virtual environment cannot be made: $python lacks venv. Install it: apt-get install python3-venv (Debian, Ubuntu)"

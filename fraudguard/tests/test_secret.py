"""The local profile's own secret: made once, whoever asks first, and readable by its owner only."""

import os
import stat
import subprocess
import sys

import pytest

from fraudguard.environment import BASE_DIR
from fraudguard.secret import local_secret


def test_it_is_made_once_with_its_directory_and_kept(tmp_path):
    path = tmp_path / "var" / "secret_key"
    made = local_secret(path)

    assert len(made) >= 50 and local_secret(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["secret_key"]


def test_two_installations_have_two(tmp_path):
    assert local_secret(tmp_path / "a") != local_secret(tmp_path / "b")


def test_an_empty_file_is_written_anew(tmp_path):
    path = tmp_path / "secret_key"
    path.write_text("\n")

    assert local_secret(path) == path.read_text()


def test_processes_that_start_at_once_have_the_same(tmp_path):
    code = "import sys; from pathlib import Path; from fraudguard.secret import local_secret\n"
    code += "sys.stdin.read(); print(local_secret(Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path / "var" / "secret_key")]
    running = [
        subprocess.Popen(command, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    for each in running:
        each.stdin.close()
    said = {each.stdout.read() for each in running}

    assert len(said) == 1 and [each.wait() for each in running] == [0] * 8


def test_a_place_that_cannot_be_used_is_told(tmp_path):
    (tmp_path / "var").write_text("a file where a directory is wanted")

    with pytest.raises(OSError):
        local_secret(tmp_path / "var" / "secret_key")

"""The shell that hastack puts before the user data, as shellcheck sees it; what it does is tested where it is written."""

import pathlib
import subprocess
import sys

SHELL = pathlib.Path(__file__).parents[2] / "crates/core/src/desire/service/user_data"
PARTS = ["common", "environment", "secrets", "mounts"]


def test_the_setup_script_is_plain_shell():
    script = "".join((SHELL / f"{part}.sh").read_text() for part in PARTS)
    shellcheck = pathlib.Path(sys.executable).with_name("shellcheck")
    checked = subprocess.run(
        [shellcheck, "--shell=sh", "-"], input=script, capture_output=True, text=True, check=False
    )
    assert checked.stdout + checked.stderr == ""


def test_every_part_of_the_setup_script_is_looked_at():
    assert sorted(path.stem for path in SHELL.glob("*.sh")) == sorted(PARTS)

"""Kernels as they are installed; none is started."""

import json
import sys

import pytest

from carnet.sources.kernels import find_kernel


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a kernel that starts with `argv`."""

    def write(name, *argv, **about):
        # Kernels are looked up once in a process: each installation has a folder of its own.
        folder = tmp_path / str(len(list(tmp_path.iterdir()))) / "kernels" / name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps({"argv": argv, **about}))
        monkeypatch.setenv("JUPYTER_PATH", str(folder.parents[1]))
        return find_kernel(name)

    return write


def test_the_kernel_of_this_python():
    kernel = find_kernel("python3")
    assert (kernel.name, kernel.python) == ("python3", "")


def test_a_kernel_counts_by_its_command_and_its_variables(install):
    plain = install("un", "python", "-m", "ipykernel_launcher")
    assert plain.python == ""
    assert install("un", sys.executable, "-m", "ipykernel_launcher") == plain
    assert install("un", "python", "-m", "ipykernel_launcher", env={"A": "1"}) != plain
    assert install("deux", "python", "-m", "ipykernel_launcher") != plain
    assert install("un", "python", "-O", "-m", "ipykernel_launcher") != plain


def test_a_kernel_of_another_environment_has_its_own_python(install, tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho '[\"CPython 9.9\", []]'\n")
    python.chmod(0o755)
    kernel = install("un", str(python), "-m", "ipykernel_launcher")
    assert (kernel.python, kernel.version) == (str(python), "CPython 9.9")
    assert kernel.environment.versions == {}


def test_a_kernel_that_is_not_installed_is_one_line():
    with pytest.raises(
        ValueError, match=r"^no kernel 'pyton3' is installed: did you mean 'python3"
    ):
        find_kernel("pyton3")


@pytest.mark.parametrize("command", ["false", "/absent/python", "ls"])
def test_a_kernel_that_does_not_begin_with_a_python_is_one_line(install, command):
    with pytest.raises(ValueError, match=rf"^kernel 'un': .* begins with `{command}`, expected"):
        install("un", command)


def test_what_is_no_kernel_is_one_line(install):
    with pytest.raises(ValueError, match=r"^kernel 'un': .*: not a kernel "):
        install("un")

"""What a full disk, a read-only folder, a kill, a second build or a damaged file may not break."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from carnet.project.errors import InputError
from carnet.publication import transaction as publishing
from carnet.publication.documents import steady
from tests.carnet.conftest import code, flip, markdown, parameters, write_notebook

pytestmark = pytest.mark.slow
FLIPS = 5


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB, which only an administrator can mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Leave no space on a disk; return the file that takes it."""
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        return filler


def remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def documents(output: Path) -> dict[str, bytes]:
    """What is published, by path."""
    names = ("journal/JOURNAL.md", "journal/site", "images")
    files = [p for name in names for p in (output / name, *(output / name).rglob("*"))]
    return {str(p.relative_to(output)): steady(p.read_bytes()) for p in files if p.is_file()}


def one_line(done: subprocess.CompletedProcess, *words: str) -> None:
    """The last line says what went wrong, and there is no traceback."""
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr.splitlines()[-1] for word in words), done.stderr


def test_a_full_disk_under_the_output_keeps_the_last_good_journal(built, small_disk):
    out = small_disk / "out"
    built.build("--output", str(out))
    before = documents(out)
    filler = fill(small_disk)
    built.edit("journal/jour-1.md", "Le double vaut", "Deux fois plus donne" + " long" * 2000)
    one_line(built.build("--output", str(out), check=False), str(out), "No space left on device")
    assert documents(out) == before
    filler.unlink()
    built.build("--output", str(out))
    assert "Deux fois plus" in (out / "journal" / "JOURNAL.md").read_text()
    assert not (out / publishing.STAGING).exists()


def test_a_full_disk_under_the_store_loses_nothing(built, small_disk):
    before = documents(built.root)
    (built.root / "runs").rename(built.root / "aside")
    filler = fill(small_disk)
    (built.root / "runs").symlink_to(small_disk)
    done = built.build(check=False)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert documents(built.root) == before
    filler.unlink()
    assert built.executed() == {"01_mesure", "02_double"}
    assert documents(built.root) == before


def test_a_disk_that_a_notebook_fills(built, small_disk):
    (built.root / "runs").rename(built.root / "aside")
    (built.root / "runs").symlink_to(small_disk)
    built.edit(
        "notebooks/02_double.ipynb", "record(double", "record(x=list(range(500_000)), double"
    )
    done = built.build(check=False)
    assert done.returncode == 1
    assert "01_mesure  done in" in done.stderr
    assert "02_double.ipynb, cell 3 « Double »: OSError: [Errno 28] No space left" in done.stderr
    assert "Traceback" not in done.stderr
    built.edit("notebooks/02_double.ipynb", "x=list(range(500_000)), ", "")
    assert built.executed() == {"02_double"}


def test_a_read_only_output(built, small_disk):
    remount(small_disk, "ro")
    out = small_disk / "out"
    one_line(built.build("--output", str(out), check=False), str(out), "Read-only file system")


def test_a_read_only_store(built, small_disk):
    (built.root / "runs").rename(built.root / "aside")
    (built.root / "runs").symlink_to(small_disk)
    remount(small_disk, "ro")
    one_line(built.build(check=False), "Read-only file system")
    assert "01_mesure  never run" in built.build("--explain").stdout


def test_an_output_that_is_a_file(built, tmp_path):
    (tmp_path / "file").write_text("")
    one_line(built.build("--output", str(tmp_path / "file" / "x"), check=False), "Not a directory")


KILLED = """
import os, signal, sys
from pathlib import Path
from carnet.publication import transaction as publishing

moved, replace = [], Path.replace

def replace_then_die(self, target):
    replace(self, target)
    if "new" in self.parts and "new" not in target.parts:
        moved.append(target)
        if len(moved) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

Path.replace = replace_then_die
new = {"a": b"new", "c": b"new", "d": b"new"}
publishing.publish(new, Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_publication_killed_half_way_is_undone(tmp_path):
    out, store = tmp_path / "out", tmp_path / "runs"
    publishing.publish({"a": b"old", "b": b"old", "d": b"old"}, out, store)
    command = [sys.executable, "-c", KILLED, str(out), str(store)]
    root = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=root).returncode == -signal.SIGKILL
    contents = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    assert contents == {"a": b"new", "b": b"old", "c": b"new", "d": b"old"}  # half-way indeed
    publishing.recover(out)
    contents = {p.name: p.read_bytes() for p in out.iterdir()}
    assert contents == {"a": b"old", "b": b"old", "d": b"old"}
    publishing.recover(out)


def test_a_publication_that_fails_half_way_is_undone(tmp_path, monkeypatch):
    out, store = tmp_path / "out", tmp_path / "runs"
    publishing.publish({"a": b"old", "b": b"old"}, out, store)
    replace = Path.replace

    def fail_on_b(self, target):
        if self.name == "b" and "new" in self.parts:
            raise OSError(30, "Read-only file system", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_on_b)
    with pytest.raises(InputError, match="Read-only file system"):
        publishing.publish({"a": b"new", "b": b"new", "c": b"new"}, out, store)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {"a": b"old", "b": b"old"}


WAIT = "import pathlib, time\nwhile not pathlib.Path('../go').exists():\n    time.sleep(0.05)\n"


def waiting_notebook(root: Path, name: str, source: str = "") -> None:
    """Write a notebook that waits for the file `go`."""
    record = "from carnet import record\nrecord(fait=1)"
    said = f"import os, pathlib\npathlib.Path('../{name}.pid').write_text(str(os.getpid()))\n"
    cells = [markdown("t", f"# {name}"), parameters("x = 1"), code("c", said + WAIT + record)]
    write_notebook(root / "notebooks" / f"{name}.ipynb", cells)


def wait_for(path: Path, process: subprocess.Popen) -> str:
    """Wait until a file holds something."""
    while not (path.exists() and path.read_text()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return path.read_text()


def test_a_second_build_waits_for_the_first_and_says_so(built):
    waiting_notebook(built.root, "03_attente")
    first = built.start()
    wait_for(built.root / "03_attente.pid", first)
    second = built.start()
    assert "another build is running: waiting" in second.stderr.readline()
    (built.root / "go").write_text("")
    assert "03_attente  done in" in first.communicate()[1]
    told = second.communicate()[1]
    assert (first.returncode, second.returncode) == (0, 0)
    assert told.count("up to date") == 3
    assert "0 documents changed" in told


def test_a_killed_kernel_is_one_line_and_the_others_go_on(built):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = 3")  # so that 02_double runs
    waiting_notebook(built.root, "00_attente")
    process = built.start()
    os.kill(int(wait_for(built.root / "00_attente.pid", process)), signal.SIGKILL)
    told = process.communicate()[1]
    assert process.returncode == 1
    assert "notebooks/00_attente.ipynb, cell 3 « 00_attente »: its kernel died" in told
    assert "02_double  done in" in told
    assert "Traceback" not in told


def test_a_kernel_that_does_not_start_is_one_line_and_the_others_go_on(built, monkeypatch):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = 3")  # so that 02_double runs
    kernels = built.root / "jupyter"
    (kernels / "kernels" / "dead").mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-c", "raise SystemExit(1)"],
        "display_name": "Dead",
        "language": "python",
    }
    (kernels / "kernels" / "dead" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(kernels))
    waiting_notebook(built.root, "00_attente")
    built.edit("notebooks/00_attente.ipynb", '"name": "python3"', '"name": "dead"')
    done = built.build(check=False)
    assert done.returncode == 1
    assert "notebooks/00_attente.ipynb: its kernel did not start: Kernel died" in done.stderr
    assert "02_double  done in" in done.stderr
    assert "Traceback" not in done.stderr


def test_independent_notebooks_run_at_the_same_time_and_give_the_same_bytes(built, tmp_path):
    waiting_notebook(built.root, "03_attente")
    waiting_notebook(built.root, "04_attente_aussi")
    process = built.start("--jobs", "2")
    for name in ("03_attente", "04_attente_aussi"):  # both wait for `go`: neither has ended
        wait_for(built.root / f"{name}.pid", process)
    (built.root / "go").write_text("")
    told = process.communicate()[1]
    assert process.returncode == 0
    for name in ("03_attente", "04_attente_aussi"):
        assert f"{name}  running" in told
        assert f"{name}  done in" in told
    parallel = documents(built.root)
    built.build("--force", "--jobs", "1", "--output", str(tmp_path / "out"))
    assert documents(tmp_path / "out") == parallel


def test_damaged_files_of_the_store_count_as_absent(built):
    before = documents(built.root)
    for path in (built.root / "runs").rglob("*.json"):
        path.write_text("{")
    assert built.executed() == {"01_mesure", "02_double"}
    assert documents(built.root) == before


def test_a_run_whose_file_was_cut_is_made_again(built):
    (results,) = (built.root / "runs/notebooks/mesure").glob("*/results.json")
    results.write_text("{}")
    assert built.executed() == {"01_mesure"}


def test_a_run_that_lost_a_file_is_made_again(built):
    (executed,) = (built.root / "runs/notebooks/double").glob("*/notebook.ipynb")
    executed.unlink()
    assert built.executed() == {"02_double"}


def test_bits_that_flip_in_the_store_change_nothing_or_are_told(built):
    """A few, in a row; benchmarks/flips.py flips more, in trainings too."""
    before, draw = documents(built.root), random.Random(0)
    for _ in range(FLIPS):
        place = flip(built.root / "runs", draw)
        told = built.build().stderr
        assert documents(built.root) == before or "damaged in the store" in told, place


def test_a_bit_that_flips_in_results_is_told_and_the_notebook_runs_again(built):
    before = documents(built.root)
    (run,) = (built.root / "runs/notebooks/mesure").iterdir()
    flip(run, random.Random(1))
    done = built.build("--check", check=False)
    assert (done.returncode, "damaged in the store: " in done.stdout) == (1, True)
    done = built.build()
    assert "01_mesure  damaged in the store: " in done.stderr
    assert documents(built.root) == before


KEEPING = """from carnet import kept, record
with kept("essais", {}, of=[]) as work:
    if not work.finished:
        work.finish(x=1)
record(x=work.result["x"])"""


def test_kept_work_that_is_damaged_is_told_with_its_notebook(built):
    write_notebook(
        built.root / "notebooks/03_garde.ipynb", [markdown("t", "# Garde"), code("c", KEEPING)]
    )
    built.build()
    before = documents(built.root)
    (mark,) = (built.root / "runs/essais").glob("*/finished.json")
    mark.write_text(mark.read_text().replace("1", "2"))
    done = built.build("--only", "garde", "--force")
    assert f"03_garde  damaged in the store: essais/{mark.parent.name}" in done.stderr
    assert documents(built.root) == before

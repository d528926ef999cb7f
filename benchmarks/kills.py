"""Kill a build at random moments, build again, and compare with a build left in peace.

    python benchmarks/kills.py --times 20

A small journal trains a network and searches hyperparameters. Each time, in an empty store, the
build starts, SIGKILL ends it at a random moment (the build, its kernel, or both), and the same
command is given again. The published documents must have the same bytes as those of a build that
nobody killed, and of the epochs at most the one under way may have been trained twice: a
`sitecustomize` in the kernels counts the checkpoints that they put in place.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from carnet.publication.documents import steady
from lib.data.synthetic import generate

ROOT = Path(__file__).resolve().parents[1]

COUNTER = """
import os, sys

def count(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("checkpoint.pt"):
        log = os.open(os.environ["EPOCHS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(log, b"epoch\\n")
        os.close(log)

sys.addaudithook(count)
"""

TRAINING_EPOCHS = 3
SETTINGS = "image_size=32, batch_size=8, learning_rate=0.001"
TRAINING_AND_SEARCH = f"""
from matplotlib import pyplot as plt

from lib.data.cars import load_cars
from carnet import figure, record
from lib.search.search import search
from lib.search.space import SearchSpace
from lib.training.training import TrainingConfig, train

cars = load_cars(data)
training = train(cars, TrainingConfig(epochs={TRAINING_EPOCHS}, {SETTINGS}))
losses = training.history.validation_loss.tolist()
fig, ax = plt.subplots()
ax.plot(losses)
figure(fig, "pertes", caption="Perte de validation", alt="Courbe de la perte par époque.")

space = SearchSpace(image_size=[32], batch_size=[8, 16])
base = TrainingConfig(epochs=2, {SETTINGS})
found = search(cars, space, base, n_trials=3, parallel_trials=1)
record(losses=losses, digest=training.reference)
record(curves=[list(curve) for curve in found.trials.curve], best=found.best["accuracy"])
"""
PAGE = """---
title: Jour 1
---
{eval}`entrainement.losses` puis {eval}`entrainement.curves`

```{embed} entrainement
```
"""


@dataclass(frozen=True)
class Kill:
    """What one kill did."""

    moment: float
    target: str
    killed: bool
    repeated: int
    equal: bool


@dataclass(frozen=True)
class SmallJournal:
    """A project of its own with a store of its own."""

    root: Path

    @classmethod
    def make(cls, root: Path, data: Path) -> "SmallJournal":
        for folder in ("carnet", "lib"):
            shutil.copytree(ROOT / folder, root / folder)
        shutil.copy(ROOT / "build_journal.py", root)
        for folder in ("notebooks", "journal/profils", "counter"):
            (root / folder).mkdir(parents=True)
        (root / "counter" / "sitecustomize.py").write_text(COUNTER)
        (root / "journal.yml").write_text("profile: synthetique\n")
        (root / "journal" / "profils" / "synthetique.yml").write_text(f"data: {data}\n")
        (root / "journal" / "jour-1.md").write_text(PAGE)
        write_notebook(root / "notebooks" / "01_entrainement.ipynb", TRAINING_AND_SEARCH)
        return cls(root)

    @property
    def log(self) -> Path:
        return self.root / "epochs.log"

    def start(self, *arguments: str) -> subprocess.Popen:
        environment = os.environ | {
            "PYTHONPATH": str(self.root / "counter"),
            "EPOCHS_LOG": str(self.log),
        }
        command = [sys.executable, "build_journal.py", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.root, env=environment, stderr=pipe, text=True)

    def build(self) -> None:
        process = self.start()
        _, told = process.communicate()
        if process.returncode:
            sys.exit(f"a build failed:\n{told}")

    def epochs(self) -> int:
        return len(self.log.read_text().splitlines()) if self.log.exists() else 0

    def documents(self) -> dict[str, bytes]:
        """Every published document: the pages, and the images they show."""
        places = (self.root / "journal", self.root / "images")
        files = [path for place in places for path in place.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.root)): steady(path.read_bytes()) for path in files}

    def forget(self) -> None:
        """Go back to before the first build."""
        shutil.rmtree(self.root / "runs")
        for place in ("journal/site", "images"):
            shutil.rmtree(self.root / place, ignore_errors=True)
        (self.root / "journal" / "JOURNAL.md").unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)


def write_notebook(path: Path, code: str) -> None:
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell(f"# {path.stem}"),
        v4.new_code_cell('data = "x"', metadata={"tags": ["parameters"]}),
        v4.new_code_cell(code.strip()),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def kill(journal: SmallJournal, moment: float, target: str) -> bool:
    """Start a build and kill it after `moment` seconds; False if it had ended."""
    process = journal.start()
    try:
        process.wait(moment)
        return False
    except subprocess.TimeoutExpired:
        strike(process, target)
        return True


def strike(process: subprocess.Popen, target: str) -> None:
    """Kill a build that runs, its kernels, or both, and wait until the build has ended."""
    kernels = psutil.Process(process.pid).children(recursive=True)
    for victim in {"build": [], "kernel": kernels, "both": kernels}[target]:
        victim.send_signal(signal.SIGKILL)
    if target != "kernel":
        process.kill()
    process.communicate()


def try_one(journal: SmallJournal, moment: float, target: str, wanted: tuple[dict, int]) -> Kill:
    """Kill a build, build again, and compare with the (documents, epochs) `wanted`."""
    journal.forget()
    killed = kill(journal, moment, target)
    journal.build()
    documents, epochs = wanted
    return Kill(moment, target, killed, journal.epochs() - epochs, journal.documents() == documents)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20, help="how many kills")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kills = measure(Path(folder), arguments.times, random.Random(arguments.seed))
    print(conclusion(kills))
    sys.exit(0 if are_good(kills) else 1)


def conclusion(kills: list[Kill]) -> str:
    """Tell what all the kills did."""
    killed, equal = (sum(getattr(kill, what) for kill in kills) for what in ("killed", "equal"))
    most = max(kill.repeated for kill in kills)
    return (
        f"really killed {killed} of {len(kills)}; bytes equal {equal} of {len(kills)}; "
        f"epochs repeated: {most} at most"
    )


def are_good(kills: list[Kill]) -> bool:
    """Whether most builds were really killed, and all ended as if none had been."""
    killed = sum(kill.killed for kill in kills)
    return 2 * killed > len(kills) and all(kill.equal and kill.repeated <= 1 for kill in kills)


def measure(folder: Path, times: int, draw: random.Random) -> list[Kill]:
    generate(folder / "cars", classes=3, train_per_class=8, test_per_class=4)
    journal = SmallJournal.make(folder / "project", folder / "cars")
    begun = time.monotonic()
    journal.build()
    seconds = time.monotonic() - begun
    wanted = journal.documents(), journal.epochs()
    if not any(name.startswith("images/") for name in wanted[0]):
        sys.exit("the small journal makes no image to compare")
    print(f"left in peace: {seconds:.1f} s, {wanted[1]} epochs")
    kills = []
    # A build that ended before its moment came was not killed: another moment is drawn.
    while sum(kill.killed for kill in kills) < times and len(kills) < 2 * times:
        kills.append(try_one(journal, draw.uniform(0.3, seconds), draw.choice(TARGETS), wanted))
        print(tell(kills[-1]), flush=True)
    return kills


TARGETS = ("build", "kernel", "both")


def tell(kill: Kill) -> str:
    what = f"{kill.target} killed" if kill.killed else "ended before it was killed"
    bytes_told = "same bytes" if kill.equal else "OTHER BYTES"
    return f"{kill.moment:5.1f} s  {what:26}  {bytes_told}, {kill.repeated} epochs trained twice"


if __name__ == "__main__":
    main()

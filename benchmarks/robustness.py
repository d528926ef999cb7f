"""Do the scores and the verdicts survive another CPU, another number of threads, another seed?

    python benchmarks robustness

Trains v1, v2 and the final model again, in a process of its own for each way: with the
vector instructions capped by environment variables, with other threads, with other seeds. The
sentences are those of the notebooks, and those that compare two models on the same test images.
"""

import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from table import CannotRun, Row

from lib.data.synthetic import SYNTHETIC, generate
from lib.report.measures import paired_verdict
from lib.training.evaluation import compare_answers
from lib.training.training import TrainingConfig

POINTS = 2.0  # of accuracy: the largest standard deviation from rounding
THREADS = (1, 2)
CAPS = (
    {"ATEN_CPU_CAPABILITY": "default"},
    {"ATEN_CPU_CAPABILITY": "avx2"},
    {"ONEDNN_MAX_CPU_ISA": "SSE41"},
    {"ONEDNN_MAX_CPU_ISA": "AVX2"},
)
SEEDS = (1, 2)  # beside 0, with which the roundings are taken
TINY = {"classes": 3, "train_per_class": 12, "test_per_class": 4}  # for --quick
MODELS = {
    "v1": TrainingConfig(threads=1),
    "v2": TrainingConfig(
        batch_size=32,
        scheduler="ReduceLROnPlateau",
        augmentation=("HorizontalFlip", "RandomRotation"),
        threads=1,
    ),
    "final": TrainingConfig(  # as the search on the drawn data chose it
        batch_size=16,
        scheduler="StepLR",
        class_weights="balanced",
        normalisation="z-score",
        augmentation=("RandomRotation",),
        loss="FocalLoss",
        threads=1,
    ),
}
ROOT = Path(__file__).parents[1]
TRAIN = """
import json, sys
from lib.data.cars import load_cars
from lib.report.measures import calibration_verdict, make_verdict
from lib.report.scorecard import assess
from lib.training.calibration import calibrate
from lib.training.makes import make_errors
from lib.training.training import TrainingConfig, train

def found(config):
    cars = load_cars(sys.argv[1], validation=0.15, seed=config.seed)
    card = assess(train(cars, config), cars)
    said, validation = card.diagnosis, card.validation
    verdicts = [said.verdict, said.convergence, said.learning, said.images]
    verdicts.append(calibration_verdict(calibrate(validation, config.seed)))
    verdicts.append(make_verdict(make_errors(validation, cars.classes)))
    return {"accuracy": card.test.accuracy, "answers": card.test.answers(), "verdicts": verdicts}

configs = [TrainingConfig(**config) for config in json.loads(sys.argv[2])]
print(json.dumps(list(map(found, configs))))
"""
Found = dict  # accuracy on the test, answers there, verdicts: sentences of the notebooks


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield the deviations of each model's accuracy, and whether its verdicts stay."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        if data == SYNTHETIC:
            data = folder
            generate(Path(data), **(TINY if quick else {}))
        yield from _compare(data, quick)


def _compare(data: str, quick: bool) -> Iterator[Row]:
    models = MODELS
    caps, threads, seeds = CAPS, THREADS, SEEDS
    if quick:
        models = {name: replace(MODELS[name], image_size=32, epochs=1) for name in ("v1", "v2")}
        caps, threads, seeds = CAPS[:1], THREADS[:1], ()
    rounded = {f"{n} threads": ({"threads": n}, {}) for n in threads}
    rounded |= {" ".join(map("=".join, cap.items())): ({}, cap) for cap in caps}
    sown = {f"seed {seed}": ({"seed": seed}, {}) for seed in seeds}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        train = partial(_train, data, list(models.values()))
        done = list(pool.map(train, [*rounded.values(), *sown.values()]))
    found = {}
    for name, ways in zip(models, zip(*done)):
        under = dict(zip(rounded, ways))
        others = {"seed 0": ways[0], **dict(zip(sown, ways[len(rounded) :]))}
        found[name] = under
        yield from _rows(name, under, others)
    for first, second in itertools.combinations(reversed(found), 2):
        verdicts = {
            how: [paired_verdict(compare_answers(one["answers"], other["answers"]), first, second)]
            for (how, one), other in zip(found[first].items(), found[second].values())
        }
        yield _told_alike(f"{first} against {second}", verdicts)


def _rows(name: str, rounded: dict[str, Found], sown: dict[str, Found]) -> Iterator[Row]:
    seeds = _deviation(sown)
    yield Row(
        f"robustness, {name}: points of test accuracy from rounding alone",
        _deviation(rounded),
        at_most=POINTS,
        read=f"Standard deviation over {len(rounded)} roundings; over {len(sown)} seeds of data, "
        f"weights and draws it is {seeds:.2g}.",
        raw="; ".join(f"{how}: {it['accuracy']:.1%}" for how, it in (rounded | sown).items()),
    )
    yield _told_alike(name, {how: it["verdicts"] for how, it in rounded.items()})


def _told_alike(name: str, verdicts: dict[str, list[str]]) -> Row:
    """Count the different verdicts under the roundings, the numbers in their sentences apart."""
    kinds = {}
    for how, sentences in verdicts.items():
        said = re.sub(r"[−<=]?\s?[0-9][0-9,]*(\spoints?)?", "#", " ".join(sentences))
        kinds.setdefault(said, []).append(how)
    return Row(
        f"robustness, {name}: different verdicts under the roundings",
        len(kinds),
        at_most=1,
        read="1 where all say the same sentences, numbers apart.",
        raw="\n".join(f"{', '.join(hows)}: {said}" for said, hows in kinds.items()),
    )


def _deviation(found: dict[str, Found]) -> float:
    accuracies = [100 * it["accuracy"] for it in found.values()]
    return statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0


def _train(data: str, models: list[TrainingConfig], way: tuple[dict, dict]) -> list[Found]:
    """Train and assess models in a process of their own, whose store nothing else uses.

    Args:
        way: what it changes of each configuration, and of the environment.

    Raises:
        CannotRun: the process failed; the message is its last line.
    """
    changes, environment = way
    configs = [asdict(replace(config, **changes)) for config in models]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as store:
        done = subprocess.run(
            [sys.executable, "-c", TRAIN, data, json.dumps(configs)],
            cwd=ROOT,
            env=os.environ | environment | {"JOURNAL_STORE": store, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise CannotRun(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])

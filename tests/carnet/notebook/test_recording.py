import itertools
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from tqdm import tqdm

from carnet import InputError, figure, progress, record, results, table
from carnet.notebook import recording
from carnet.project.files import read_json


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_RUN", str(tmp_path))
    monkeypatch.setattr(recording, "_values", {})
    monkeypatch.setattr(recording, "_names", set())
    return tmp_path


def draw(color="red"):
    fig, axes = pyplot.subplots()
    axes.plot([0, 1], color=color)
    return fig


def test_values_are_recorded_as_json(run):
    record(a=np.float32(0.5), b=np.arange(3), c=[True, None, "é"])
    record(d={"x": np.int64(2)})
    expected = {"a": 0.5, "b": [0, 1, 2], "c": [True, None, "é"], "d": {"x": 2}}
    assert read_json(run / "results.json") == expected


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_json_cannot_hold_is_named(run, value):
    with pytest.raises(InputError, match="result 'score' is not a JSON value"):
        record(score=value)


def test_a_name_is_recorded_once(run):
    record(a=1)
    with pytest.raises(InputError, match="'a' is recorded twice"):
        record(a=2)


def test_a_figure_is_kept_with_the_same_bytes_each_time(run):
    figure(draw(), "courbe", caption="Une courbe", alt="Une droite")
    figure(draw(), "courbe_bis", caption="Une courbe", alt="Une droite")
    for kind in ("png", "svg"):
        first, second = (run / "images" / f"{name}.{kind}" for name in ("courbe", "courbe_bis"))
        assert first.read_bytes() == second.read_bytes()
    assert b"<dc:date>" not in first.read_bytes()
    assert pyplot.get_fignums() == []


def test_what_a_figure_says_is_typeset(run):
    fig = draw()
    fig.axes[0].set_title("L'essai : fin")
    figure(fig, "courbe", caption="", alt="")
    assert fig.axes[0].get_title() == "L’essai : fin"


def test_a_figure_name_is_unique_and_sound(run):
    figure(draw(), "courbe", caption="", alt="")
    with pytest.raises(InputError, match="'courbe' is recorded twice"):
        figure(draw(), "courbe", caption="", alt="")
    with pytest.raises(InputError, match="'ma courbe' is not a name"):
        figure(draw(), "ma courbe", caption="", alt="")
    pyplot.close("all")


def test_a_table_is_kept_as_a_picture(run):
    table(pd.DataFrame({"Nom": ["a"], "Part": [0.5]}), "t", caption="T", percent=["Part"])
    assert (run / "images" / "t.png").read_bytes().startswith(b"\x89PNG")


def test_results_of_a_need_are_read_by_attribute(tmp_path, monkeypatch):
    (tmp_path / "results.json").write_text('{"accuracy": 0.5}')
    monkeypatch.setenv("JOURNAL_NEEDS", json.dumps({"modele": str(tmp_path)}))
    assert results("modele").accuracy == 0.5
    with pytest.raises(InputError, match="records no result 'acuracy': did you mean 'accuracy'"):
        _ = results("modele").acuracy
    with pytest.raises(InputError, match="results of 'autre' are not available: declare it"):
        results("autre")


@pytest.fixture
def report(tmp_path, monkeypatch):
    """Where a build reads the progress; each report is late enough for the next."""
    monkeypatch.setenv("JOURNAL_PROGRESS", str(tmp_path / "progress.json"))
    seconds = itertools.count()
    monkeypatch.setattr("carnet.notebook.recording.time.monotonic", lambda: next(seconds))
    return tmp_path / "progress.json"


def test_progress_is_reported_to_the_build(report):
    """What is done when an item comes; at the end nothing is under way."""
    seen = [read_json(report) for _ in progress("abc", "essai")]
    assert seen == [{"label": "essai", "done": done, "total": 3} for done in (0, 1, 2)]
    assert not report.exists()


def test_results_that_are_waited_for_count_as_soon_as_they_are_there(report):
    seen = []

    def ended():
        for result in "ab":
            seen.append(read_json(report)["done"])
            yield result

    assert list(progress(ended(), "essai", total=2)) == ["a", "b"]
    assert seen == [0, 1]


def test_a_label_may_be_a_function_of_what_is_done(report):
    done, seen = [], []
    for item in progress([1, 2], lambda: f"essai · {len(done)}"):
        seen.append(read_json(report)["label"])
        done.append(item)
    assert seen == ["essai · 0", "essai · 1"]


def test_progress_is_silent_in_a_log(capfd, monkeypatch):
    monkeypatch.delenv("JOURNAL_PROGRESS", raising=False)
    monkeypatch.delitem(__import__("sys").modules, "ipykernel", raising=False)
    monkeypatch.setattr("tqdm.auto.tqdm", tqdm)  # as it is outside a kernel, which others may fake
    assert list(progress(range(3), "essai")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")


def photograph():
    fig, axes = pyplot.subplots()
    axes.imshow(np.zeros((4, 4, 3)))
    return fig


def test_photographs_are_kept_sharp(run):
    figure(photograph(), "a", caption="A", alt="A")
    kept = {path.suffix: pyplot.imread(path).shape[1] for path in (run / "images").iterdir()}
    assert kept == {".png": 960, ".webp": 1228}


def test_the_choices_of_a_figure_are_drawings_or_photographs(run):
    others = [((0,), draw("blue"), "Une ligne."), ((1,), photograph(), "Une image.")]
    figure(draw(), "a", caption="A", alt="A", menus={"M": ["x", "y"]}, others=others)
    kept = {path.name: path.read_bytes() for path in (run / "choices" / "a").iterdir()}
    assert kept.keys() == {"0.svg", "1.webp"}
    assert kept["0.svg"].startswith(b"<?xml")
    assert (kept["1.webp"][:4], kept["1.webp"][8:12]) == (b"RIFF", b"WEBP")

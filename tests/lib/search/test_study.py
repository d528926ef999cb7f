"""A study shared by several processes: who draws, who runs which trial, what a kill leaves."""

import optuna
import pytest

from lib.search.study import FileLocks, JournalLock, run_trials
from tests.fake_search import SPACE, plan_fake


def test_a_lock_is_held_by_one(tmp_path):
    one, other = FileLocks(tmp_path), FileLocks(tmp_path)
    with one.hold("study/trial-1", wait=False) as held:
        assert held
        with other.hold("study/trial-1", wait=False) as again, other.hold("x", wait=True) as free:
            assert (again, free) == (False, True)
    with other.hold("study/trial-1", wait=False) as held:
        assert held


def test_a_trial_that_runs_is_not_taken(tmp_path):
    """While trial 1 runs, who else comes runs trial 2, and then has nothing to do."""
    found = []

    def come(trial, epoch):
        if trial.number == 0 and epoch == 1:
            found.extend(other.open().run_next() for _ in range(2))

    other = plan_fake(tmp_path / "study", 2)
    study = run_trials(plan_fake(tmp_path / "study", 2, on_epoch=come))
    assert found == [True, False]
    assert [trial.number for trial in study.trials] == [0, 1]
    assert study.trials[0].params != study.trials[1].params


def test_the_trial_of_a_process_that_died_is_taken_first(tmp_path):
    study = run_trials(plan_fake(tmp_path / "study", 2))
    study.ask()
    run_trials(plan_fake(tmp_path / "study", 3))
    assert [trial.state.is_finished() for trial in study.trials] == [True] * 3


def test_half_drawn_parameters_stay_and_give_no_configuration_twice(tmp_path):
    """What a killed process had drawn holds, though others have changed what would be drawn."""
    study = run_trials(plan_fake(tmp_path / "study", 7))
    half = study.ask()
    drawn = half.suggest_categorical("image_size", SPACE.image_size)
    others = plan_fake(tmp_path / "study", 8, seed=1)
    run_trials(others)
    trials = study.get_trials()
    assert trials[7].params["image_size"] == drawn
    assert len({str(sorted(trial.params.items())) for trial in trials}) == 8


def test_a_line_left_half_written_is_dropped_by_who_writes_next(tmp_path):
    """A process that has the file open goes on after another died while it wrote."""
    plan = plan_fake(tmp_path / "study", 3)
    shared = plan.open()
    shared.run_next()
    with (tmp_path / "study" / "study.log").open("ab") as file:
        file.write(b'{"op_code": 4, "half')
    assert shared.run_next()
    assert len(plan.open().study.trials) == 2
    lock = JournalLock(tmp_path / "study" / "study.log")
    assert lock.acquire()
    lock.release()


def test_the_password_is_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORAGE", "postgresql://u:s3cret@h/db")
    pytest.importorskip("psycopg")
    plan = plan_fake(tmp_path / "study", 3)
    assert plan.url == "postgresql+psycopg://u:s3cret@h/db"
    assert "s3cret" not in repr(plan) + repr(plan.run_next)


def test_a_trial_that_fails_is_left_under_way(tmp_path):
    def fail(trial, epoch):
        raise ValueError("out of cars")

    plan = plan_fake(tmp_path / "study", 2, on_epoch=fail)
    with pytest.raises(ValueError, match="out of cars"):
        run_trials(plan)
    (trial,) = plan.open().study.trials
    assert trial.state == optuna.trial.TrialState.RUNNING

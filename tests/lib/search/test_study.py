"""Optuna's part: what it draws, and the study that others look at."""

import optuna
import pandas as pd
import pytest
from optuna.trial import TrialState

from lib.search.search import carry_out
from lib.search.study import StudyRecord, draw
from lib.search.trial import SearchTrial
from tests.fake_search import FEW, REFERENCE, SPACE, fake_accuracy, fake_plan, train_fake


@pytest.fixture(scope="module")
def trials() -> list[SearchTrial]:
    return carry_out(fake_plan(12), train_fake, lambda trial: None)


def test_what_is_drawn_prefers_what_was_good(trials):
    drawn = pd.DataFrame(draw(SPACE, trials, 20, seed=0))
    assert (drawn.optimizer == "Adam").mean() > 0.75
    assert len(drawn.drop_duplicates()) == 20


def test_draws_depend_on_their_arguments_alone(trials):
    assert draw(SPACE, trials, 4, seed=0) == draw(SPACE, trials, 4, seed=0)
    assert draw(SPACE, trials, 4, seed=0) != draw(SPACE, trials, 4, seed=1)


def test_references_beside_the_space_teach_nothing(trials):
    """Optuna knows the values of the space alone."""
    settings = trials[0].settings | REFERENCE
    curve = tuple(fake_accuracy(settings, epoch) for epoch in range(1, 6))
    beside = SearchTrial(13, 1, "v2", settings, curve, pruned=False)
    assert len(draw(SPACE, [*trials, beside], 2, seed=0)) == 2


def test_a_space_is_drawn_to_its_last_configuration():
    (first, *others) = FEW.untried([], seed=0)
    trial = SearchTrial(1, 1, "design", first, (0.5,), pruned=False)
    drawn = draw(FEW, [trial], 3, seed=0)
    assert sorted(map(str, drawn)) == sorted(map(str, others))


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/study.db"


@pytest.mark.slow
def test_the_record_shows_the_search_as_it_proceeds(url):
    """Each trial under way with its curve so far, then its end; references beside the space too."""
    plan = fake_plan(14, references={"v2": fake_plan(1).generation([])[0].settings | REFERENCE})
    record, shown = StudyRecord(url, "cars", SPACE, [*plan.references.values()]), []

    def watch(trial):
        record.write(trial)
        if trial.number == 1:
            found = optuna.load_study(study_name="cars", storage=url).trials
            shown.append([t.state for t in found].count(TrialState.RUNNING))

    trials = carry_out(plan, train_fake, watch)
    assert max(shown) == 13
    study = optuna.load_study(study_name="cars", storage=url)
    assert TrialState.RUNNING not in {trial.state for trial in study.trials}
    assert len(study.trials) == len(trials) == 15
    for trial, written in zip(trials, study.trials):
        assert written.params == trial.settings
        assert tuple(written.intermediate_values.values()) == trial.curve
        assert (written.state == TrialState.PRUNED) == trial.pruned
    assert study.best_value == max(t.curve[-1] for t in trials if not t.pruned)


@pytest.mark.slow
def test_what_was_recorded_of_the_same_search_is_replaced(url):
    """It is never read: a record that says otherwise changes nothing."""
    for _ in range(2):
        record = StudyRecord(url, "cars", SPACE, [])
        carry_out(fake_plan(3), train_fake, record.write)
    assert len(optuna.load_study(study_name="cars", storage=url).trials) == 3

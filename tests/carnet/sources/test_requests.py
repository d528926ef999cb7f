import datetime
import re

import pytest

from carnet.project.errors import RequestError
from carnet.project.paths import Project
from carnet.sources.requests import find_notebook, is_path, make_request
from tests.carnet.conftest import make_notebook, parameters, write_notebook


@pytest.fixture
def project(tmp_path):
    (tmp_path / "donnees").mkdir()
    (tmp_path / "donnees" / "a.txt").write_text("")
    (tmp_path / "journal" / "profils").mkdir(parents=True)
    return Project.at(tmp_path)


def notebooks(**parameters_of) -> dict:
    """Notebooks in order; each one's value is the text of its parameters cell."""
    made = (
        make_notebook(f"{number:02}_{name}", [parameters(text)])
        for number, (name, text) in enumerate(parameters_of.items(), 1)
    )
    return {notebook.name: notebook for notebook in made}


def request(project, known: dict, profile: str = "", **options):
    (project.profiles / "essai.yml").write_text(profile)
    return make_request(project, "essai", known, **options)


def assigned(project, default: str, text: str):
    """The value that `x` has when it is `default` in the notebook and `text` is asked."""
    asked = request(project, notebooks(un=f"x = {default}"), assignments=[f"x={text}"])
    return asked.parameters["un"]["x"]


def refused(project, known: dict, profile: str = "", **options) -> list[str]:
    with pytest.raises(RequestError) as caught:
        request(project, known, profile, **options)
    return caught.value.mistakes


def test_an_empty_profile_leaves_the_notebooks_values(project):
    asked = request(project, notebooks(un="x = 1", deux="y = 'a'"))
    assert asked.parameters == {"un": {"x": 1}, "deux": {"y": "a"}}
    assert asked.asked == ["un", "deux"]


def test_the_command_line_wins_over_one_notebook_over_all(project):
    profile = "parameters: {all: {x: 2, y: 2, z: 2}, un: {y: 3, z: 3}}"
    known = notebooks(un="x = 0\ny = 0\nz = 0", deux="x = 1")
    asked = request(project, known, profile, assignments=["z=4"])
    assert asked.parameters == {"un": {"x": 2, "y": 3, "z": 4}, "deux": {"x": 2}}


def test_an_assignment_reaches_the_notebooks_asked_for(project):
    known = notebooks(un="x = 1", deux="x = 1", trois="y = 1")
    both = request(project, known, assignments=["x=2"]).parameters
    assert (both["un"]["x"], both["deux"]["x"]) == (2, 2)
    asked = request(project, known, only=["2"], assignments=["x=2", "01.x=3"])
    assert (asked.parameters["un"]["x"], asked.parameters["deux"]["x"]) == (3, 2)
    assert asked.asked == ["deux"]
    told = refused(project, known, only=["trois"], assignments=["x=2"])
    assert told == ["-p x=2: notebook 'trois' has no parameter 'x': choose among: y"]


def test_the_notebooks_defaults_are_not_touched(project):
    known = notebooks(un="x = 1")
    request(project, known, assignments=["x=2"])
    assert known["un"].parameters == {"x": 1}


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        ("0.5", "1", 1.0),
        ("0.5", "1e-3", 0.001),
        ("'a'", "b=c", "b=c"),
        ("'a'", "'3'", "3"),
        ("[1]", "[2, 3]", [2, 3]),
        ("None", "7", 7),
        ("False", "true", True),
        ("{}", "{a: 1}", {"a": 1}),
    ],
)
def test_values_are_written_as_in_yaml(project, default, text, value):
    given = assigned(project, default, text)
    assert given == value
    assert type(given) is type(value)


@pytest.mark.parametrize(
    ("default", "text", "line"),
    [
        ("0.5", "true", "True is of type bool, expected float, such as 0.5"),
        ("0.5", "vite", "'vite' is of type str, expected float, such as 0.5"),
        ("'a'", "3", "3 is of type int, expected str, such as 'a'"),
        ("[1]", "[.inf]", "inf is of type float, expected int, such as 1"),
        ("None", "2026-11-01", f"{datetime.date(2026, 11, 1)!r}: expected finite numbers"),
        ("{}", "{1: a, b: c}", "{1: 'a', 'b': 'c'}: expected finite numbers"),
        ("'a'", "2026-13-45", "not valid YAML ("),
        ("1", "0x_", "not valid YAML ("),
    ],
)
def test_a_value_that_does_not_fit_is_one_line(project, default, text, line):
    (told,) = refused(project, notebooks(un=f"x = {default}"), assignments=[f"x={text}"])
    assert told.startswith(f"-p x={text}: {line}")


def test_notebooks_come_after_their_needs_then_by_number(project):
    known = {
        notebook.name: notebook
        for notebook in (
            make_notebook("01_bilan", needs=["modele"]),
            make_notebook("10_donnees"),
            make_notebook("9_autre"),
            make_notebook("11_modele", needs=["donnees"]),
        )
    }
    assert list(request(project, known).notebooks) == ["autre", "donnees", "modele", "bilan"]


@pytest.mark.parametrize("text", ["1", "01", "un", "01_un"])
def test_a_notebook_is_named_or_numbered(project, text):
    known = notebooks(un="x = 1", deux="x = 1")
    assert request(project, known, only=[text]).asked == ["un"]


@pytest.mark.parametrize("text", ["", "-1", "1.0", "²", "UN"])
def test_what_names_no_notebook(project, text):
    (told,) = refused(project, notebooks(un="x = 1"), only=[text])
    assert told.startswith(f"--only: no notebook '{text}': ")


def test_data_go_to_the_notebooks_that_declare_them(project):
    known = notebooks(un="data = 'a'", deux="x = 1")
    asked = request(project, known, "data: b")
    assert asked.parameters == {"un": {"data": "b"}, "deux": {"x": 1}}
    assert request(project, known, "data: b", data="c").parameters["un"] == {"data": "c"}
    assert refused(project, known, "description: sans") == [
        "--data: profile 'essai' has no data: expected --data DIR"
    ]
    assert request(project, notebooks(deux="x = 1")).parameters == {"deux": {"x": 1}}


def test_data_that_are_not_there_are_refused_before_anything_runs(project):
    (project.root / "vide").mkdir()
    for name, found in (("vide", "/vide is empty: "), ("absent", "no folder .*/absent: ")):
        told = refused(project, notebooks(un="data = 'a'"), data=str(project.root / name))
        assert re.match(f"--data: .*{found}expected a folder that holds the data set$", told[0])
        assert len(told) == 1


def test_what_is_asked_reaches_what_it_needs(project):
    known = notebooks(un="x = 1", deux="x = 1", trois="x = 1")
    known["deux"].content["metadata"]["journal"]["needs"] = ["un"]
    asked = request(project, known, only=["deux"], assignments=["x=2"])
    assert {name: values["x"] for name, values in asked.parameters.items()} == {
        "un": 2,
        "deux": 2,
        "trois": 1,
    }
    assert asked.asked == ["deux"]


def test_without_a_profile_the_notebooks_keep_their_values(project):
    known = notebooks(un="data = 'a'\nx = 1")
    assert make_request(project, None, known).parameters == {"un": {"data": "a", "x": 1}}
    asked = make_request(project, None, known, data="b", assignments=["x=2"])
    assert asked.parameters == {"un": {"data": "b", "x": 2}}


def test_paths_of_a_profile_start_at_the_project(project, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    known = notebooks(un="data = 'a'\npoids = 'aucun'")
    (project.root / "p").mkdir()
    (project.root / "p" / "m.pt").write_text("")
    asked = request(project, known, "data: ./donnees\nparameters: {un: {poids: p/m.pt}}")
    root = str(project.root)
    assert asked.parameters["un"] == {"data": f"{root}/donnees", "poids": f"{root}/p/m.pt"}


def test_paths_of_the_command_line_start_where_it_is_typed(project, monkeypatch):
    monkeypatch.chdir(project.root / "donnees")
    monkeypatch.setenv("HOME", str(project.root))
    (project.root / "m.pt").write_text("")
    assert assigned(project, "'aucun'", "../m.pt") == str(project.root / "m.pt")
    assert assigned(project, "'aucun'", "~/m.pt") == str(project.root / "m.pt")
    assert assigned(project, "['aucun']", "[../m.pt]") == [str(project.root / "m.pt")]


def test_an_address_is_no_folder_of_data(project):
    known, address = notebooks(un="data = 'a'"), "https://example.org/cars"
    expected = f"{address}: an address: download it, then give its folder"
    assert refused(project, known, data=address) == [f"--data: {expected}"]
    assert refused(project, known, f"data: {address}") == [f"journal/profils/essai.yml: {expected}"]


def test_data_that_are_not_there_are_told(project):
    known = notebooks(un="data = 'a'")
    (told,) = refused(project, known, "data: ./absent")
    assert told.startswith("journal/profils/essai.yml: no folder ")
    assert told.endswith("/absent: expected a folder that holds the data set")


def test_other_text_that_leads_nowhere_is_text(project):
    assert assigned(project, "'aucun'", "./m.pt") == "./m.pt"


def test_paths_are_found_at_any_depth_and_words_are_no_paths(project, monkeypatch):
    monkeypatch.chdir(project.root)
    (project.root / "donnees" / "a").write_text("")
    root = str(project.root)
    text = "{a: [./donnees], b: {c: donnees/a}, d: donnees}"
    value = {"a": [f"{root}/donnees"], "b": {"c": f"{root}/donnees/a"}, "d": "donnees"}
    assert assigned(project, "{}", text) == value


def test_what_is_a_path(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("")
    assert is_path("a", tmp_path)
    assert is_path("a/b", tmp_path)
    assert not is_path("./absent", tmp_path)
    assert not is_path("km/h", tmp_path)
    assert not is_path("./.", tmp_path)


def test_every_mistake_is_told_once(project):
    known = notebooks(un="x = 1")
    told = refused(project, known, "dta: a", only=["3", "3"], assignments=["z=1", "q.x=1"])
    places = [line.split(":")[0] for line in told]
    assert places == ["journal/profils/essai.yml", "--only", "-p z=1", "-p q.x=1"]


def test_what_names_an_unreadable_notebook_is_not_judged(project):
    project.notebooks.mkdir()
    (project.notebooks / "01_casse.ipynb").write_text("{")
    known = {"un": make_notebook("02_un", needs=["casse", "autre"])}
    mistakes = refused(project, known, "parameters: {casse: {x: 1}}")
    assert mistakes == ["notebooks/02_un.ipynb: needs 'autre': no such notebook: choose among: un"]


def test_a_profile_that_is_no_text(project):
    (project.profiles / "essai.yml").write_bytes(b"data: \xe9\n")
    with pytest.raises(RequestError, match=r"journal/profils/essai\.yml: not valid YAML \("):
        make_request(project, "essai", {})


def test_an_unknown_profile_where_there_is_none(project):
    with pytest.raises(RequestError, match="no profile 'x' in journal/profils: there is none"):
        make_request(project, "x", {})


def test_finding_a_notebook_of_the_project(project):
    project.notebooks.mkdir()
    write_notebook(project.notebooks / "04_essai.ipynb", [])
    assert find_notebook(project, "4") == "essai"
    with pytest.raises(RequestError, match="compare: no notebook 'esai': did you mean '04_essai'"):
        find_notebook(project, "esai")
    (project.notebooks / "05_casse.ipynb").write_text("{")
    with pytest.raises(RequestError, match=r"05_casse\.ipynb: not a notebook"):
        find_notebook(project, "4")

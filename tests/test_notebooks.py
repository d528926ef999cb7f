"""The real notebooks through the real command line, on data small enough for a test."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import scipy.io
from PIL import Image

from tests import narrow
from tests.conftest import build, small
from tests.reading import faults, sections, unseen_numbers

ROOT = Path(__file__).parents[1]
CARS40 = ROOT.parent / "shared" / "data" / "cars40"
HEAVIEST_PAGE = 3_000_000  # bytes, its images included
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.slow


def test_the_whole_journal_is_built(small_build):
    output, _, done = small_build
    assert done.returncode == 0, done.stderr
    assert (output / "journal" / "site" / "index.html").exists()
    assert len(list((output / "images").glob("*.png"))) >= 20


def test_every_image_referenced_exists(small_build):
    output, _, _ = small_build
    document = output / "journal" / "JOURNAL.md"
    images = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", document.read_text("utf-8"))
    for page in (output / "journal" / "site").glob("*.html"):
        found = re.findall(r'<img[^>]*src="([^"]+)"', page.read_text("utf-8"))
        assert all((page.parent / name).exists() for name in found)
        images += [name for name in found if "/" in name]
    assert len(images) >= 40
    assert all((document.parent / name).exists() for name in images if name.startswith(".."))


def test_every_page_with_its_images_is_light(small_build):
    output, _, _ = small_build
    site = output / "journal" / "site"
    for page in site.glob("*.html"):
        text = page.read_text("utf-8")
        loaded = re.findall(r'<(?:img|script|link)\b[^>]*?(?:src|href)="([^"]+)"', text)
        files = {page, *(site / name for name in loaded)}
        weight = sum(path.stat().st_size for path in files)
        assert weight < HEAVIEST_PAGE, f"{page.name}: {weight} bytes in {len(files)} files"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_holds_a_traceback_or_a_warning(small_build, path):
    _, store, _ = small_build
    name = path.stem.partition("_")[2]
    (executed,) = (store / "notebooks" / name).glob("*/notebook.ipynb")
    for cell in json.loads(executed.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            assert output["output_type"] == "display_data", (cell["source"], output)


def test_nothing_is_left_unevaluated(small_build):
    output, _, _ = small_build
    pages = [output / "journal" / "JOURNAL.md", *(output / "journal" / "site").glob("*.html")]
    assert len(pages) > len(NOTEBOOKS)
    for page in pages:
        text = page.read_text("utf-8")
        assert "{eval}" not in text, page.name
        assert "{embed}" not in text, page.name


PAGE = """---
title: Jour 1
date: 2026-11-01
summary: Quelques carnets.
---

Les sources : {{cite}}`{works}`.

{embeds}"""
EMBED = """```{{embed}} {}
```

"""


@pytest.fixture(scope="module")
def narrow_journal(tmp_path_factory) -> Path:
    """A copy of the project whose network is narrow: what is said does not depend on its size."""
    root = tmp_path_factory.mktemp("narrow") / "project"
    for folder in ("carnet", "lib", "notebooks", "journal"):
        shutil.copytree(ROOT / folder, root / folder)
    for name in ("build_journal.py", "journal.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, root)
    shutil.copy(narrow.__file__, root / "lib" / "training")
    model = root / "lib" / "training" / "model.py"
    imported = "import ResNet18_Weights, resnet18\n"
    text = model.read_text()
    assert imported in text
    narrowed = "import ResNet18_Weights\n\nfrom lib.training.narrow import resnet18\n"
    model.write_text(text.replace(imported, narrowed))
    return root


def without(*names: str, journal: Path, root: Path) -> Path:
    """Copy a journal but for some notebooks; one page shows the others and cites all sources."""
    shutil.copytree(journal, root)
    embeds = ""
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        name = path.stem.partition("_")[2]
        if name in names:
            path.unlink()
        else:
            embeds += EMBED.format(name)
    for page in ("introduction", "jour-1", "jour-2"):
        (root / "journal" / f"{page}.md").unlink()
    works = re.findall(r"@\w+\{(\w+)", (root / "journal" / "references.bib").read_text("utf-8"))
    page = PAGE.format(works=",".join(works), embeds=embeds)
    (root / "journal" / "jour-1.md").write_text(page, "utf-8")
    return root


def assert_reads_well(output: Path) -> str:
    """Check that the pages say something, nothing twice over, and what they show; return them."""
    journal = (output / "journal" / "JOURNAL.md").read_text("utf-8")
    assert faults(journal) == []
    assert unseen_numbers(journal) == []
    return journal.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_pages_read_well(small_build):
    assert "la voiture" in assert_reads_well(small_build[0])


def test_every_work_that_is_cited_is_in_the_sources(small_build):
    output, _, _ = small_build
    journal = (output / "journal" / "JOURNAL.md").read_text("utf-8")
    cited = set(re.findall(r"\]\(#(ref-[\w-]+)\)", journal))
    assert "ref-selvaraju2017" in cited
    assert cited <= set(re.findall(r'<a id="(ref-[\w-]+)"></a>', journal))


def test_the_same_build_again_runs_nothing(small_build, tiny_cars_root):
    output, store, _ = small_build
    done = build(store, "--data", str(tiny_cars_root), "--output", str(output), *small())
    assert done.stderr.count("up to date") == len(NOTEBOOKS)
    assert "0 documents changed" in done.stderr


@pytest.fixture
def few_photographs(tmp_path) -> Path:
    """At most five training and two test photographs of each class."""
    if not CARS40.is_dir():
        pytest.skip("the photographs of ../shared/data/cars40 are not there")
    source, root = CARS40 / "stanford_cars", tmp_path / "photographs" / "stanford_cars"
    shutil.copytree(source / "devkit", root / "devkit")
    for split, annotations, most in (
        ("cars_train", "devkit/cars_train_annos.mat", 5),
        ("cars_test", "cars_test_annos_withlabels.mat", 2),
    ):
        rows = scipy.io.loadmat(source / annotations)["annotations"]
        labels = pd.Series([int(row["class"].item()) for row in rows[0]])
        few = rows[:, labels.groupby(labels).head(most).index]
        scipy.io.savemat(root / annotations, {"annotations": few})
        (root / split).mkdir()
        for row in few[0]:
            shutil.copy(source / split / row["fname"].item(), root / split)
    return root.parent


def test_the_models_and_their_maps_on_real_photographs(few_photographs, narrow_journal, tmp_path):
    """What the search says follows from its trials, whatever the images: it is left out."""
    root = without("hyperparametres", journal=narrow_journal, root=tmp_path / "project")
    out, options = tmp_path / "out", ("--data", str(few_photographs), *small(root))
    done = build(tmp_path / "store", *options, "--output", str(out), root=root)
    assert done.returncode == 0, done.stderr
    assert "40 classes" in assert_reads_well(out)


@pytest.fixture
def flowers(tmp_path) -> Path:
    """Ten images of each of three classes, in folders by class; one is there twice."""
    names = ("rose *sauvage* $x$", "牡丹", "tulipe")
    for name, colour in zip(names, ("crimson", "pink", "gold")):
        folder = tmp_path / "flowers" / name
        folder.mkdir(parents=True)
        for row in range(10):
            image = Image.effect_noise((60, 40), 90).convert("RGB").resize((60 + row, 40))
            image.paste(colour, (row, row, row + 20, row + 20))
            image.save(folder / f"{row}.png")
    shutil.copy(tmp_path / "flowers/tulipe/0.png", tmp_path / "flowers/牡丹/copy.png")
    return tmp_path / "flowers"


def test_the_journal_on_images_in_folders_by_class(flowers, narrow_journal, tmp_path):
    """Few, without boxes, makes, years or test labels: no page speaks of cars but of old ones."""
    out, values = tmp_path / "out", ("--data", str(flowers), *small())
    done = build(tmp_path / "store", *values, "--output", str(out), root=narrow_journal)
    assert done.returncode == 0, done.stderr
    journal = assert_reads_well(out)
    assert "la classe de ce qu’elle montre" in journal
    assert [title for title, _ in sections(journal) if "oiture" in title] == []
    assert "la voiture" not in journal
    assert done.stderr.splitlines()[0] == (
        f"data {flowers}: folders by class: 3 classes, 25 train and 6 test images "
        "(no test labels: split here), without boxes"
    )
    (folder,) = (tmp_path / "store/notebooks/statistiques").glob("*")
    found = json.loads((folder / "results.json").read_text("utf-8"))
    assert (found["copies"], found["copies_in_two_classes"]) == (1, 1)
    assert found["balance_summary"].endswith("entre les classes")
    assert "n’ont pas de boîtes" in journal
    cells = json.loads((folder / "notebook.ipynb").read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    assert {output["output_type"] for output in outputs} == {"display_data"}
    assert not (folder / "images" / "classes_by_year.png").exists()


@pytest.fixture
def colours(tmp_path) -> Path:
    """Images of two colours, two models of one make and one year, that nothing mistakes."""
    for name, colour in {"Aurelle Rouge 2001": "red", "Aurelle Bleue 2001": "blue"}.items():
        folder = tmp_path / "colours" / name
        folder.mkdir(parents=True)
        for row in range(80):
            image = Image.effect_noise((40, 40), 60).convert("RGB")
            Image.blend(image, Image.new("RGB", image.size, colour), 0.7).save(
                folder / f"{row}.png"
            )
    return tmp_path / "colours"


def test_the_models_of_one_make_without_mistakes(colours, narrow_journal, tmp_path):
    """Only the notebooks whose words follow makes and mistakes."""
    others = ("explicabilite", "hyperparametres")
    root = without(*others, journal=narrow_journal, root=tmp_path / "project")
    out, options = tmp_path / "out", ("--data", str(colours), *small(root, epochs=8))
    done = build(tmp_path / "store", *options, "--output", str(out), root=root)
    assert done.returncode == 0, done.stderr
    journal = assert_reads_well(out)
    assert "il n’y a qu’une marque" in journal and "il n’y a qu’une année" in journal
    assert "aucune image n’est mal classée" in journal


def test_data_that_are_not_there(tmp_path):
    done = build(tmp_path / "store", "--profile", "stanford-cars", "--data", "/nowhere")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "--data: no folder /nowhere: expected a folder that holds the data set"
    ]


def test_a_data_set_with_a_missing_file(tmp_path):
    (tmp_path / "other" / "photos").mkdir(parents=True)
    done = build(tmp_path / "store", "--data", str(tmp_path / "other"), "--only", "1")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"data '{tmp_path / 'other'}': no data set in it, expected one of: ")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        assert not cell.get("outputs"), cell["id"]
        assert cell.get("execution_count") is None, cell["id"]

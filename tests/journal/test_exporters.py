import pytest

from lib.journal.exporters import PageRenderer, slug, unique_slug


def test_slugs_have_no_accents():
    assert slug("Répartition des classes : l'été") == "repartition-des-classes-l-ete"
    assert slug("???") == "section"


def test_slugs_are_unique():
    assert unique_slug("Bilan", {"bilan", "bilan-2"}) == "bilan-3"


@pytest.mark.parametrize(
    ("formula", "element"),
    [(r"\frac{a}{b}", "mfrac"), (r"\sum_{i=1}^{n} x_i", "munderover"), (r"\log p_t", "mi")],
)
def test_formulas_become_mathml(formula, element):
    assert f"<{element}" in PageRenderer([]).block_math(formula)


def test_headings_are_collected_with_their_anchors():
    headings = []
    renderer = PageRenderer(headings)
    assert 'id="a-b"' in renderer.heading("A <em>b</em>", 2)
    renderer.heading("A b", 2)
    assert headings == [(2, "A b", "a-b"), (2, "A b", "a-b-2")]

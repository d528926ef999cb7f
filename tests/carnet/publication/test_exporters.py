from nbformat.v4 import new_markdown_cell, new_notebook

from carnet.project.paths import TEMPLATES
from carnet.publication.exporters import SiteExporter, site_exporter, warm_up


def test_an_exporter_used_before_gives_what_a_new_one_gives():
    templates = TEMPLATES
    page = new_notebook(cells=[new_markdown_cell('<h2 id="bilan">Bilan $x$</h2>')])
    context = {"page": {"file": "jour-1.html", "title": "Jour"}, "site": "Journal"}
    warm_up(templates)
    once, again = (site_exporter(templates).export(page, context) for _ in range(2))
    assert once == again == SiteExporter(templates).export(page, context)
    assert '<li class="level-2"><a href="#bilan">Bilan $x$</a></li>' in once

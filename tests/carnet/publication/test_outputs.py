"""Each kind of output, in the site and in JOURNAL.md, or the line that refuses it."""

import base64
import io
from functools import partial

import pytest
from docutils import nodes
from PIL import Image

from carnet.project.paths import TEMPLATES
from carnet.publication.html import HtmlWriter
from carnet.publication.outputs import SHOWN_BYTES, Assets, shown
from carnet.publication.plain import MarkdownWriter
from carnet.publication.texts import Place, _Reader


def image(kind: str) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 2)).save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


def displayed(**data) -> dict:
    data = {kind.replace("_", "/", 1): value for kind, value in data.items()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def written(output: dict) -> tuple[str, str, Assets]:
    """An output in HTML and in Markdown, and the files that it needs."""
    assets, mistakes = Assets(), []
    read = partial(_Reader(assets, mistakes).tree, place=Place("a"))
    tree = nodes.document("", None)
    tree += shown(output, assets, read)
    assert mistakes == []
    html, markdown = (writer(lambda target: "") for writer in (HtmlWriter, MarkdownWriter))
    return html(tree), markdown(tree), assets


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif")])
def test_images_are_files_named_by_their_contents(kind, suffix):
    output = displayed(**{f"image_{kind.lower()}": image(kind), "text_plain": "<Figure>"})
    html, markdown, assets = written(output)
    (name,) = assets.files
    assert name.endswith(f".{suffix}")
    assert f'src="images/{name}"' in html
    assert 'width="4" height="2"' in html
    assert markdown == f"![Figure sans description](../images/{name})"


def test_a_drawing_is_a_file_too():
    html, _, assets = written(displayed(**{"image_svg+xml": "<svg xmlns='…'></svg>"}))
    assert next(iter(assets.files.values())) == "<svg xmlns='…'></svg>".encode()
    assert ".svg" in html


@pytest.mark.parametrize("latex", ["$\\displaystyle x^{2}$", "$$x^{2}$$", "x^{2}"])
def test_formulas_are_drawn(latex):
    html, markdown, _ = written(displayed(text_latex=latex, text_plain="x**2"))
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in html
    assert markdown.startswith("$$\n")
    assert "x^{2}" in markdown


def test_markdown_is_read_by_the_one_parser():
    html, markdown, _ = written(displayed(text_markdown="**Gras** : `l'un`"))
    assert html == "<p><strong>Gras</strong>\u00a0: <code>l'un</code></p>\n"
    assert markdown == "**Gras**\u00a0: `l'un`"


def test_colours_of_a_console_are_marks_on_the_site_and_nothing_in_the_document():
    stream = {"output_type": "stream", "name": "stdout", "text": "\x1b[31mrouge\x1b[0m < l'un :\n"}
    html, markdown, _ = written(stream)
    assert '<span class="ansi-red-fg">rouge</span> &lt;' in html
    assert ".ansi-red-fg" in (TEMPLATES / "site" / "style.css").read_text("utf-8")
    assert markdown == "    rouge < l'un :"


STYLED = """<style type="text/css">
#T_a_row0_col0 { background-color: #fde725; color: #000000; width: 3px }
</style>
<table id="T_a" onclick="x()"><thead><tr><th class="col_heading level0" colspan="2">A</th></tr>
</thead><tbody><tr><td id="T_a_row0_col0" style="font-weight: bold">2026-01-01</td></tr></tbody>
</table><script>alert(1)</script>"""


def test_a_styler_keeps_its_colours_as_classes():
    html, markdown, assets = written(displayed(text_html=STYLED, text_plain="<Styler>"))
    assert sorted(assets.styles.values()) == [
        "background-color: #fde725; color: #000000; font-weight: bold"
    ]
    (name,) = assets.styles
    assert f'<td class="{name}">2026-01-01</td>' in html
    assert 'colspan="2"' in html
    assert not any(word in html + markdown for word in ("script", "style=", "onclick", "alert"))


def test_long_tables_are_cut_with_a_note():
    rows = "".join(f"<tr><td>{i}</td></tr>" for i in range(1000))
    html, _, _ = written(displayed(text_html=f"<table><tbody>{rows}</tbody></table>après"))
    assert html.count("<tr>") == 201
    assert "… 800 lignes de plus, dans le carnet" in html
    assert html.count("</table>") == 1
    assert "après" in html


def test_long_texts_are_cut_with_a_note_in_linear_time():
    text = "\x1b[31m.\x1b[0m" * 800_000
    html, markdown, _ = written({"output_type": "stream", "name": "stdout", "text": text})
    left = len(text) - SHOWN_BYTES
    assert f"[… {left} caractères de plus, dans le carnet exécuté]" in html
    assert len(markdown) < SHOWN_BYTES


def test_many_lines_are_cut_too():
    text = "".join(f"{i}\n" for i in range(3000))
    _, markdown, _ = written({"output_type": "stream", "name": "stdout", "text": text})
    shown = "\n".join(map(str, range(200)))
    assert markdown.split() == [
        *shown.split(),
        *f"[… {len(text) - 1 - len(shown)} caractères de plus, dans le carnet exécuté]".split(),
    ]


def test_a_bar_of_progress_is_shown_as_it_ends():
    text = "a\n  0%\r 50%\r100%\nb\n"
    _, markdown, _ = written({"output_type": "stream", "name": "stderr", "text": text})
    assert markdown == "    a\n    100%\n    b"


def test_the_address_of_an_object_is_left_out():
    _, markdown, _ = written(displayed(text_plain="[<Line2D at 0x7fd6ff1b1e50>]"))
    assert markdown == "    [<Line2D>]"


def test_json_is_text():
    _, markdown, _ = written(displayed(application_json={"é": [1]}, text_plain="<JSON object>"))
    assert markdown.split() == ["{", '"é":', "[", "1", "]", "}"]


def test_images_inside_html_are_files():
    source = f"data:image/png;base64,{image('PNG')}"
    html, markdown, assets = written(displayed(text_html=f"<b>a</b><img alt='b' src='{source}'>"))
    (name,) = assets.files
    assert f'<b>a</b><img alt="b" src="images/{name}">' in html
    assert f'src="../images/{name}"' in markdown


def test_bars_of_a_styler_are_kept():
    bar = "width: 10em; background: linear-gradient(90deg, transparent 3.5%, #d65f5f 3%);"
    _, _, assets = written(displayed(text_html=f"<table><td style='{bar}'>1</td></table>"))
    assert list(assets.styles.values()) == [bar.removeprefix("width: 10em; ").rstrip(";")]
    _, _, assets = written(displayed(text_html="<b style='background: url(x) red'>1</b>"))
    assert assets.styles == {}


def test_a_model_of_scikit_learn_is_text():
    html = '<style>#sk-1 {}</style><div id="sk-1" class="sk-top"><script>x</script></div>'
    assert written(displayed(text_html=html, text_plain="LogisticRegression()"))[1] == (
        "    LogisticRegression()"
    )


def test_what_would_leave_the_page_is_left_out():
    html = '<b>gras</main><meta http-equiv="refresh"><textarea>a</textarea>'
    html += '<a href="javascript:x">l</a>'
    made, _, _ = written(displayed(text_html=html))
    assert "<b>gras<a>l</a></b>" in made


VEGA = {"application/vnd.vegalite.v5+json": {}, "text/plain": "<VegaLite>"}
PLOTLY = {"application/vnd.plotly.v1+json": {}, "text/html": "<div></div><script></script>"}
WIDGET = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider(value=0)"}
FOLIUM = {"text/html": "<div><iframe srcdoc='x'></iframe></div>", "text/plain": "<Map>"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (PLOTLY, 'plotly: expected fig.show(renderer="png") or figure()'),
        (VEGA, "altair: expected alt.renderers.enable('png') or figure()"),
        (WIDGET, "a widget: expected a figure or a value instead, or the tag remove-output"),
        (FOLIUM, "<iframe>: nothing of a page plays or loads it: expected an image"),
        ({"text/html": "<audio><source src='data:audio/wav;base64,'></audio>"}, "<audio>: nothing"),
        ({"text/html": "<svg><circle/></svg>"}, "HTML that a script or SVG draws: expected an"),
        ({"text/html": "<div id='a'></div><script>a</script>"}, "HTML that a script or SVG draws"),
        ({"text/html": "a <img src='b.png'>"}, '<img src="b.png">: expected IPython.display.Image'),
        ({"image/svg+xml": "<svg onload='x()'/>"}, "a drawing with a script: expected one without"),
        ({"application/pdf": "x"}, "an output of type application/pdf: nothing shows it"),
    ],
)
def test_what_runs_in_a_browser_is_refused_by_name(data, told):
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    with pytest.raises(ValueError) as caught:
        written(output)
    assert told in str(caught.value)


def test_the_image_that_such_an_output_carries_is_shown():
    assert 'src="images/' in written(displayed(**{"image_png": image("PNG")} | PLOTLY))[0]


def recorded(markdown: str) -> dict:
    about = {"kind": "table", "name": "t", "caption": "Titre"}
    data = {"text/markdown": markdown}
    return {"output_type": "display_data", "data": data, "metadata": {"journal": about}}


def tree_of(markdown: str) -> nodes.table:
    read = partial(_Reader(Assets(), []).tree, place=Place("a"))
    return shown(recorded(markdown), Assets(), read)[0]


def test_a_column_that_says_the_same_in_every_row_is_a_sentence():
    rows = "| a | 12 | x |\n| b | 12 | y |\n| c | 12 | x |"
    table = tree_of(f"| Nom | Classes | C |\n| :-- | --: | :-- |\n{rows}")
    assert table[0].astext() == "Titre. Classes : 12 à chaque ligne."
    assert [row.astext().split() for row in table.findall(nodes.row)] == [
        *(["Nom", "C"], ["a", "x"], ["b", "y"], ["c", "x"])
    ]
    assert len(list(table.findall(nodes.colspec))) == 2


def test_a_long_table_is_cut_with_a_note():
    table = tree_of("| N |\n| -: |\n" + "\n".join(f"| {i} |" for i in range(1000)))
    assert table[0].astext() == "Titre. … 800 lignes de plus, dans le carnet"
    assert [row.astext() for row in table.findall(nodes.row)][-1] == "199"


def test_a_short_table_and_the_names_of_rows_stay_whole():
    two = tree_of("| N | C |\n| :-- | --: |\n| a | 12 |\n| b | 12 |")
    same = tree_of("| N | C |\n| :-- | --: |\n| a | 1 |\n| a | 2 |\n| a | 3 |")
    assert two[0].astext() == same[0].astext() == "Titre"


@pytest.mark.parametrize(
    ("even", "odd", "sortable"),
    [
        ("{} %", "{} %", True),
        ("{}\u202f000", "{}", True),
        ("{},5", "{},5", True),
        ("{},5", "—", True),
        ("{} %", "{} s", False),
        ("{}", "{},5", False),
    ],
)
def test_a_column_of_mixed_measures_cannot_be_sorted(even, odd, sortable):
    cells = [(even, odd)[i % 2].format(i) for i in range(10)]
    rows = "\n".join(f"| a{i} | {cell} |" for i, cell in enumerate(cells))
    table = tree_of(f"| N | V |\n| :-- | --: |\n{rows}")
    assert ("sortable" in table["classes"]) == sortable


@pytest.mark.parametrize(
    ("text", "one_line"),
    [("68,1 % à 75,5 %", True), ("[−2 ; 9,5] points", True), ("12 images", False), ("a b", False)],
)
def test_an_interval_stays_on_one_line(text, one_line):
    html, _, _ = written(displayed(text_markdown=f"| A |\n| - |\n| {text} |"))
    assert ('<td class="v">' in html) == one_line

"""The features of Markdown that are published, and what each gives; what is refused, and how."""

NB = "\u00a0"
FIGURE = (
    "```{figure} photo.png\n:name: vue\n:width: 50%\n:alt: Une tour\n\nLa tour.\n\nEn été.\n```"
)
TABLE = "| A | B |\n| :--- | ---: |\n| a | 1 |"
PIPES = '<thead><tr><th scope="col">A</th><th scope="col" class="n">B</th></tr>'
LISTED = "```{list-table} Titre\n:header-rows: 1\n\n* - A\n  - B\n* - 1\n  - 2\n```"

FEATURES = {
    "paragraph": (
        "Un *mot*, **gras**.",
        "<p>Un <em>mot</em>, <strong>gras</strong>.</p>",
        "Un *mot*, **gras**.",
    ),
    "heading": (
        "## Titre",
        '<h2 id="titre"><a class="anchor" href="#titre">Titre</a></h2>',
        "## Titre",
    ),
    "setext heading": ("Souligné\n-----", '<h2 id="souligne">', "## Souligné"),
    "target": ("(ici)=\n## Cible", '<h2 id="cible">', "## Cible"),
    "bullet list": ("- un\n- deux\n  - trois", "<ul>\n<li>un</li>", "- un\n- deux\n  - trois"),
    "ordered list": ("3. un\n4. deux", '<ol start="3">\n<li>un</li>', "3. un\n4. deux"),
    "loose list": ("- un\n\n- deux", "<li><p>un</p>\n</li>", "- un\n\n- deux"),
    "list with code": (
        "1. un\n\n   ```python\n   x\n   ```",
        '<div class="highlight">',
        "1. un\n\n   ```python\n   x\n   ```",
    ),
    "task list": (
        "- [x] fait\n- [ ] non",
        'aria-label="fait">☑</span> fait</li>',
        "- [x] fait\n- [ ] non",
    ),
    "definition list": ("Mot\n: Sens", "<dl><dt>Mot</dt>\n<dd>Sens</dd>", "**Mot**\n\n- Sens"),
    "quotation": ("> Dit", "<blockquote><p>Dit</p>", "> Dit"),
    "line break": ("un\\\ndeux", "<p>un<br>\ndeux</p>", "un\\\ndeux"),
    "rule": ("a\n\n---\n\nb", "<hr>", "a\n\n---\n\nb"),
    "code span": ("`x | y`", "<code>x | y</code>", "`x | y`"),
    "code fence": ("```python\nx = 1\n```", '<span class="mi">1</span>', "```python\nx = 1\n```"),
    "fence in a fence": (
        "````\n```{note}\na\n```\n````",
        "```{note}\na\n```",
        "````\n```{note}\na\n```\n````",
    ),
    "code block": (
        "```{code-block} python\n:caption: Essai\n:linenos:\n:emphasize-lines: 1\nx\ny\n```",
        '<figcaption>Essai</figcaption>\n<div class="highlight"><pre><span></span>',
        "*Essai*\n\n```python\nx\ny\n```",
    ),
    "table": (TABLE, PIPES, TABLE),
    "centred cells": ("| A |\n|:-:|\n| a |", '<td class="c">a</td>', "| A |\n| :---: |\n| a |"),
    "pipes in cells": (
        "| A |\n| - |\n| `a \\| b` |",
        "<td><code>a | b</code></td>",
        "| `a \\| b` |",
    ),
    "table with a caption": (
        f"```{{table}} Titre\n:name: t\n\n{TABLE}\n```",
        "<strong>Tableau 1</strong></a> — Titre.",
        f"{TABLE}\n\n*Tableau 1 — Titre.*",
    ),
    "list table": (
        LISTED,
        '<th scope="col">A</th>',
        "| A | B |\n| :--- | :--- |\n| 1 | 2 |",
    ),
    "CSV table": (
        "```{csv-table} T\n:header: X, Y\n\n1, 2\n```",
        "<td>1</td><td>2</td>",
        "| X | Y |",
    ),
    "note": (
        "```{note}\nUn *mot*.\n```",
        '<div class="admonition note" role="note">',
        "> **Note**\n>\n> Un *mot*.",
    ),
    "note in one line": (
        "```{note} Un mot.\n```",
        "Note</p>\n<p>Un mot.</p>",
        "> **Note**\n>\n> Un mot.",
    ),
    "tip with a title": (
        ":::{tip} Titre\nCorps\n:::",
        '<p class="admonition-title">Titre</p>',
        "> **Titre**\n>\n> Corps",
    ),
    "warning": ("```{warning}\nA\n\n- b\n```", "<ul>\n<li>b</li>", "> **Avis**\n>\n> A\n>\n> - b"),
    "important in a note": (
        "::::{note}\n:::{important}\nA\n:::\n::::",
        'class="admonition important"',
        "> > **Important**",
    ),
    "caution": ("```{caution}\nA\n```", ">Avertissement</p>", "> **Avertissement**"),
    "danger": ("```{danger}\nA\n```", ">Danger</p>", "> **Danger**"),
    "alert of GitHub": ("> [!NOTE]\n> A", '<div class="admonition note"', "> **Note**\n>\n> A"),
    "dropdown": (
        "```{dropdown} T\nA\n```",
        '<details class="admonition">\n<summary>T</summary>',
        "<details><summary>T</summary>\n\nA",
    ),
    "figure": (
        FIGURE,
        "<strong>Figure 1</strong></a> — La tour.<p>En été.</p>",
        "![Une tour](../images/photo-55c64d0f.png)\n\n*Figure 1 — La tour.*\n\nEn été.",
    ),
    "image": (
        "```{image} photo.png\n:alt: A\n:width: 20px\n```",
        'alt="A" loading="lazy" decoding="async" width="20"',
        "![A](../images/",
    ),
    "image alone": (
        "![Une tour](photo.png)",
        "<strong>Figure 1</strong></a> — Une tour.",
        "*Figure 1 — Une tour.*",
    ),
    "image in a line": (
        "La ![tour](photo.png) ici",
        '<p>La <img src="images/photo-55c64d0f.png" alt="tour"',
        "La ![tour](../images/",
    ),
    "size of an image": ('a ![b](photo.png){width="30%"}', 'width="30%"', "a ![b]("),
    "pasted image": (
        "a ![image.png](attachment:image.png)",
        'src="images/image-55c64d0f.png"',
        "](../images/image-55c64d0f.png)",
    ),
    "formula": ("$x^2$", "<math xmlns", "$x^2$"),
    "math role": ("{math}`x^2`", "<msup>", "$x^2$"),
    "displayed formula": ("$$\nx\n$$", '<div class="scroll formula"', "$$\nx\n$$"),
    "labelled formula": (
        "$$\nx\n$$ (e)",
        '<div id="e" class="scroll formula"',
        "$$\nx \\tag{1}\n$$",
    ),
    "math directive": (
        "```{math}\n:label: f\nx\n```",
        '<span class="number">(1)</span>',
        "x \\tag{1}",
    ),
    "align": (
        "\\begin{align}\na &= b \\\\ c &= d\n\\end{align}",
        "<mtable",
        "$$\n\\begin{aligned} a &= b",
    ),
    "dollars that are prices": ("5 $ et 10 $", "<p>5 $ et 10 $</p>", "5 \\$ et 10 \\$"),
    "footnote": (
        "Dit[^a].\n\n[^a]: La *note*.",
        '<a id="_renvoi-1" href="#_note-1" role="doc-noteref">1</a>',
        "Dit[^1].\n\n[^1]: La *note*.",
    ),
    "subscript": ("H{sub}`2`O", "H<sub>2</sub>O", "H<sub>2</sub>O"),
    "superscript": ("x{sup}`2`", "x<sup>2</sup>", "x<sup>2</sup>"),
    "abbreviation": (
        "{abbr}`CNN (réseau)`",
        '<abbr title="réseau">CNN</abbr>',
        '<abbr title="réseau">CNN</abbr>',
    ),
    "key": ("{kbd}`Ctrl`", "<kbd>Ctrl</kbd>", "<kbd>Ctrl</kbd>"),
    "struck": ("~~a~~", "<s>a</s>", "~~a~~"),
    "HTML": ("a <mark>b</mark>", "<mark>b</mark>", "a <mark>b</mark>"),
    "details": (
        "<details><summary>A</summary>\n\nb\n\n</details>",
        "<p>b</p>\n</details>",
        "b\n\n</details>",
    ),
    "address": (
        "https://exemple.org/l'a",
        'href="https://exemple.org/l&#x27;a"',
        "<https://exemple.org/l'a>",
    ),
    "link by reference": (
        "[a][b]\n\n[b]: https://exemple.org",
        '<a href="https://exemple.org">a</a>',
        "[a](https://exemple.org)",
    ),
    "comment": ("a <!-- b -->\n\n% c\n\n+++\n\nd", "<p>a </p>\n<p>d</p>", "a \n\nd"),
    "typography": (
        "L'un : « a » !",
        f"<p>L’un{NB}: «{NB}a{NB}»{NB}!</p>",
        f"L’un{NB}: «{NB}a{NB}»{NB}!",
    ),
    "tildes and carets": ("H~2~O, x^2^", "<p>H~2~O, x^2^</p>", "H\\~2\\~O, x^2^"),
    "quotation marks, dashes": ('"a" -- b...', '<p>"a" -- b...</p>', '"a" -- b...'),
    "emoji": (":smile: 😀", "<p>:smile: 😀</p>", ":smile: 😀"),
    "name with a number": (
        "Un ResNet-18, Grad-CAM, dix-huit",
        'Un <span class="whole">ResNet-18</span>, <span class="whole">Grad-CAM</span>, dix-huit',
        "Un ResNet-18, Grad-CAM, dix-huit",
    ),
    "what is of one run": (
        "Fait[ en 3 s]{.volatile}.",
        '<span class="volatile"> en 3 s</span>',
        "Fait.",
    ),
    "span": ("[mot]{.red}", '<p><span class="red">mot</span></p>', "mot"),
    "code that holds a role": ("``{eval}`x` ``", "<code>{eval}`x` </code>", "``{eval}`x` ``"),
    "value": ("### Vaut {eval}`x`", "Vaut 42</a></h3>", "### Vaut 42"),
    "value in a cell": ("| A |\n|--:|\n| {eval}`x` |", '<td class="n">42</td>', "| 42 |"),
    "formula on one line": ("$$y$$", "<math", "$$\ny\n$$"),
    "aligned": (
        "$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$",
        "<mtable",
        "\\begin{aligned} a &= b",
    ),
    "signs that are text": (
        "1\\. a\n\n2 \\* 3 \\[a\\]\\(b\\)",
        "<p>1. a</p>",
        "1\\. a\n\n2 \\* 3 \\[a](b)",
    ),
}


# What leads to the features above, which have their names on the page.
REFERENCES = {
    "voir {eq}`e` et [](#e)": f'>(1)</a> et <a href="#e">l’équation{NB}(1)</a>',
    "voir {numref}`vue`": f'<a href="#vue">figure{NB}1</a>',
    "{numref}`Fig. %s <vue>`": '<a href="#vue">Fig. 1</a>',
    "voir [](#t), [le tableau](#t)": f'<a href="#t">tableau{NB}1</a>, <a href="#t">le tableau</a>',
    "{ref}`ici`, {ref}`là <ici>`": f'«{NB}Cible{NB}»</a>, <a href="#cible">là</a>',
    "[là](#titre)": '<a href="#titre">là</a>',
    "{doc}`../journal/jour-1`": ">Jour</a>",
    "{doc}`lui <../journal/jour-1>`": ">lui</a>",
    "[](../journal/jour-1.md), [](../journal/jour-1.html#ici)": '>Jour</a>, <a href="#cible">la',
    "[c](../notebooks/01_un.ipynb)": '<a href="carnet-un.html">c</a>',
    "{download}`la photo <photo.png>`": '<a href="downloads/photo-55c64d0f.png">la photo</a>',
    "{download}`photo.png`": '-55c64d0f.png"><code>photo.png</code></a>',
    "{cite:t}`he2016`, [@he2016]": ">He (2016)</a>, (<a href",
}

REFUSED = {
    "```{mermaid}\na\n```": "{mermaid}: no such directive: did you mean 'image'?",
    "```mermaid\na\n```": "```mermaid: nothing draws it: expected an image",
    ":::{tab-set}\na\n:::": "{tab-set}: no such directive: did you mean 'dropdown'?",
    ":::{grid}\na\n:::": "{grid}: no such directive: did you mean 'dropdown'?",
    "```{include} a.md\n```": "{include}: no such directive: did you mean 'code-block'?",
    "```{literalinclude} a\n```": "{literalinclude}: no such directive: did you mean 'code-block'?",
    "```{glossary}\na\n```": "{glossary}: no such directive: choose among: admonition, ",
    "```{epigraph}\na\n```": "{epigraph}: no such directive: did you mean 'note'?",
    "```{margin}\na\n```": "{margin}: no such directive: did you mean 'note'?",
    "```{prf:theorem} A\na\n```": "{prf:theorem}: no such directive: did you mean 'admonition'?",
    "```{exercise} A\na\n```": "{exercise}: no such directive: did you mean 'admonition'?",
    "```{code-cell} python\n1\n```": "{code-cell}: no such directive: did you mean 'embed'?",
    "```{notee}\na\n```": "{notee}: no such directive: did you mean 'note'?",
    "```{image} photo.png\n:widht: 3\n:alt: A\n```": (
        "{image} has no option 'widht': did you mean 'width'?"
    ),
    "{term}`a`": "{term}`a`: no such role: choose among: abbr, ",
    "{unknownrole}`a`": "{unknownrole}`a`: no such role: choose among: abbr, ",
    "{{ nom }}": "{{ nom }}: not a role as it is written: expected {eval}`nom`, in one piece",
    "{eval}`(x\n + 0)`": "{eval}: not a role as it is written: expected {eval}`expression`, in one",
    "$\\newcommand{\\R}{x}$": 'Unknown LaTeX command "\\newcommand": none of ',
    "$\\aplha{x}$": "Unknown LaTeX command \"\\aplha\": did you mean 'alpha'?",
    "| a |\n|---|\n| `b | c` |": "2 cells of 1: expected \\| for a bar inside a cell",
    "a ![b](photo.png){width=50%}": '{width=50%}: expected {name="value"}',
    "![b](../images/vue.png)": "a build makes it: expected [](#vue) to what a page shows",
    "![b](https://exemple.org/x.png)": "an image from elsewhere: expected a file of the project",
    "![b](phot.png)": "![b](phot.png): no such file: did you mean 'photo.png'?",
    "[a](data.csv)": "(data.csv): a file that is not published: expected {download}`data.csv`",
    "{download}`phot.png`": "{download}`phot.png`: no such file: did you mean 'photo.png'?",
    "{doc}`jour-9`": "(jour-9): a file that is not published: ",
    "[](#vuu)": "#vuu: no page shows it: did you mean 'vue'?",
    "{cite}`he2017`": "@he2017: no such work: did you mean 'he2016'?",
    "```{note} De {kbd}`a`\nb\n```": (
        "```{note} De: no fence, for a backtick follows: expected ~~~ in place of ```"
    ),
    "### A {#b}": "{#b}: expected (b)= alone on the line before",
    '<span style="color:red">a</span>': "<span style=…>: not published",
    "<script>a()</script>": "<script>: this tag is not published",
    '<iframe src="a"></iframe>': "<iframe>: this tag is not published",
    '<video src="a"></video>': "<video>: this tag is not published",
}
LISTED_WORKS = "@he2016\n\n```{bibliography}\n```"

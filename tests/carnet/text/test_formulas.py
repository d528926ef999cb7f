import re

import pytest

from carnet.text.formulas import mathml, plain


@pytest.mark.parametrize(
    ("formula", "elements"),
    [
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"\tfrac12", "<mn>1</mn><mn>2</mn>"),
        (r"\sum_{i=1}^{n} x_i", "munderover"),
        (r"\log p_t", "<mi>log</mi>"),
        (r"\left( x \right)", "<mo>(</mo>"),
        (r"\{ x \}", "<mo>{</mo>"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}", '<mo rspace="0.17em">{</mo>'),
        (r"a_{b_c}^d", "<msubsup>"),
    ],
)
def test_formulas_become_mathml(formula, elements):
    made = mathml(formula, block=True)
    assert made.startswith("<math ")
    assert elements in made


TWO_LINES = (
    "<mtr><mtd><mi>x</mi></mtd><mtd><mo>=</mo><mn>1</mn></mtd></mtr><mtr><mtd><mi>y</mi></mtd>"
)


@pytest.mark.parametrize("name", ["align", "align*", "aligned", "split", "eqnarray"])
def test_environments_of_several_lines(name):
    signs = ("&=&" if name == "eqnarray" else "&=",) * 2
    lines = r"x {} 1 \\ y {} 2".format(*signs)
    assert TWO_LINES in mathml(rf"\begin{{{name}}} {lines} \end{{{name}}}", block=True)


def test_an_equation_is_its_formula():
    assert plain(r"\begin{equation} \label{a} E = mc^2 \end{equation}").strip() == "E = mc^2"


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("", "an empty formula"),
        (r"\left( x", r"\left and \right do not come in pairs"),
        ("x_{", "a brace { or } without the other"),
        ("a}", "a brace { or } without the other"),
        ("a_b_c", "two _ on one symbol: expected braces"),
        ("a^b^c", "two ^ on one symbol"),
        (r"\aplha", "Unknown LaTeX command \"\\aplha\": did you mean 'alpha'?"),
        (r"\begin{alined} x \end{alined}", "not supported!: did you mean 'aligned'?"),
    ],
)
def test_a_formula_that_cannot_be_read_is_one_line(formula, told):
    with pytest.raises(ValueError) as caught:
        mathml(formula)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("latex", "spaces"),
    [(r"-\log p", "rspace"), (r"(1 - p)^2 \log p", "mspace rspace"), (r"\log (1 - p)", "")],
)
def test_functions_stand_apart_as_in_tex(latex, spaces):
    found = re.findall(r"mspace|rspace", mathml(latex))
    assert found == spaces.split()

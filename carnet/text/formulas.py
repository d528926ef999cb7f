"""Formulas: LaTeX as MathML, which browsers draw without a script, or why it cannot be."""

import functools
import re

from carnet.project.errors import nearest

# Environments that stand for a whole formula, and what draws them.
_WHOLES = ("equation", "align", "gather", "multline", "eqnarray")
_WHOLE = re.compile(
    rf"\s*\\begin\{{(?P<name>{'|'.join(_WHOLES)})(?P<star>\*?)\}}"
    r"(?P<body>[\s\S]*)\\end\{(?P=name)(?P=star)\}\s*"
)
_ALIGNED = re.compile(r"\\(begin|end)\{(?:split|gathered|alignedat)\}(?:\{\d+\})?")
_BRACES = re.compile(r"\\.|([{}])", re.DOTALL)
_SIDES = re.compile(r"\\(left|right)(?![a-zA-Z])")
_SCRIPT = r"(?:\{[^{}]*\}|\\[a-zA-Z]+|[^\s{}\\^_])"
_TWICE = re.compile(rf"(?<!\\)([_^])\s*{_SCRIPT}\s*\1")
_FRACTION = re.compile(r"\\([dt]?frac)\s*(\d)\s*(\d)")
_UNKNOWN = re.compile(r'(?:Environment|Unknown LaTeX command) "\\?(.*?)"(?: not supported!|\.)')
_APPLIED = re.compile(r"<mo>&ApplyFunction;</mo>(?!<mo[^>]*>[(\[])")
_FUNCTION = re.compile(r"(?:(?<=[binpw]>)|(?<=[)\]]</mo>))(?=<mi>\w{2,}</mi><mo[^>]*>&Apply)")
THIN = "0.1667em"  # what TeX leaves around the name of a function
_LABEL = re.compile(r"\\(?:label\{[^{}]*\}|nonumber|notag)")


@functools.lru_cache(maxsize=4096)
def mathml(latex: str, block: bool = False) -> str:
    """Return a formula as MathML.

    Raises:
        ValueError: it cannot be read, in one line.
    """
    from docutils.utils.math import MathError
    from docutils.utils.math.latex2mathml import tex2mathml

    _check(latex)
    try:
        return _spaced(re.sub(r">\s+<", "><", tex2mathml(plain(latex), as_block=block)))
    except MathError as error:
        unknown = _UNKNOWN.fullmatch(str(error))
        hint = f": {nearest(unknown[1], _known('Env' in unknown[0]))}" if unknown else ""
        raise ValueError(f"{str(error).rstrip('.')}{hint}") from None
    except (IndexError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"not a formula ({error})") from None


def _known(environments: bool) -> set[str]:
    """Return the environments, or the commands of two letters and more, that docutils draws."""
    from docutils.utils.math import latex2mathml

    if environments:
        return {*latex2mathml.matrices, *_WHOLES}
    tables = (table for table in vars(latex2mathml).values() if isinstance(table, dict))
    names = {name for table in tables for name in table if isinstance(name, str)}
    return {name for name in names if name.isalpha() and name.isascii() and len(name) > 1}


def _spaced(drawn: str) -> str:
    """Set functions apart as TeX does: "2 log p", and "log(p)" where a bracket follows."""
    drawn = _APPLIED.sub(f'<mo rspace="{THIN}">&ApplyFunction;</mo>', drawn)
    return _FUNCTION.sub(f'<mspace width="{THIN}"/>', drawn)


def plain(latex: str) -> str:
    """Return a formula in the environments that docutils draws, and forges between $$."""
    if whole := _WHOLE.fullmatch(latex):
        body, name = whole["body"].strip(), whole["name"]
        if name == "eqnarray":
            body = re.sub(r"&\s*([^&\\]+?)\s*&", r"&\1 ", body)
        wrapped = rf"\begin{{aligned}} {body} \end{{aligned}}"
        latex = body if name in ("equation", "gather", "multline") else wrapped
    latex = _FRACTION.sub(r"\\\1{\2}{\3}", _LABEL.sub("", latex))
    return _ALIGNED.sub(r"\\\1{aligned}", latex)


def _check(latex: str) -> None:
    """Refuse what docutils would draw as something else."""
    if not latex.strip():
        raise ValueError("an empty formula")
    depth = 0
    for brace in _BRACES.findall(latex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            break
    if depth:
        raise ValueError("a brace { or } without the other")
    sides = _SIDES.findall(latex)
    if sides.count("left") != sides.count("right"):
        raise ValueError(r"\left and \right do not come in pairs")
    if twice := _TWICE.search(latex):
        raise ValueError(f"two {twice[1]} on one symbol: expected braces, such as a_{{b_c}}")

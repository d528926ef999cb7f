"""What a second division by 255 lets one say of the first journal's score, in French.

That the network learns and that its measured accuracy collapses are told apart.
"""

from carnet import fr, fr_list, fr_percent, fr_plural
from lib.training.double_scaling import (
    COLLAPSED,
    COMPARABLE,
    SLOWED,
    UNDECIDED,
    DoubleScaling,
)

NAMED = 3  # epochs in one sentence; more are counted
LEARNING = {  # what each verdict on the training accuracy says of the hypothesis
    UNDECIDED: "L’essai ne permet pas de conclure : avec une seule division non plus, le modèle "
    "n’a pas dépassé le hasard sur l’entraînement.",
    COLLAPSED: "Divisées deux fois, les images n’apprennent rien au réseau : son exactitude "
    "pendant l’entraînement reste au niveau du hasard. Cela peut expliquer le score du premier "
    "journal.",
    SLOWED: "Malgré la double division, le réseau apprend, mais nettement plus lentement.",
    COMPARABLE: "Malgré la double division, le réseau apprend : son exactitude pendant "
    "l’entraînement est du même ordre qu’avec une seule.",
}


def conclusion(scaling: DoubleScaling) -> str:
    """Say whether the network learns, and whether the accuracy that is measured tells it."""
    learning = LEARNING[scaling.training]
    if scaling.training not in (SLOWED, COMPARABLE):
        return learning
    return f"{learning} {_measured(scaling)}"


def _measured(scaling: DoubleScaling) -> str:
    if not scaling.collapsed:
        return (
            "Mesurée après chaque époque, son exactitude ne s’effondre jamais : la double division "
            "n’explique pas le score du premier journal."
        )
    last = scaling.collapsed[-1]
    row = scaling.curves.set_index("epoch").loc[last]
    cause = "et mesurer les statistiques de la normalisation par lots n’y suffit pas"
    if scaling.repaired in (SLOWED, COMPARABLE):
        cause = (
            "surtout à cause des moyennes mobiles : avec des statistiques mesurées, elle est, à "
            f"l’époque {fr(last)}, de {fr_percent(row['measured_double'])} sur la validation, "
            f"contre {fr_percent(row['measured_reference'])} avec une seule division"
        )
    return (
        "Mais l’exactitude mesurée après l’époque, même sur les images d’entraînement, s’effondre "
        f"{_when(scaling.collapsed, scaling)}, {cause}. {_answer(scaling)}"
    )


def _answer(scaling: DoubleScaling) -> str:
    """Say whether that explains the first journal's score, given what happens without the fault."""
    may = (
        "Nous pensions tenir la cause : cela peut contribuer au score du premier journal, mais un "
        "seul entraînement ne le prouve"
    )
    if not scaling.reference_collapsed:
        return f"{may} pas."
    return (
        f"{may} pas, et cela arrive aussi avec une seule division, "
        f"{_when(scaling.reference_collapsed, scaling)}."
    )


def _when(epochs: list[int], scaling: DoubleScaling) -> str:
    """Say at which epochs an accuracy collapses: "aux époques 1 et 2 sur 10", or how many."""
    count = len(scaling.curves)
    if len(epochs) == count:
        return "à toutes les époques" if count > 1 else "à la seule époque"
    if len(epochs) > NAMED:
        return f"à {fr_plural(len(epochs), 'époque')} sur {fr(count)}"
    at = "à l’époque" if len(epochs) == 1 else "aux époques"
    return f"{at} {fr_list(list(map(fr, epochs)))} sur {fr(count)}"

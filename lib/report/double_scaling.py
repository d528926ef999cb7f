"""What a second division by 255 lets one say of the first journal's score, in French.

That the network learns and that its measured accuracy collapses are told apart.
"""

from carnet import fr, fr_percent, fr_plural
from lib.training.double_scaling import (
    COLLAPSED,
    COMPARABLE,
    SLOWED,
    UNDECIDED,
    DoubleScaling,
)

LEARNING = {  # what each verdict on the training accuracy says of the hypothesis
    UNDECIDED: "L’essai ne permet pas de conclure : le modèle de référence lui-même n’a pas encore "
    "dépassé le hasard sur l’entraînement.",
    COLLAPSED: "Divisées deux fois, les images n’apprennent rien au réseau : son exactitude "
    "pendant l’entraînement reste au niveau du hasard.",
    SLOWED: "Malgré la double division, le réseau apprend, mais nettement plus lentement.",
    COMPARABLE: "Malgré la double division, le réseau apprend : son exactitude pendant "
    "l’entraînement est du même ordre que celle du modèle de référence.",
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
    repaired = scaling.repaired in (SLOWED, COMPARABLE)
    cause = (
        "à cause des seules moyennes mobiles de la normalisation par lots : avec des statistiques "
        f"mesurées pour les mêmes poids, elle est de {_accuracy(scaling, 'measured')}"
        if repaired
        else "et mesurer les statistiques de la normalisation par lots n’y suffit pas"
    )
    return (
        f"Mais l’exactitude mesurée après l’époque, même sur les images d’entraînement, "
        f"s’effondre {_when(scaling.collapsed, scaling)}, {cause}. {_reference(scaling)}"
    )


def _reference(scaling: DoubleScaling) -> str:
    """Say whether the accuracy of the reference collapses too, measured in the same way."""
    if not scaling.reference_collapsed:
        return (
            "Celle du modèle de référence ne s’effondre à aucune époque : mesuré ainsi, un réseau "
            "qui apprend passerait, par la double division, pour n’avoir rien appris."
        )
    when = _when(scaling.reference_collapsed, scaling)
    return (
        f"Celle du modèle de référence s’effondre aussi, {when} : la double division n’est pas "
        "seule en cause."
    )


def _accuracy(scaling: DoubleScaling, measure: str) -> str:
    """Return the accuracy of the double division after the last epoch of its collapse."""
    row = scaling.curves.set_index("epoch").loc[scaling.collapsed[-1]]
    return f"{fr_percent(row[f'{measure}_double'], 1)} sur la validation"


def _when(epochs: list[int], scaling: DoubleScaling) -> str:
    """Say at which epochs an accuracy collapses."""
    count, last = len(scaling.curves), epochs[-1]
    until = "la dernière comprise" if last == count else f"la dernière fois à l’époque {last}"
    return f"à {fr_plural(len(epochs), 'époque')} sur {fr(count)}, {until}"

"""What a second division by 255 lets one say of the first journal's score, in French."""

from carnet import fr_percent, fr_plural
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
    COLLAPSED: "L’hypothèse est soutenue ici : divisées deux fois, les images n’apprennent rien "
    "au réseau, dont l’exactitude d’entraînement reste au niveau du hasard.",
    SLOWED: "L’hypothèse n’est soutenue qu’en partie : la double division ralentit nettement "
    "l’apprentissage, sans le réduire au hasard.",
    COMPARABLE: "L’hypothèse n’est pas soutenue ici : malgré la double division, le réseau "
    "apprend ; son exactitude d’entraînement dépasse nettement le hasard et reste du même ordre "
    "que celle du modèle de référence.",
}


def conclusion(scaling: DoubleScaling) -> str:
    """Say whether the double division explains the first journal's score."""
    return f"{LEARNING[scaling.training]} {_predictions(scaling)}".strip()


def reference_note(scaling: DoubleScaling) -> str:
    """Say what recalibration gives the reference: were its running statistics late too?"""
    last = scaling.curves.iloc[-1]
    late = scaling.reference_recalibrated > last["validation_accuracy_reference"]
    finding = "aussi étaient en retard" if late else "n’étaient donc pas en retard"
    return (
        "Recalculées de même, celles du modèle de référence donnent "
        f"{fr_percent(scaling.reference_recalibrated, 1)} : ses moyennes mobiles {finding} après "
        f"{fr_plural(int(last['epoch']), 'époque')}."
    )


def _predictions(scaling: DoubleScaling) -> str:
    """Say why predictions fail, where they do."""
    if scaling.validation != COLLAPSED:
        return ""
    if scaling.repaired in (SLOWED, COMPARABLE):
        return (
            "Les prédictions, elles, s’effondrent à la validation, mais par les seules moyennes "
            "mobiles de la normalisation par lots : recalculées, elles rendent au réseau "
            "ce qu’il a appris."
        )
    return (
        "Les prédictions s’effondrent à la validation, et recalculer les moyennes mobiles de la "
        "normalisation par lots n’y suffit pas."
    )

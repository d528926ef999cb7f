"""What the measures of attribution maps let one say, in French: verdicts and tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural
from lib.data.sizes import WHOLE_IMAGE, boxes_known
from lib.explanation.measures import ABOVE, BELOW, POINTLESS, UNCLEAR

NO_VERDICT = {UNCLEAR: "non concluant", POINTLESS: "sans objet"}
VERDICTS = {  # measured difference -> columns of verdicts -> what is said above and below 0
    "excess": {
        "verdict": ("plus que l’uniforme", "moins que l’uniforme"),
        "tracking": ("suit la voiture", "ne la suit pas"),
    },
    "change": {"verdict": ("davantage dans la boîte", "moins dans la boîte")},
    "gain": {"verdict": ("plus que le hasard", "moins que le hasard")},
}

SHARE_COLUMNS = {
    "method": "Méthode",
    "model": "Modèle",
    "share": "Part dans la boîte",
    "interval": "Intervalle à 95 %",
    "uniform": "Carte uniforme",
    "excess_interval": "Écart, intervalle à 95 %",
    "verdict": "Verdict",
    "swapped": "Autre boîte",
    "tracking": "Suivi",
}
COMPARISON_COLUMNS = {
    "method": "Méthode",
    "model": "Modèles",
    "change": "Différence",
    "interval": "Intervalle à 95 %",
    "verdict": "Verdict",
}
DELETION_COLUMNS = {
    "method": "Méthode",
    "model": "Modèle",
    "fall": "Baisse",
    "random": "Baisse au hasard",
    "gain": "Écart",
    "interval": "Écart, intervalle à 95 %",
    "verdict": "Verdict",
}


def in_french(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of `lib.explanation.measures` with its verdicts, and pairs of models, named.

    `table` is that of `measure_boxes`, `compare_models` or `measure_deletion`.
    """
    (difference,) = (name for name in VERDICTS if name in table)
    named = {
        column: table[column].map({ABOVE: above, BELOW: below} | NO_VERDICT)
        for column, (above, below) in VERDICTS[difference].items()
    }
    if "reference" in table:
        named["model"] = table["model"] + " contre " + table["reference"]
    return table.assign(**named)


def box_note(ratio: np.ndarray) -> str:
    """Say what the boxes (box-to-image ratios) allow to conclude."""
    if not boxes_known(ratio):
        return fr(
            "Ici toutes les boîtes couvrent l’image entière : la part vaut 100 % par construction, "
            "la mesure ne dit rien, et aucune conclusion n’en est tirée."
        )
    whole = int((ratio >= WHOLE_IMAGE).sum())
    note = f"La boîte occupe en moyenne {fr_percent(ratio.mean())} de l’image."
    if whole:
        note += f" Elle la couvre entière pour {fr_plural(whole, 'image')}, qui n’apprennent rien."
    return fr(note)


def summarise(table: pd.DataFrame, column: str = "verdict") -> str:
    """Say who got which verdict of a table `in_french`: "« … » pour Lime (v2) ; …".

    The unclear come last.
    """
    names = table["method"] + " (" + table["model"] + ")"
    groups = list(names.groupby(table[column], sort=False))
    if len(groups) == 1:
        return fr(f"« {groups[0][0]} » pour toutes les cartes")
    groups.sort(key=lambda group: group[0] == NO_VERDICT[UNCLEAR])
    return fr(" ; ".join(f"« {verdict} » pour {fr_list(list(who))}" for verdict, who in groups))


def display_table(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the `columns` of a table `in_french` under their French names, intervals in words."""
    shown = table.assign(interval=_intervals(table.low, table.high))
    if "excess" in table:
        shown["excess_interval"] = _intervals(table.excess_low, table.excess_high)
    return shown[list(columns)].rename(columns=dict(columns))


def _intervals(low: pd.Series, high: pd.Series) -> list[str]:
    return [
        f"{fr_percent(a, 1)} à {fr_percent(b, 1)}" if np.isfinite(a) else "—"
        for a, b in zip(low, high)
    ]

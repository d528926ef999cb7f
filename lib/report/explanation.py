"""What the explanations let one say, in French: verdicts, their matrix, and tables of measures."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural
from lib.data.sizes import WHOLE_IMAGE, boxes_known
from lib.explanation.deletion import CONTROLS
from lib.explanation.differences import ABOVE, BELOW, POINTLESS, UNCLEAR
from lib.explanation.interventions import (
    NO_BACKGROUND,
    NO_CAR,
    NO_SIGNATURE,
    OTHER_BACKGROUND,
    PLAIN,
)

NO_VERDICT = {UNCLEAR: "non concluant", POINTLESS: "sans objet"}
UNIFORM = {ABOVE: "plus que l’uniforme", BELOW: "moins que l’uniforme"}
TRACKING = {ABOVE: "suit la voiture", BELOW: "ne la suit pas"}
CHANGE = {ABOVE: "davantage dans la boîte", BELOW: "moins dans la boîte"}
LEARNT = {ABOVE: "ne montre que l’image", BELOW: "dépend de l’apprentissage"}
ACCURACY = {ABOVE: "hausse", BELOW: "baisse"}
LEANING = {  # of one model, of several
    ABOVE: ("s’appuie", "s’appuient", "sur la voiture plus que sur le décor"),
    BELOW: ("s’appuie", "s’appuient", "sur le décor plus que sur la voiture"),
    UNCLEAR: ("reste", "restent", "sans verdict : l’écart n’est pas concluant"),
    POINTLESS: ("reste", "restent", "sans verdict : les boîtes ne cachent rien"),
}
BEATEN = dict(zip(CONTROLS, ("le hasard", "la boîte", "l’autre carte")))
DOWN_TO = {"fc": "La sortie seule", "conv1": "Tout le réseau"}  # layers drawn again
INTERVENTIONS = {
    PLAIN: "Image entière",
    NO_BACKGROUND: "Décor caché",
    OTHER_BACKGROUND: "Décor d’une autre image",
    NO_SIGNATURE: "Voiture sans signature",
    NO_CAR: "Voiture cachée",
}


def verdicts_of(table: pd.DataFrame, said: Mapping[str, str], column: str = "verdict") -> pd.Series:
    """Return the verdicts of a table of measures in French, by (method, model)."""
    return _indexed(table, table[column].map(said | NO_VERDICT))


def deletion_verdicts(table: pd.DataFrame) -> pd.Series:
    """Return, by (method, model), which controls of `measure_deletion` a map beats, in French."""
    told = table[[f"{name}_verdict" for name in CONTROLS]].to_numpy()
    return _indexed(table, pd.Series([_beaten(row) for row in told], table.index))


def _beaten(told: np.ndarray) -> str:
    beaten = [BEATEN[name] for name, verdict in zip(CONTROLS, told) if verdict == ABOVE]
    if told[CONTROLS.index("random")] == BELOW:
        return "moins que le hasard"
    if not beaten:
        return NO_VERDICT[UNCLEAR]
    return "bat les trois témoins" if len(beaten) == len(CONTROLS) else f"bat {fr_list(beaten)}"


def _indexed(table: pd.DataFrame, told: pd.Series) -> pd.Series:
    return told.set_axis(pd.MultiIndex.from_frame(table[["method", "model"]]))


def summarise(told: pd.Series) -> str:
    """Say who got which verdict, those of one method together: "« … » pour Lime (v1 et v2) ; …".

    `told` is by (method, model). The verdict that most maps got is counted, not listed; where two
    are as frequent, both are listed, the unclear last.
    """
    counts = told.value_counts()
    if len(counts) == 1:
        return fr(f"« {told.iloc[0]} »" + (f" pour les {len(told)} cartes" * (len(told) > 1)))
    groups = sorted(
        told.groupby(told, sort=False),
        key=lambda group: (-len(group[1]), group[0] == NO_VERDICT[UNCLEAR]),
    )
    first = f"{len(groups[0][1])} cartes sur {len(told)}"
    shared = len(groups[0][1]) == len(groups[1][1])
    names = [_names(group.index) for _, group in groups]
    names = names if shared else [first, *names[1:]]
    return fr(" ; ".join(f"« {verdict} » pour {who}" for (verdict, _), who in zip(groups, names)))


def _names(keys: pd.MultiIndex) -> str:
    """Name methods with their models in brackets."""
    models = keys.to_frame(index=False).groupby("method", sort=False).model.apply(list)
    return fr_list([f"{method} ({fr_list(names)})" for method, names in models.items()])


def verdict_matrix(questions: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the verdicts by (method, model), one row each, under the question that they answer."""
    order = next(iter(questions.values())).index
    matrix = pd.DataFrame(questions).reindex(order).fillna("—")
    return matrix.rename_axis(["Méthode", "Modèle"]).reset_index()


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


def signature_note(synthetic: bool) -> str:
    """Say what is done to the signatures of makes, which only drawn cars have."""
    return fr(
        "Ces voitures étant dessinées, chacune l’est aussi à nouveau sans la signature de sa "
        "marque, les formes peintes sur son flanc."
        if synthetic
        else ""
    )


def interventions_alt(table: pd.DataFrame) -> str:
    """List the accuracies of `measure_interventions`: "Image entière : v1 76 %, v2 80 % ; …"."""
    parts = []
    for name, rows in table.groupby("intervention", sort=False):
        shares = [f"{row.model} {fr_percent(row.accuracy)}" for row in rows.itertuples()]
        parts.append(f"{INTERVENTIONS[name]} : {', '.join(shares)}")
    return fr(" ; ".join(parts))


def recorded(table: pd.DataFrame) -> list[dict]:
    """Return the rows of a table of measures as JSON holds them, None for NaN."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def leaning_sentence(leanings: pd.DataFrame) -> str:
    """Say on what each model relies, from `measure_leanings`: "v1 et v2 s’appuient sur…"."""
    sentences = []
    for verdict, rows in leanings.groupby("verdict", sort=False):
        one, several, what = LEANING[verdict]
        sentences.append(f"{fr_list(list(rows.model))} {one if len(rows) == 1 else several} {what}")
    return fr(" ; ".join(sentences))


def interventions_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `measure_interventions` as a French reader expects it."""
    return pd.DataFrame(
        {
            "Ce que voit le modèle": table.intervention.map(INTERVENTIONS),
            "Modèle": table.model,
            "Exactitude": [
                f"{fr_percent(row.accuracy)} {_span(row.low, row.high)}"
                for row in table.itertuples()
            ],
            "Écart à l’image entière": points(table, "change"),
            "p corrigé (Holm)": [_p(p) for p in table.p],
            "Verdict": table.verdict.map(ACCURACY | NO_VERDICT).fillna("—"),
        }
    )


def shares_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `measure_boxes` as a French reader expects it."""
    gaps = {"excess": "Écart à l’uniforme", "gain": "Écart à l’autre boîte"}
    return _measures(table, {"share": "Part dans la boîte"}, gaps)


def deletion_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `measure_deletion` as a French reader expects it."""
    gaps = dict(zip(CONTROLS, ("au hasard", "à la boîte", "à l’autre carte")))
    gaps = {f"over_{name}": f"Écart {control}" for name, control in gaps.items()}
    return _measures(table, {"fall": "Baisse"}, gaps)


def _measures(
    table: pd.DataFrame, level: Mapping[str, str], gaps: Mapping[str, str]
) -> pd.DataFrame:
    shown = table[["method", "model", "count", *level]].rename(
        columns={"method": "Méthode", "model": "Modèle", "count": "Images", **level}
    )
    return shown.assign(**{heading: points(table, name) for name, heading in gaps.items()})


def points(table: pd.DataFrame, name: str) -> list[str]:
    """Write differences of shares with their intervals: "+12,3 pt [8,1 ; 16,5]"."""
    return [
        f"{'+' * (mean > 0)}{fr(100 * mean, 1)}\N{NO-BREAK SPACE}pt {_span(low, high, 1)}"
        if np.isfinite(mean)
        else "—"
        for mean, low, high in zip(table[name], table[f"{name}_low"], table[f"{name}_high"])
    ]


def cascade_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the correlations of `measure_randomisation` by method, the layers drawn as columns."""
    told = table.assign(
        told=[
            f"{fr(row.correlation)} [{fr(row.correlation_low)} ; {fr(row.correlation_high)}]"
            for row in table.itertuples()
        ]
    )
    layers = {layer: DOWN_TO.get(layer, f"et « {layer} »") for layer in table.down_to.unique()}
    shown = told.pivot(index="method", columns="down_to", values="told").reindex(
        index=table.method.unique(), columns=list(layers)
    )
    return shown.rename(columns=layers).rename_axis(index="Méthode", columns=None).reset_index()


def _span(low: float, high: float, digits: int = 0) -> str:
    space = "\N{NO-BREAK SPACE}"
    return f"[{fr(100 * low, digits)}{space};{space}{fr(100 * high, digits)}]"


def _p(p: float) -> str:
    if not np.isfinite(p):
        return "—"
    return "< 0,001" if p < 0.001 else fr(p, 3)

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
from lib.report.names import NBSP, p_value, share, span

# Verdicts, each a verb and what follows, for one map; PLURALS gives the verbs of several.
NO_VERDICT = {UNCLEAR: "ne permet pas de conclure", POINTLESS: "n’a rien à mesurer"}
UNIFORM = {ABOVE: "dépasse l’uniforme", BELOW: "reste sous l’uniforme"}
TRACKING = {ABOVE: "suit la boîte", BELOW: "évite la boîte"}
CHANGE = {ABOVE: "se resserre sur la boîte", BELOW: "s’écarte de la boîte"}
LEARNT = {ABOVE: "ne montre que l’image", BELOW: "dépend de l’apprentissage"}
LEANING = {
    ABOVE: "s’appuie sur le sujet plus que sur le décor",
    BELOW: "s’appuie sur le décor plus que sur le sujet",
    UNCLEAR: "ne penche nettement d’aucun côté",
    POINTLESS: "ne se juge pas, car les boîtes ne cachent rien",
}
PLURALS = {
    "reste": "restent",
    "n’a": "n’ont",
    "ne permet": "ne permettent",
    "ne penche": "ne penchent",
    "ne se juge": "ne se jugent",
    "dépasse": "dépassent",
    "suit": "suivent",
    "évite": "évitent",
    "se resserre": "se resserrent",
    "s’écarte": "s’écartent",
    "ne montre": "ne montrent",
    "dépend": "dépendent",
    "s’appuie": "s’appuient",
    "bat": "battent",
    "fait": "font",
}
BEATEN = dict(zip(CONTROLS, ("le hasard", "la boîte", "l’autre carte")))
DOWN_TO = {"fc": "La sortie seule", "conv1": "Tout le réseau"}  # layers drawn again
ACCURACY = {ABOVE: "hausse", BELOW: "baisse", UNCLEAR: "non concluant", POINTLESS: "sans objet"}
INTERVENTIONS = {
    PLAIN: "Image entière",
    NO_BACKGROUND: "Décor caché",
    OTHER_BACKGROUND: "Décor d’une autre image",
    NO_SIGNATURE: "Sans signature de marque",
    NO_CAR: "Sujet caché",
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
        return "fait moins que le hasard"
    if not beaten:
        return NO_VERDICT[UNCLEAR]
    return "bat les trois témoins" if len(beaten) == len(CONTROLS) else f"bat {fr_list(beaten)}"


def _indexed(table: pd.DataFrame, told: pd.Series) -> pd.Series:
    return told.set_axis(pd.MultiIndex.from_frame(table[["method", "model"]]))


def agreed(verdict: str, count: int) -> str:
    """Put the verb of a verdict in the plural: ("suit la boîte", 2) -> "suivent la boîte"."""
    verb = next(verb for verb in PLURALS if verdict.startswith(f"{verb} "))
    return PLURALS[verb] + verdict.removeprefix(verb) if count > 1 else verdict


def summarise(told: pd.Series) -> str:
    """Say who got which verdict: "6 cartes sur 8 suivent la boîte ; Grad-CAM (v1 et v2) reste…".

    `told` is by (method, model). The verdict that most maps got is counted; the others are named,
    the fewest last, and of two as frequent the unclear one.
    """
    counts = told.value_counts()
    if len(counts) == 1:
        every = "la seule carte" if len(told) == 1 else f"les {len(told)} cartes"
        return fr(f"{every} {agreed(told.iloc[0], len(told))}")
    order = sorted(counts.index, key=lambda it: (-counts[it], it == NO_VERDICT[UNCLEAR]))
    groups = {verdict: told[told == verdict].index for verdict in order}
    parts = [_named(keys, verdict) for verdict, keys in groups.items()]
    if counts[order[0]] > counts[order[1]]:
        most = counts[order[0]]
        parts[0] = f"{fr_plural(most, 'carte')} sur {len(told)} {agreed(order[0], most)}"
    return fr(" ; ".join(parts))


def _named(keys: pd.MultiIndex, verdict: str) -> str:
    """Name methods with their models in brackets, and their verdict."""
    models = keys.to_frame(index=False).groupby("method", sort=False).model.apply(list)
    names = fr_list([f"{method} ({fr_list(names)})" for method, names in models.items()])
    return f"{names} {agreed(verdict, len(models))}"


def leaning_sentence(leanings: pd.DataFrame) -> str:
    """Say on what each model relies, from `measure_leanings`: "v1 et v2 s’appuient sur…"."""
    groups = leanings.groupby("verdict", sort=False).model.apply(list)
    return fr(
        " ; ".join(
            f"{fr_list(names)} {agreed(LEANING[verdict], len(names))}"
            for verdict, names in groups.items()
        )
    )


def accuracy_by_model(table: pd.DataFrame, intervention: str) -> str:
    """List the accuracies under one of the interventions: "76 % (v1) et 86 % (v2)"."""
    rows = table[table.intervention == intervention].itertuples()
    return fr_list([f"{fr_percent(row.accuracy)} ({row.model})" for row in rows])


def interventions_alt(table: pd.DataFrame) -> str:
    """List accuracies by intervention: "Image entière : 76 % (v1) et 80 % (v2) ; …"."""
    return fr(
        " ; ".join(
            f"{INTERVENTIONS[name]} : {accuracy_by_model(table, name)}"
            for name in table.intervention.unique()
        )
    )


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
            "et aucune conclusion n’en est tirée."
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


def recorded(table: pd.DataFrame) -> list[dict]:
    """Return the rows of a table of measures as JSON holds them, None for NaN."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def interventions_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `measure_interventions` as a French reader expects it."""
    return pd.DataFrame(
        {
            "Ce que voit le modèle": table.intervention.map(INTERVENTIONS),
            "Modèle": table.model,
            "Exactitude": [share(row.accuracy, (row.low, row.high)) for row in table.itertuples()],
            "Écart à l’image entière": differences(table, "change"),
            "p corrigé (Holm)": table.p.map(p_value),
            "Verdict": table.verdict.map(ACCURACY).fillna("—"),
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
    return shown.assign(**{heading: differences(table, name) for name, heading in gaps.items()})


def differences(table: pd.DataFrame, name: str) -> list[str]:
    """Write differences of shares with their intervals: "+12 pt [8 ; 17]"."""
    return [
        f"{'+' * (round(100 * mean) > 0)}{fr(100 * mean, 0)}{NBSP}pt {span((low, high))}"
        if np.isfinite(mean)
        else "—"
        for mean, low, high in zip(table[name], table[f"{name}_low"], table[f"{name}_high"])
    ]


def cascade_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the correlations of `measure_randomisation` by method, the layers drawn as columns."""
    written = [
        f"{fr(row.correlation)} [{fr(row.correlation_low)}{NBSP};{NBSP}{fr(row.correlation_high)}]"
        for row in table.itertuples()
    ]
    layers = {layer: DOWN_TO.get(layer, f"et « {layer} »") for layer in table.down_to.unique()}
    shown = table.assign(told=written).pivot(index="method", columns="down_to", values="told")
    shown = shown.reindex(index=table.method.unique(), columns=list(layers)).rename(columns=layers)
    return shown.rename_axis(index="Méthode", columns=None).reset_index()

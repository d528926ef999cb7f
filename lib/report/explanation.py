"""What the explanations let one say, in French: verdicts, their matrix, and tables of measures."""

from collections.abc import Mapping, Sequence

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
from lib.training.makes import MakeErrors

# Verdicts, each a verb and what follows, for one map; PLURALS gives the verbs of several.
NO_VERDICT = {UNCLEAR: "ne permet pas de conclure", POINTLESS: "n’a rien à mesurer"}
UNIFORM = {ABOVE: "dépasse l’uniforme", BELOW: "reste sous l’uniforme"}
TRACKING = {ABOVE: "suit la boîte", BELOW: "évite la boîte"}
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
    "ne montre": "ne montrent",
    "dépend": "dépendent",
    "s’appuie": "s’appuient",
    "bat": "battent",
    "fait": "font",
}
BEATEN = dict(zip(CONTROLS, ("le hasard", "le hasard dans la boîte", "l’autre carte")))
BEATS_ALL = "bat les trois témoins"
SAME = "same"  # nothing is drawn again but what the method itself draws
DOWN_TO = {SAME: "Même réseau, autre tirage", "fc": "La sortie seule", "conv1": "Tout le réseau"}
ACCURACY = {ABOVE: "hausse", BELOW: "baisse", POINTLESS: "sans objet"}
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
    """Return, by (method, model), what a map does beside its controls of `measure_deletion`."""
    told = table[[f"{name}_verdict" for name in CONTROLS]].to_numpy()
    return _indexed(table, pd.Series([_beaten(row) for row in told], table.index))


def _beaten(told: np.ndarray) -> str:
    beaten, better = (
        [BEATEN[name] for name, verdict in zip(CONTROLS, told) if verdict == looked_for]
        for looked_for in (ABOVE, BELOW)
    )
    if len(beaten) == len(CONTROLS):
        return BEATS_ALL
    parts = [f"bat seulement {fr_list(beaten)}"] if beaten else []
    if better:
        parts.append(f"fait moins bien que {fr_list(better)}")
    return " et ".join(parts) or NO_VERDICT[UNCLEAR]


def _indexed(table: pd.DataFrame, told: pd.Series) -> pd.Series:
    return told.set_axis(pd.MultiIndex.from_frame(table[["method", "model"]]))


def agreed(verdict: str, count: int) -> str:
    """Put the verb of a verdict in the plural: ("suit la boîte", 2) -> "suivent la boîte"."""
    verb = next(verb for verb in PLURALS if verdict.startswith(f"{verb} "))
    plural = PLURALS[verb] + verdict.removeprefix(verb).replace(" et fait ", " et font ")
    return plural if count > 1 else verdict


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


def faithful_count(told: pd.Series) -> str:
    """Count the maps that beat all controls, from `deletion_verdicts`."""
    count = int((told == BEATS_ALL).sum())
    if not count:
        return fr(f"aucune des {len(told)} cartes ne bat les trois témoins")
    return fr(f"{count} des {len(told)} cartes {agreed(BEATS_ALL, count)}")


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


def car_finding(table: pd.DataFrame, leanings: pd.DataFrame) -> str:
    """Tell accuracies with the background and the subject hidden, and what they say of models."""
    told = leaning_sentence(leanings)
    if (leanings.verdict == POINTLESS).all():
        return fr(f"Sans boîtes, rien ne sépare le sujet du décor : {told}.")
    plain, background, car = (
        accuracy_by_model(table, name) for name in (PLAIN, NO_BACKGROUND, NO_CAR)
    )
    return fr(
        f"L’exactitude est de {plain} sur l’image entière, de {background} décor caché et de "
        f"{car} sujet caché : {told}."
    )


def signature_note(synthetic: bool) -> str:
    """Say what is done to the signatures of makes, which only drawn cars have."""
    return fr(
        "Ces voitures étant dessinées, chacune l’est aussi à nouveau sans la signature de sa "
        "marque, les formes peintes sur son flanc (aucune voiture d’entraînement n’en est privée : "
        "une telle image surprend aussi). Leur décor est tiré sans égard à la classe : le cacher "
        "ne devrait rien coûter, et contrôle surtout l’expérience."
        if synthetic
        else ""
    )


def signature_finding(table: pd.DataFrame, errors: Sequence[MakeErrors]) -> str:
    """Say what answers lose with the signatures of makes; nothing where there are none to hide.

    `errors` are those of v2 with the signatures and without.
    """
    rows = table[table.intervention == NO_SIGNATURE]
    if rows.empty:
        return fr("")
    verb = "tombe" if (rows.verdict == BELOW).any() else "ne change pas de façon établie, et passe"
    after = accuracy_by_model(table, NO_SIGNATURE)
    told = f"Sans la signature de la marque, l’exactitude {verb} à {after}"
    if all(found.errors and (found.table["classes"] > 1).any() for found in errors):
        shares = [share(found.within, (found.low, found.high)) for found in errors]
        told += f", et, des erreurs de v2, la part qui reste dans la marque, de {shares[0]}, passe "
        told += f"à {shares[1]}"
    return fr(f"{told}.")


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
            "p corrigée (Holm)": table.p.map(p_value),
            "Verdict": [_accuracy_verdict(row) for row in table.itertuples()],
        }
    )


def coarse_note(side: int, cells: int, size: int) -> str:
    """Say what judges a map of `side` × `side` cells when finer squares are hidden, or nothing."""
    if side >= cells:
        return fr("")
    return fr(
        f"Ici, à {fr(size)} pixels, l’épreuve juge la carte de {fr(side)} × {fr(side)} cases de "
        f"Grad-CAM par {fr(cells)} × {fr(cells)} carrés : c’est sa finesse qu’elle juge, non "
        "Grad-CAM en général."
    )


def _accuracy_verdict(row: tuple) -> str:
    if row.verdict != UNCLEAR:
        return ACCURACY.get(row.verdict, "—")
    most = f" de plus de {fr(-100 * row.change_low, 0)}{NBSP}pt" if row.change_low < 0 else ""
    return f"pas de baisse{most}"


def blank_note(shares: pd.DataFrame, maps: Mapping[tuple[str, str], np.ndarray]) -> str:
    """Count the maps that mark nothing, from `measure_boxes`: they have no share and no fall."""
    blank = {
        f"{row.method} ({row.model})": len(maps[row.model, row.method]) - row.kept
        for row in shares.rename(columns={"count": "kept"}).itertuples()
    }
    told = [f"{fr(count)} pour {name}" for name, count in blank.items() if count]
    if not told:
        return fr("")
    return fr(f"Les cartes sans valeur positive sont laissées de côté : {fr_list(told)}.")


def shares_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `measure_boxes` as a French reader expects it."""
    gaps = {"excess": "Écart à l’uniforme", "gain": "Écart à l’autre boîte"}
    return _measures(table, {"share": "Part dans la boîte"}, gaps)


def deletion_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of `measure_deletion` as a French reader expects it."""
    gaps = dict(zip(CONTROLS, ("au hasard", "à la boîte", "à l’autre carte")))
    gaps = {f"over_{name}": f"Écart {control}" for name, control in gaps.items()}
    falls = [f"{fr(100 * fall, 0)}{NBSP}pt" if np.isfinite(fall) else "—" for fall in table.fall]
    return _measures(table.assign(fall=falls), {"fall": "Baisse"}, gaps)


def _measures(
    table: pd.DataFrame, level: Mapping[str, str], gaps: Mapping[str, str]
) -> pd.DataFrame:
    shown = table[["method", "model", "count", *level]].rename(
        columns={"method": "Méthode", "model": "Modèle", "count": "Images", **level}
    )
    return shown.assign(**{heading: differences(table, name) for name, heading in gaps.items()})


def differences(table: pd.DataFrame, name: str) -> list[str]:
    """Write differences of shares with their intervals: "+12 pt [8 ; 17]"."""
    columns = (table[name], table[f"{name}_low"], table[f"{name}_high"])
    return [_difference(*row) if np.isfinite(row[0]) else "—" for row in zip(*columns)]


def _difference(mean: float, low: float, high: float) -> str:
    """Write with one decimal where a bound would be 0, so that its sign is seen."""
    digits = int(any(abs(100 * bound) < 0.5 for bound in (low, high)))
    sign = "+" * (round(100 * mean, digits) > 0)
    return f"{sign}{fr(100 * mean, digits)}{NBSP}pt {span((low, high), digits)}"


def cascade_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the correlations of `measure_randomisation` by method, the layers drawn as columns."""
    written = [
        "— (cartes plates)"
        if row.flat
        else f"{fr(row.correlation)} "
        f"[{fr(row.correlation_low)}{NBSP};{NBSP}{fr(row.correlation_high)}]"
        for row in table.itertuples()
    ]
    layers = {layer: DOWN_TO.get(layer, f"et « {layer} »") for layer in table.down_to.unique()}
    shown = table.assign(told=written).pivot(index="method", columns="down_to", values="told")
    shown = shown.reindex(index=table.method.unique(), columns=list(layers)).rename(columns=layers)
    shown = shown.fillna("—")
    return shown.rename_axis(index="Méthode", columns=None).reset_index()

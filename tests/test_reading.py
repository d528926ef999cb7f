"""What a reader stumbles on is found, and what is well said is left alone."""

import pytest

from tests.reading import faults, unseen_numbers

PAGE = """
## Résultats

| Mesure | Ici |
| :--- | ---: |
| Exactitude | 76,2 % |

*Tableau 1 — Scores.*

![Barres : 12 classes.](../images/a.png)

Critère : au-dessus de 10 points. Le modèle reconnaît 76 % [70 ; 82] des images. {}
"""


@pytest.mark.parametrize(
    "sentence",
    [
        *("**Verdict : **", "Il vaut « ».", "Voir le ().", "La plus petite, .", "Soit nan points."),
        *("Soit None.", "Il reste 3 images .", "{eval}`x`", "Conclusion : ."),
        "Le modèle surapprend. Le modèle ne surapprend ni ne sous-apprend.",
    ],
)
def test_sentences_without_content_and_contradictions_are_found(sentence):
    assert len(faults(PAGE.format(sentence))) >= 1


def test_a_page_that_reads_well_is_left_alone():
    assert faults(PAGE.format("« Oui » ; puis 3 % : rien. Et un tiret : …")) == []


@pytest.mark.parametrize(
    ("sentence", "unseen"),
    [("Soit 76,2 %, ou 12 %.", 0), ("Soit 75 %.", 1), ("Soit 76,3 points.", 1)],
)
def test_numbers_of_the_prose_are_those_of_a_table_or_a_figure(sentence, unseen):
    assert len(unseen_numbers(PAGE.format(sentence))) == unseen

from carnet.text.slugs import slug, unique_slug


def test_slugs_have_no_accents():
    assert slug("Répartition des classes : l'été") == "repartition-des-classes-l-ete"
    assert slug("L\u2019été", "_") == "l_ete"
    assert slug("???") == ""


def test_anchors_are_unique():
    assert unique_slug("Bilan", {"bilan", "bilan-2"}) == "bilan-3"
    assert unique_slug("???", set()) == "section"

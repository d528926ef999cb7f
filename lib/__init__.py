"""The library of the cars, which the notebooks share; `carnet` builds the journal."""

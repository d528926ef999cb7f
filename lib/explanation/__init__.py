"""Why a model predicts what it predicts: attribution maps, and how far to trust them."""

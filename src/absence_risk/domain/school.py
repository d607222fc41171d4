"""Schools and the authorities that keep them."""

#: An authority number that DfE has given to nobody: the made-up authority's. A store of its schools alone is stamped
#: as made up, and so is every model, card and list that comes from it.
MADE_UP_LA = "991"

"""The logbook beside a store: which test years were opened, how each model was judged, who overrode what."""

from .book import Logbook
from .entries import Gate, GateState, Opening, Override, Standing

__all__ = ["Gate", "GateState", "Logbook", "Opening", "Override", "Standing"]

"""Statutory returns in, canonical tables out: the only room, with the support list, that ever sees a UPN."""

"""The contributions of one leaf, for every way in which a row can answer it.

A leaf adds its value to a row that is accepted at every feature j of its path. With o_j = 1 if the row is accepted at
j and 0 if not, and r_j the share of training rows that were, the path-dependent game of TreeSHAP (Lundberg et al.,
2020, doi:10.1038/s42256-019-0138-9) gives a coalition S the value v * prod_{j in S} o_j * prod_{j not in S} r_j.
The Shapley weight of s of the d - 1 others is the integral of x^s (1-x)^(d-1-s) over 0 to 1, so the sum over all
coalitions is one integral of a polynomial of degree d - 1:

    contribution of i = v * (o_i - r_i) * integral of prod_{j != i} (r_j (1-x) + o_j x) dx

Gauss-Legendre quadrature with d / 2 points has no error for this degree, and every factor is positive, so the sum is
good to a few units of the last place. (The multilinear extension is Owen's, 1972, doi:10.1287/mnsc.18.5.64.)
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .trees import Leaf

Array = np.ndarray[Any, np.dtype[Any]]

MOST_FEATURES = 16


@cache
def rule(features: int) -> tuple[Array, Array]:
    """Points and weights on 0 to 1 that integrate the polynomials of this many features without error."""
    nodes, weights = np.polynomial.legendre.leggauss((features + 1) // 2)
    return (nodes + 1) / 2, weights / 2


def factors(leaf: Leaf) -> Array:
    """r (1-x) + o x at every point: shape (features of the leaf, 2 for o = 0 and 1, points)."""
    x, _ = rule(len(leaf.features))
    shares = np.array(leaf.shares)[:, None, None]
    answers = np.array([0.0, 1.0])[None, :, None]
    return np.asarray(shares * (1 - x) + answers * x)


def slopes(leaf: Leaf) -> Array:
    """(o - r) divided by its factor: shape as ``factors``. Times the product of all factors, it leaves i's own out."""
    shares = np.array(leaf.shares)[:, None, None]
    answers = np.array([0.0, 1.0])[None, :, None]
    return np.asarray((answers - shares) / factors(leaf))


def products(parts: Array, start: Array) -> Array:
    """Products over features for every pattern of answers, times ``start``: shape (2 ** features, points).

    Bit k of a pattern is the answer at the k-th feature.
    """
    found = start[None, :]
    for part in parts:
        found = np.concatenate([found * part[0], found * part[1]])
    return found


def contributions_by_pattern(leaf: Leaf) -> Array:
    """What each feature of a leaf adds (log-odds), for every pattern: shape (features, 2 ** features)."""
    count = len(leaf.features)
    weighted = products(factors(leaf), leaf.value * rule(count)[1])
    pattern = np.arange(1 << count)
    steps = slopes(leaf)
    return np.stack([(weighted * steps[k, pattern >> k & 1]).sum(axis=1) for k in range(count)])

"""Made-up identifiers and names: UPNs with true check letters, temporary UPNs, and the faults planted on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..domain.pupil import CHECK_LETTERS
from . import parameters as par
from .columns import coded
from .life import Authority
from .streams import streams

if TYPE_CHECKING:
    import pyarrow as pa

_SURNAMES = (
    "Abara", "Bartle", "Cassidy-Moor", "Dunmore", "Eastham", "Farouk", "Gillow", "Hartnoll", "Ibsen", "Jowett", "Kaur",
    "Lomax", "Mbeki", "Null", "Okoro", "Pellow", "Quarmby", "Rashid", "Sowerby", "Tamblyn", "Underhill", "Verma",
    "Whitlow", "Yeadon", "Zielinski", "O'Dowd", "NA", "Ångström",
)  # fmt: skip
_FORENAMES = (
    "Ada", "Bram", "Cerys", "Dov", "Elif", "Finlay", "Greta", "Hari", "Imogen", "Jude", "Keziah", "Linus", "Maya",
    "Niall", "Orla", "Priya", "Quentin", "Rowan", "Safiya", "Tomasz", "Una", "Vikram", "Wren", "Xanthe", "Yusuf",
    "Zara",
)  # fmt: skip


def check_letters(tails: np.ndarray) -> np.ndarray:
    """Check-letter places (0 to 22) for UPN tails given as 12 columns of character values."""
    return (tails * np.arange(2, 14)).sum(axis=1) % 23


def _running_number(keys: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... within equal keys, in order of appearance."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    starts = np.concatenate([[True], ranked[1:] != ranked[:-1]])
    first = np.maximum.accumulate(np.where(starts, np.arange(len(keys)), 0))
    number = np.empty(len(keys), np.int64)
    number[order] = np.arange(len(keys)) - first
    return number


def _digits(values: np.ndarray, width: int) -> np.ndarray:
    return (values[:, None] // 10 ** np.arange(width - 1, -1, -1)) % 10


def _text(letters: np.ndarray, tails: np.ndarray, last_is_letter: np.ndarray) -> np.ndarray:
    alphabet = np.frombuffer(CHECK_LETTERS.encode(), np.uint8)
    grid = np.empty((len(letters), 13), np.uint8)
    grid[:, 0] = alphabet[letters]
    grid[:, 1:] = tails + ord("0")
    grid[:, 12] = np.where(last_is_letter, alphabet[tails[:, 11]], grid[:, 12])
    return grid.view("S13").ravel().astype("U13")


@dataclass
class Identities:
    """``permanent`` and ``temporary`` UPNs ('' where there was no temporary one), and the day the permanent one came.

    A UPN with a wrong check letter stays wrong for ever: it still names the same child.
    """

    permanent: np.ndarray
    temporary: np.ndarray
    permanent_from: np.ndarray
    wrong_letter: np.ndarray
    surname: np.ndarray
    forename: np.ndarray

    def upn_on(self, day: int, pupil: np.ndarray) -> np.ndarray:
        """The UPN in use on a day."""
        return np.where(self.permanent_from[pupil] > day, self.temporary[pupil], self.permanent[pupil])

    def former_on(self, day: int, pupil: np.ndarray) -> np.ndarray:
        """The former UPN that a return of that day states; '' if none."""
        return np.where(self.permanent_from[pupil] > day, "", self.temporary[pupil])

    def surnames(self, pupil: np.ndarray) -> pa.Array:
        return coded(_SURNAMES, self.surname[pupil])

    def forenames(self, pupil: np.ndarray) -> pa.Array:
        return coded(_FORENAMES, self.forename[pupil])


def make_identities(authority: Authority) -> Identities:
    """A UPN for every pupil: issued by the first school, or by another authority for pupils who came later."""
    pupils, seed = authority.pupils, authority.seed
    n, rng = len(pupils), streams(seed, 0, 4)
    newcomer = pupils.arrive > pupils.arrive.min() + 400
    newcomer &= authority.first - 2 - pupils.cohort > 0
    issuer = np.where(
        newcomer, np.array(par.OTHER_AUTHORITIES)[rng.integers(0, len(par.OTHER_AUTHORITIES), n)], par.LA
    )
    estab = np.where(
        newcomer,
        2_001 + rng.integers(0, 90, n),
        2_001 + rng.integers(0, len(authority.schools.of_phase(0)), n),
    )
    entry = (pupils.cohort % 100).astype(np.int64)
    key = (issuer * 10_000 + estab) * 100 + entry
    serial = _running_number(key)
    overflow = serial // 1_000  # a very full school borrows the next establishment's numbers
    tails = np.hstack(
        [
            _digits(issuer, 3),
            _digits(estab + 300 * overflow, 4),
            _digits(entry, 2),
            _digits(serial % 1_000, 3),
        ]
    )
    letters = check_letters(tails)
    wrong = rng.random(n) < par.WRONG_LETTER_SHARE
    letters = np.where(wrong, (letters + 5) % 23, letters)
    temporary, permanent_from = _temporary(pupils.arrive, newcomer, rng)
    return Identities(
        permanent=_text(letters, tails, np.zeros(n, bool)),
        temporary=temporary,
        permanent_from=permanent_from,
        wrong_letter=wrong,
        surname=rng.integers(0, len(_SURNAMES), n),
        forename=rng.integers(0, len(_FORENAMES), n),
    )


def _temporary(
    arrive: np.ndarray, newcomer: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    n = len(arrive)
    has = np.flatnonzero(newcomer & (rng.random(n) < par.TEMPORARY_UPN_SHARE))
    count = np.arange(len(has))
    tails = np.hstack(
        [
            np.broadcast_to(_digits(np.array([par.LA]), 3), (len(has), 3)),
            _digits(4_500 + count // 2_300, 4),
            np.broadcast_to(np.array([9, 9]), (len(has), 2)),
            _digits(count // 23 % 100, 2),
            (count % 23)[:, None],
        ]
    )
    temporary = np.full(n, "", "U13")
    temporary[has] = _text(check_letters(tails), tails, np.ones(len(has), bool))
    permanent_from = np.zeros(n, np.int64)
    permanent_from[has] = arrive[has] + rng.integers(60, 500, len(has))
    return temporary, permanent_from

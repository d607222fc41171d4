"""UPN to pupil_id: a keyed pseudonym that stays the same across returns and years, and says nothing without the key.

A bare hash of a UPN is undone in seconds by trying every UPN; HMAC-SHA-256 with a secret key is not. The key belongs
in a safe place apart from the store (ICO, pseudonymisation guidance, March 2025).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import KeyFileError
from ..files import whole_file

KEY_VARIABLE = "ABSENCE_RISK_KEY_FILE"
KEY_BYTES = 32
_PUPIL_LABEL = b"absence_risk/pupil/v1:"
_KEY_LABEL = b"absence_risk/key-id/v1"
#: A key of 32 random bytes has fewer than 16 different ones about never; a typed or sample key often has.
_FEWEST_DIFFERENT_BYTES = 16
_MAKE_ONE = "make one with: absence-risk key new FILE"


@dataclass(frozen=True)
class Key:
    """The secret key of an authority's pseudonyms; it never shows itself when printed.

    Raises
    ------
    KeyFileError
        If it is not 32 bytes, or plainly not random.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise KeyFileError(
                f"the pseudonym key must be {KEY_BYTES} bytes, this one is {len(self.secret)}; {_MAKE_ONE}"
            )
        steps = {(b - a) % 256 for a, b in zip(self.secret, self.secret[1:], strict=False)}
        if len(set(self.secret)) < _FEWEST_DIFFERENT_BYTES or len(steps) == 1:
            raise KeyFileError(f"the pseudonym key is a sample or was typed by hand, not random; {_MAKE_ONE}")

    @property
    def key_id(self) -> str:
        """16 hexadecimal characters that name the key without giving it away; stored with every output."""
        return hmac.new(self.secret, _KEY_LABEL, hashlib.sha256).hexdigest()[:16]

    def pupil_id(self, upn: str) -> str:
        """32 hexadecimal characters (128 bits) for a normalised UPN.

        >>> import hashlib
        >>> key = Key(hashlib.sha256(b"documentation").digest())
        >>> key.pupil_id("P207000016049") == key.pupil_id("P207000016049"), len(key.pupil_id("P207000016049"))
        (True, 32)
        """
        return hmac.new(self.secret, _PUPIL_LABEL + upn.encode("utf-8"), hashlib.sha256).hexdigest()[:32]


def read_key(path: Path | None = None) -> Key:
    """The key from ``path``, or from the file that ``ABSENCE_RISK_KEY_FILE`` names.

    Parameters
    ----------
    path : Path, optional
        A file that holds 32 random bytes as 64 hexadecimal characters.

    Raises
    ------
    KeyFileError
        If no file is named, it cannot be read, or does not hold such a key.
    """
    named = key_path(path)
    if _is_key_text(str(named)):
        raise KeyFileError(
            "expected the name of a file, found a key itself: on a command line or in the environment others can read "
            f"it, so it is secret no longer. Follow docs/keys.md for a leaked key; {_MAKE_ONE}"
        )
    check_private(named)
    try:
        text = named.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise KeyFileError(f"no key file at {named}; {_MAKE_ONE}") from None
    except UnicodeDecodeError:
        raise KeyFileError(f"the key file {named} must hold 64 hexadecimal characters; {_MAKE_ONE}") from None
    except OSError as fault:
        raise KeyFileError(
            f"the key file {named} cannot be read ({fault.strerror}); ask its keeper"
        ) from None
    if not _is_key_text(text):
        raise KeyFileError(
            f"the key file {named} must hold 64 hexadecimal characters and nothing else, it holds "
            f"{len(text)}; {_MAKE_ONE}"
        )
    return Key(bytes.fromhex(text))


def key_path(path: Path | None = None) -> Path:
    """The key file that is meant: the one given, or the one that ``ABSENCE_RISK_KEY_FILE`` names.

    Raises
    ------
    KeyFileError
        If none is named.
    """
    if path is None and not os.environ.get(KEY_VARIABLE):
        raise KeyFileError(f"no pseudonym key: give --key-file FILE or set {KEY_VARIABLE}; {_MAKE_ONE}")
    return path or Path(os.environ[KEY_VARIABLE])


def _is_key_text(text: str) -> bool:
    return len(text) == 2 * KEY_BYTES and all(c in "0123456789abcdefABCDEF" for c in text)


def check_private(path: Path) -> None:
    """Refuse a key file that its owner's group or anybody else may open (on Windows its folder decides).

    Raises
    ------
    KeyFileError
        With its mode, and how to mend it.
    """
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:
        return  # whoever reads it says why it cannot be read
    if os.name == "posix" and mode & 0o077:
        raise KeyFileError(
            f"the key file {path} may be opened by others than its owner (mode {mode:04o}); mend it with: chmod 600 "
            f"{path}. If somebody may have read it, follow docs/keys.md for a leaked key"
        )


def new_key_file(path: Path) -> Key:
    """Make a new random key, readable by its owner only, and return it.

    Raises
    ------
    KeyFileError
        If a file is already there: a key that is lost cannot be made again, and every pupil_id with it.
    """
    key = Key(secrets.token_bytes(KEY_BYTES))
    with whole_file(path) as partial:
        # Asked while nobody else has the turn: of two who make a key at once, the second is refused.
        if path.exists():
            raise KeyFileError(
                f"{path} exists; a key is never written over, because pseudonyms made with it could not be matched "
                "again"
            )
        partial.write_bytes(key.secret.hex().encode("ascii") + b"\n")
    return key

"""The key and the pseudonym: refuse what is not secret, keep what must not change."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import pytest
from made_returns import KEY, upn

from absence_risk.errors import KeyFileError
from absence_risk.returns.identity import KEY_VARIABLE, Key, new_key_file, read_key


def test_the_pseudonym_is_fixed_for_ever() -> None:
    key = Key(hashlib.sha256(b"fixed").digest())
    assert key.pupil_id("P207000016049") == "7f4ab157e41a49371a2610000a1968e9"
    assert key.key_id == "ace6e8bac7a010c7"


def test_another_key_gives_another_pseudonym_and_another_name() -> None:
    other = Key(hashlib.sha256(b"other").digest())
    assert other.pupil_id(upn(1)) != KEY.pupil_id(upn(1))
    assert other.key_id != KEY.key_id


def test_a_key_never_shows_itself() -> None:
    assert KEY.secret.hex() not in repr(KEY) and str(KEY.secret) not in repr(KEY)


def test_a_new_key_file_is_read_back_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key"
    made = new_key_file(path)
    assert read_key(path) == made
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyFileError, match="never written over"):
        new_key_file(path)


def test_the_environment_names_the_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = new_key_file(tmp_path / "key")
    monkeypatch.setenv(KEY_VARIABLE, str(tmp_path / "key"))
    assert read_key() == made


def test_no_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(KeyFileError, match="no pseudonym key"):
        read_key()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "64 hexadecimal characters and nothing else, it holds 0"),
        ("abc", "it holds 3"),
        ("00" * 31, "it holds 62"),
        ("5f" * 33, "it holds 66"),
        ("zz" * 32, "it holds 64"),
        ("é" * 64, "64 hexadecimal characters"),
        ("0" * 64, "a sample or was typed"),
        ("ab" * 32, "a sample or was typed"),
        ("0123456789abcdef" * 4, "a sample or was typed"),
        (bytes(range(32)).hex(), "a sample or was typed"),
        (bytes(9 * n % 256 for n in range(32)).hex(), "a sample or was typed"),
    ],
)
def test_a_short_typed_or_sample_key_is_refused_without_showing_it(
    tmp_path: Path, text: str, says: str
) -> None:
    (tmp_path / "key").write_text(text, encoding="utf-8")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyFileError, match=says) as fault:
        read_key(tmp_path / "key")
    assert len(text) < 4 or text not in str(fault.value)


def test_a_key_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY.secret + b"\xff")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(KeyFileError, match="must hold 64 hexadecimal characters; make one"):
        read_key(tmp_path / "key")


@pytest.mark.parametrize("number", [0, 31, 33])
def test_a_key_is_32_bytes_no_fewer_and_no_more(number: int) -> None:
    with pytest.raises(KeyFileError, match=f"must be 32 bytes, this one is {number}"):
        Key((KEY.secret + KEY.secret)[:number])


def test_a_key_has_16_different_bytes_or_more_and_no_one_step_between_them() -> None:
    for taken in (bytes(range(16)) * 2, bytes([*range(31), 100])):
        assert len(Key(taken).key_id) == 16
    with pytest.raises(KeyFileError, match="not random"):
        Key(bytes(range(15)) * 2 + bytes(2))


def test_a_key_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        KEY.secret = bytes(32)  # type: ignore[misc]


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="no key file"):
        read_key(tmp_path / "absent")


def test_a_folder_in_place_of_a_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir(mode=0o700)
    with pytest.raises(KeyFileError, match=r"cannot be read .*; ask its keeper"):
        read_key(tmp_path / "key")


@pytest.mark.skipif(os.name != "posix", reason="on Windows the folder decides who may open a file")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_open_is_refused_with_how_to_mend_it(tmp_path: Path, mode: int) -> None:
    made = new_key_file(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(KeyFileError, match=rf"\(mode {mode:04o}\).* chmod 600") as fault:
        read_key(tmp_path / "key")
    assert made.secret.hex() not in str(fault.value)


def test_a_key_typed_in_place_of_its_file_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = new_key_file(tmp_path / "key").secret.hex()
    with pytest.raises(KeyFileError, match="a key itself") as fault:
        read_key(Path(typed))
    assert typed not in str(fault.value)
    monkeypatch.setenv(KEY_VARIABLE, typed)
    with pytest.raises(KeyFileError, match="a key itself") as fault:
        read_key()
    assert typed not in str(fault.value)


def test_a_pseudonym_says_for_what_purpose_it_was_made() -> None:
    """The same UPN under the label of another purpose is another name, so two uses cannot be joined."""
    secret, number = KEY.secret, upn(1).encode()
    other = hmac.new(secret, b"absence_risk/another purpose/v1:" + number, hashlib.sha256).hexdigest()[:32]
    bare = hmac.new(secret, number, hashlib.sha256).hexdigest()[:32]
    assert len({KEY.pupil_id(upn(1)), other, bare, hashlib.sha256(number).hexdigest()[:32]}) == 4
    assert KEY.key_id not in KEY.pupil_id(upn(1))

"""Files are recognised by what they hold, whatever they are called and however they are encoded."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_returns import Census, cin_xml, ingested, rows, write_text

from absence_risk.errors import InputError
from absence_risk.returns.layouts import Role
from absence_risk.returns.reading import header_of
from absence_risk.returns.recognise import Recognised, recognise


def _recognised(folder: Path) -> Recognised:
    scratch = folder.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return recognise(folder, scratch)


def test_a_file_is_known_by_its_header_whatever_its_name_and_case(tmp_path: Path) -> None:
    write_text(tmp_path / "r" / "x.CSV", "CHILD,Decom,RNE,LS,Dec\n")
    write_text(
        tmp_path / "r" / "deep" / "y.csv",
        "PUPILONROLLTABLEID,NATIVEID,FSMPERIODTABLEID,FSMSTARTDATE,FSMENDDATE\n",
    )
    write_text(tmp_path / "r" / "z.xml", cin_xml(2024, ""))
    found = _recognised(tmp_path / "r")
    assert {f.role for f in found.csv} == {Role.LOOKED_AFTER_EPISODES, Role.FSM}
    assert [name for name, _ in found.cin] == ["z.xml"]


def test_tables_not_used_are_set_aside_with_a_note(tmp_path: Path) -> None:
    write_text(
        tmp_path / "r" / "a.csv",
        "pupilonrolltableid,NativeId,senneedstableid,senneedsorderseqcolumn,sentype\n",
    )
    write_text(tmp_path / "r" / "b.csv", "CHILD,DOB,REVIEW,REVIEW_CODE\n")
    write_text(tmp_path / "r" / "c.xml", cin_xml(2024, ""))
    write_text(tmp_path / "r" / "d.xlsx", "x")
    found = _recognised(tmp_path / "r")
    assert not found.csv and not found.faults
    assert [note.split(":")[0] for note in found.notes] == ["a.csv", "b.csv", "d.xlsx"]


def test_folders_that_begin_with_an_underscore_or_a_dot_are_skipped(tmp_path: Path) -> None:
    write_text(tmp_path / "r" / "_truth" / "a.csv", "nonsense\n")
    write_text(tmp_path / "r" / ".hidden" / "a.csv", "nonsense\n")
    write_text(tmp_path / "r" / "c.xml", cin_xml(2024, ""))
    assert not _recognised(tmp_path / "r").faults


def test_an_unknown_header_names_the_nearest_table_and_what_it_lacks(tmp_path: Path) -> None:
    write_text(tmp_path / "r" / "a.csv", "CHILD,DECOM,RNE,LS\n")
    (fault,) = _recognised(tmp_path / "r").faults
    assert fault.startswith("a.csv: ") and "Nearest: SSDA903 episodes, but missing dec" in fault


def test_a_school_census_table_without_a_needed_column_says_which(tmp_path: Path) -> None:
    write_text(
        tmp_path / "r" / "a.csv", "pupilonrolltableid,NativeId,dob,entrydate,pupilonrollorderseqcolumn\n"
    )
    (fault,) = _recognised(tmp_path / "r").faults
    assert "pupilonroll without the column(s) upn" in fault


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write_text(tmp_path / "returns" / "a.csv", "")
    write_text(tmp_path / "returns" / "b.csv", "one,two\n1,2\n")
    write_text(tmp_path / "returns" / "c.xml", "<Message><Header>")
    with pytest.raises(InputError) as fault:
        ingested(tmp_path / "returns")
    assert all(f"{name}: " in str(fault.value) for name in ("a.csv", "b.csv", "c.xml"))


@pytest.mark.parametrize(
    "make", [lambda p: None, lambda p: p.mkdir(), lambda p: write_text(p / "a.txt", "x")]
)
def test_a_folder_without_returns_is_refused(tmp_path: Path, make) -> None:
    make(tmp_path / "returns")
    with pytest.raises(InputError, match=r"expected"):
        ingested(tmp_path / "returns")


@pytest.mark.parametrize(
    ("encoding", "noted"), [("utf-8", False), ("utf-8-sig", False), ("utf-16", True), ("cp1252", True)]
)
def test_the_same_pupils_come_from_every_accepted_encoding(
    tmp_path: Path, encoding: str, noted: bool
) -> None:
    census = Census("spring", 2025)
    census.pupil(1, surname="Zoë", youngcarer="é")
    folder = census.write(tmp_path / "returns" / "2025_spring")
    path = folder / "2025_spring_pupilonroll.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    result = ingested(tmp_path / "returns")
    assert rows(result, "SELECT young_carer FROM pupils") == [("é",)]
    assert any("read through a UTF-8 copy" in note for note in result.ledger.notes) == noted


def test_text_in_no_accepted_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a.csv").write_bytes(b"CHILD,DECOM,LS,DEC\n\x81\xff,,,\n")
    (fault,) = _recognised(tmp_path / "r").faults
    assert "neither UTF-8" in fault


@pytest.mark.parametrize(
    "text", ["upn;dob\n", "upn\tdob\n", '"upn","dob"\r\n', codecs.BOM_UTF8.decode() + "UPN, Dob \n"]
)
def test_the_delimiter_is_found_from_the_header(tmp_path: Path, text: str) -> None:
    assert header_of(write_text(tmp_path / "a.csv", text))[0] == ("upn", "dob")


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="named twice"):
        header_of(write_text(tmp_path / "a.csv", "upn,dob,UPN\n"))


def test_a_folder_that_cannot_be_looked_into_is_a_fault_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "r" / "a.xml", cin_xml(2024, ""))
    (tmp_path / "r" / "closed").mkdir()
    listed = Path.iterdir

    def iterdir(folder: Path) -> Iterator[Path]:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    found = _recognised(tmp_path / "r")
    assert [name for name, _ in found.cin] == ["a.xml"]
    (fault,) = found.faults
    assert fault.startswith("closed: no file that can be opened: a broken link, a folder closed")


def test_a_link_that_leads_nowhere_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "a.csv").symlink_to(tmp_path / "gone.csv")
    (fault,) = _recognised(tmp_path / "r").faults
    assert fault.startswith("a.csv: no file that can be opened")


def test_a_file_whose_owner_lets_nobody_read_it_is_a_fault_in_the_systems_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_text(tmp_path / "r" / "a.csv", "CHILD,DECOM,LS,DEC\n")

    def closed(path: Path, *how: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied", "/home/somebody/a.csv")

    monkeypatch.setattr(Path, "open", closed)
    assert _recognised(tmp_path / "r").faults == [
        "a.csv: cannot be read (Permission denied); check your rights to it"
    ]

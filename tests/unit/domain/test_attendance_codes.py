from absence_risk.domain.attendance_codes import ATTENDANCE_CODES, UNAUTHORISED_CODES, CodeClass


def test_unauthorised_is_g_n_o_and_u() -> None:
    assert UNAUTHORISED_CODES == ("G", "N", "O", "U")


def test_a_suspension_day_is_authorised_so_it_never_adds_to_the_outcome_by_itself() -> None:
    assert ATTENDANCE_CODES["E"].counts_as is CodeClass.AUTHORISED


def test_j_attended_until_2024_and_j1_is_absence_from_then() -> None:
    old, new = ATTENDANCE_CODES["J"], ATTENDANCE_CODES["J1"]
    assert (old.counts_as, new.counts_as) == (CodeClass.ATTENDING, CodeClass.AUTHORISED)
    assert old.in_use(2023) and not old.in_use(2024)
    assert new.in_use(2024) and not new.in_use(2023)


def test_the_codes_of_august_2024_were_not_in_use_before() -> None:
    new = {"C1", "C2", "J1", "K", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"}
    assert {c.code for c in ATTENDANCE_CODES.values() if not c.in_use(2023) and c.in_use(2024)} == new
    assert {c.code for c in ATTENDANCE_CODES.values() if c.in_use(2023) and not c.in_use(2024)} == {
        "H",
        "J",
        "Y",
    }

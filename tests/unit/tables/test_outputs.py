"""The outputs that leave the model, as they are declared."""

from __future__ import annotations

from absence_risk.tables.outputs import explained_table, scores_table


def test_the_explained_table_has_a_column_for_each_family_and_for_each_topic_with_its_size() -> None:
    table = explained_table(["attendance", "suspensions"])
    up = [name for place in range(1, 6) for name in (f"up_{place}", f"up_{place}_size")]
    down = [name for place in range(1, 4) for name in (f"down_{place}", f"down_{place}_size")]
    assert table.column_names == (
        "pupil_id", "risk", "band", "log_odds", "contribution_attendance", "contribution_suspensions", *up, *down,
    )  # fmt: skip
    words = {column.name: column.words for column in table.columns}
    assert "higher estimate" in words["up_5"] and "lower estimate" in words["down_1"]
    assert [column.name for column in table.columns if not column.required] == [*up, *down]


def test_no_output_of_the_model_has_a_upn_or_a_name() -> None:
    for table in (explained_table(["attendance"]), scores_table(["attendance"])):
        assert not {"upn", "surname", "forename", "name", "dob"} & set(table.column_names)

"""From the settings of the lists to the plan that the rooms above read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import ListSettings
    from ..support_list.plan import Plan


def plan_of(settings: ListSettings | Path | str) -> Plan:
    """The plan of one authority, from its settings or the YAML file that holds them.

    Returns
    -------
    Plan
        A kind of return whose limit is null has no entry in ``refuse_after_days``.

    Raises
    ------
    UsageError, RefusedError
        If the file is absent or holds a fault (``settings.read_list_settings``).
    """
    from pathlib import Path

    from ..settings import ListSettings, read_list_settings
    from ..support_list.plan import Plan, Route

    asked = settings if isinstance(settings, ListSettings) else read_list_settings(Path(settings))
    limits = asked.refuse_after_days.model_dump()
    return Plan(
        routes=tuple(Route(**route.model_dump()) for route in asked.routes),
        **asked.lists.model_dump(),
        stepped_down_months=asked.stepped_down_months,
        illness_days=asked.illness_days,
        localities=dict(asked.localities),
        sheets_by=asked.sheets_by,
        show_siblings=asked.show_siblings,
        levels=asked.record.levels,
        stages=asked.record.stages,
        teams=asked.record.teams,
        meetings=asked.record.meetings,
        reasons=asked.record.reasons,
        questions=asked.questions,
        contact=asked.contact,
        refuse_after_days={kind: days for kind, days in limits.items() if days is not None},
    )

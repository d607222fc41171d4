"""From the settings of the lists to the plan that the rooms above read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ..settings import ListSettings
    from ..support_list.plan import Plan


def list_settings(given: ListSettings | Path | str | None) -> ListSettings:
    """Settings as they are, or read from a YAML file; by default the package's own.

    Raises
    ------
    UsageError, RefusedError
        If the file is absent or holds a fault (``settings.read_list_settings``).
    """
    from pathlib import Path

    from ..settings import ListSettings, read_list_settings
    from .shipped_configs import config_path

    path = config_path("support_list") if given is None else given
    return path if isinstance(path, ListSettings) else read_list_settings(Path(path))


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
    from ..support_list.plan import Plan, Route

    asked = list_settings(settings)
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

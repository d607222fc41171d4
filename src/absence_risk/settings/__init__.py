"""What an authority may decide: how a model is trained, and how its lists are made. For ``cli`` and ``workflows``.

An unknown key is refused with the nearest known name: a misspelt key that is silently ignored trains another model,
or makes another list, than the one written down.
"""

from .support_list import ListSettings, list_settings_from, list_settings_sha256, read_list_settings
from .training import (
    BY_EVIDENCE,
    EvidenceSettings,
    GateSettings,
    RuleName,
    Settings,
    flat_settings,
    gates_sha256,
    read_settings,
    settings_from,
    settings_sha256,
    with_leaves,
)

__all__ = [
    "BY_EVIDENCE",
    "EvidenceSettings",
    "GateSettings",
    "ListSettings",
    "RuleName",
    "Settings",
    "flat_settings",
    "gates_sha256",
    "list_settings_from",
    "list_settings_sha256",
    "read_list_settings",
    "read_settings",
    "settings_from",
    "settings_sha256",
    "with_leaves",
]

"""Outputs appear whole or not at all: made out of sight, flushed to disk, renamed; the manifest last.

A killed plain write leaves a shorter file that opens without complaint, and a short list is the worst outcome
here: children missing and nobody told.
"""

from __future__ import annotations

from .content import MANIFEST, canonical_json, sha256_of, sidecar_manifest, write_manifest
from .publishing import settled
from .reading import plain_bytes
from .whole import private_folder, replaceable, whole_file, whole_files, whole_folder, write_text

__all__ = [
    "MANIFEST",
    "canonical_json",
    "plain_bytes",
    "private_folder",
    "replaceable",
    "settled",
    "sha256_of",
    "sidecar_manifest",
    "whole_file",
    "whole_files",
    "whole_folder",
    "write_manifest",
    "write_text",
]

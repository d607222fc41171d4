"""The same returns written otherwise: files and folders under other names, rows and columns in another order."""

from __future__ import annotations

import csv
import random
import xml.etree.ElementTree as ET
from pathlib import Path


def shuffled_returns(returns: Path, target: Path, seed: int, *, names: bool = True) -> Path:
    """Copy a folder of returns with rows, columns and, if asked, names of files and folders in another order.

    A name keeps its end, where a year may stand; what is put before it decides the order in which files are found.
    """
    rng = random.Random(seed)
    folders: dict[str, str] = {}
    for path in sorted(returns.rglob("*")):
        inside = path.relative_to(returns)
        if not path.is_file() or inside.parts[0].startswith("_"):
            continue
        before = [f"{rng.choice('abcdefgh')}{rng.randrange(100):02d}_" if names else "" for _ in inside.parts]
        parts = [folders.setdefault("/".join(inside.parts[: i + 1]), before[i] + part)
                 for i, part in enumerate(inside.parts)]  # fmt: skip
        place = target.joinpath(*parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        (_csv if path.suffix == ".csv" else _xml)(path, place, rng)
    return target


def _csv(source: Path, place: Path, rng: random.Random) -> None:
    with source.open(encoding="utf-8-sig", newline="") as handle:
        head, *rows = csv.reader(handle)
    order = rng.sample(range(len(head)), len(head))
    rng.shuffle(rows)
    with place.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([row[i] for i in order] for row in (head, *rows))


def _xml(source: Path, place: Path, rng: random.Random) -> None:
    tree = ET.parse(source)
    for children in tree.getroot().iter("Children"):
        children[:] = rng.sample(list(children), len(children))
    tree.write(place, encoding="utf-8", xml_declaration=True)

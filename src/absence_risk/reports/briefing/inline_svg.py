"""A drawing made fit to stand inside a page: no style of its own, names of its own, as wide as its place.

A page whose content security policy admits one style sheet by its hash admits no style attribute, so every style is
written as the attribute of the same name (W3C, SVG 2, chapter 6.6).
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_LINK}}}href"
_LEFT_OUT = ("metadata", "style")


def inline_svg(svg: bytes, *, name: str, label: str) -> str:
    """The drawing as an ``svg`` element for a page.

    Parameters
    ----------
    svg : bytes
        As ``drawing.svg`` gives it; our own, so it is parsed as it is.
    name : str
        Put before every identifier, so that two drawings of a page do not meet; letters, digits and underscores.
    label : str
        What a screen reader says first.
    """
    root = ElementTree.fromstring(svg)
    _without(root, _LEFT_OUT)
    for element in root.iter():
        _plain(element)
        _rename(element, name)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    # What the style sheet that was taken out said for everything.
    root.attrib |= {"role": "img", "aria-label": label, "stroke-linejoin": "round", "stroke-linecap": "butt"}
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    return ElementTree.tostring(root, encoding="unicode")


def _without(parent: ElementTree.Element, kinds: tuple[str, ...]) -> None:
    for child in list(parent):
        if child.tag.rpartition("}")[2] in kinds:
            parent.remove(child)
        else:
            _without(child, kinds)


def _plain(element: ElementTree.Element) -> None:
    for part in element.attrib.pop("style", "").split(";"):
        name, found, value = part.partition(":")
        if found:
            element.set(name.strip(), value.strip())


def _rename(element: ElementTree.Element, name: str) -> None:
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.attrib['id']}")
    link = element.attrib.pop(_HREF, None)
    if link is not None:
        element.set("href", link.replace("#", f"#{name}-", 1))
    for key, value in list(element.attrib.items()):
        if "url(#" in value:
            element.set(key, re.sub(r"url\(#", f"url(#{name}-", value))

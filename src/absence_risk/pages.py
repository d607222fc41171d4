"""Pages from templates: everything put into them is escaped, and a name the template does not know is a fault."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any


def asset(name: str) -> str:
    """The text of a template, named with its room like ``support_list/page.html``; the same line ends everywhere.

    ``shell.html`` is of no room: the head of every page stands there, and its security policy with it.
    """
    *room, file = name.split("/")
    text = resources.files(__package__).joinpath(*room, "templates", file).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n")  # a checkout on Windows must give the same hash


def content_hash(text: str) -> str:
    """The name by which a content security policy admits an inline script or style (W3C, CSP level 3, 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def render_page(template: str, *, style: str, script: str = "", **values: Any) -> str:
    """A whole page that needs nothing from outside: its own style and script are all that a browser may run or load.

    Values are escaped, whatever stands in them.

    Parameters
    ----------
    template : str
        Fills the blocks ``title`` and ``body`` of ``shell.html``.
    style, script : str
        Ours, never anybody's words; admitted by their hashes. Without a script none may run.

    Raises
    ------
    jinja2.UndefinedError
        If the template names a value that was not given: a fault of ours, never a gap on a page.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(
        style=style,
        script=script,
        style_hash=content_hash(style),
        script_hash=content_hash(script),
        **values,
    )

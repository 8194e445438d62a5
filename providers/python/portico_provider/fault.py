"""What a plug-in at fault says of it: for the operator, never for a person."""

import sys

from .problem import Problem

IN_COMPONENT = sys.platform == "wasi"  # where nobody sees what is raised
_LONGEST = 500  # the host keeps 600 characters


def said(where, error):
    """Which function failed and why; in a component the line that led there too."""
    internal = isinstance(error, Problem) and error.internal
    what = error.value[1] if internal else f"{type(error).__name__}: {error}"
    return located(where, what, error) if IN_COMPONENT else what


def located(where, what, error):
    lines, at = [], error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        lines.append((code.co_filename, f"{code.co_filename}, line {at.tb_lineno}, in {code.co_name}"))
        at = at.tb_next
    own = [line for file, line in lines if "portico_provider" not in file and not file.endswith("provider.py")]
    return f"{where}: {what}{f' ({own[-1]})' if own else ''}"[:_LONGEST]

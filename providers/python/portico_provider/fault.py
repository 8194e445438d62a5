"""Messages about faults of the plug-in. Only the operator sees them."""

import sys

from .problem import Problem

IN_COMPONENT = sys.platform == "wasi"  # where no traceback is printed
_MAX_LEN = 500  # the host keeps 600 characters


def describe(where, error):
    """The message of an exception; in a component with the function and the line where it was raised."""
    internal = isinstance(error, Problem) and error.internal
    what = error.value[1] if internal else f"{type(error).__name__}: {error}"
    return located(where, what, error) if IN_COMPONENT else what


def located(where, what, error):
    lines, frame = [], error.__traceback__
    while frame is not None:
        code = frame.tb_frame.f_code
        lines.append((code.co_filename, f"{code.co_filename}, line {frame.tb_lineno}, in {code.co_name}"))
        frame = frame.tb_next
    own = [line for file, line in lines if "portico_provider" not in file and not file.endswith("provider.py")]
    return f"{where}: {what}{f' ({own[-1]})' if own else ''}"[:_MAX_LEN]

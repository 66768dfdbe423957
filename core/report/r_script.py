"""The R script that repeats main effects, moderators and combined moderators beside the exported data and prints R's
numbers next to the program's. Its parts stand in `resources/report/r`."""

from __future__ import annotations

from typing import Any

from core.moderators.members import moderator_of
from core.plan import Plan
from core.protocol import Protocol
from core.resources import resource
from core.results import Results

PARTS = ("plan", "patients", "compare", "models", "main_effects", "moderators", "combined", "told")
PYTHON = ("reproduce.py", "reproduce_models.py")
USED = ("columns", "outcomes", "further_outcomes", "moderators", "tiers", "include", "multiplicity", "family", "model",
        "combined", "sets")
"""Parts of the plan that the script needs."""


def r_script(results: Results, protocol: Protocol | None = None) -> str:
    """The script, with the plan written into it for machines without jsonlite."""
    template = "".join(resource("report", "r", f"{part}.R").read_text(encoding="utf-8") for part in PARTS)
    written = {"@PROGRAM@": results.provenance.program, "@PLAN@": r_plan(results.plan),
               "@MEMBERS@": r_literal(set_members(results.plan, protocol))}
    for mark, text in written.items():
        template = template.replace(mark, text)
    return template


def python_scripts() -> dict[str, str]:
    """The same with statsmodels, by name: the script and what it is made of. They read plan and protocol themselves."""
    return {name: resource("report", name).read_text(encoding="utf-8") for name in PYTHON}


def set_members(plan: Plan, protocol: Protocol | None) -> dict[str, dict[str, Any]]:
    """What the plan's sets may name, by name: how it is measured, and whether it is a fact of a study's design."""
    variables = protocol.variables_by_key if protocol else {}
    found = {}
    for name in dict.fromkeys(name for one in plan.sets for name in one.moderators):
        about = moderator_of(plan, protocol, name)
        found[name] = {"name": name, "kind": about.kind, "level": about.level, "transform": about.transform,
                       "design": name in variables and variables[name].design_only}
    return found


def r_plan(plan: Plan) -> str:
    """The parts of a plan the script uses, as an R expression equal to what jsonlite reads from plan.json."""
    document = plan.model_dump(mode="json", by_alias=True)
    return r_literal({key: document[key] for key in USED})


def r_literal(value: Any, indent: str = "") -> str:
    """JSON-like data as R: objects and arrays are lists, null is NULL. TypeError for anything else."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return r_string(value)
    inner = indent + "  "
    if isinstance(value, dict):
        parts = [f"{_name(key)} = {r_literal(part, inner)}" for key, part in value.items()]
    elif isinstance(value, list | tuple):
        parts = [r_literal(part, inner) for part in value]
    else:
        raise TypeError(f"no R literal for {type(value).__name__}")
    return "list(" + ",".join(f"\n{inner}{part}" for part in parts) + ")"


def r_string(text: str) -> str:
    """A quoted R string in plain ASCII, whatever the text holds."""
    return '"' + "".join(_letter(letter) for letter in text) + '"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if " " <= letter <= "~":
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"


def _name(key: str) -> str:
    return f"`{key}`"

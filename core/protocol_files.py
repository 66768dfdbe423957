"""Where protocols come from: those shipped in `resources/protocols/`, or a file of the user's own.

To ship another protocol, put its JSON file there, named by its id; no code knows their names.
"""

from __future__ import annotations

from pathlib import Path

from core.conversion import ConversionTable, read_conversion_table
from core.documents import parse_document
from core.errors import UserError, Where
from core.protocol import Conversion, Protocol
from core.resources import resource

BLANK = "blank"
"""Id of the protocol that is only a beginning."""


def protocol_ids() -> tuple[str, ...]:
    """Ids of the shipped protocols, sorted."""
    return tuple(sorted(path.stem for path in resource("protocols").glob("*.json")))


def protocol_titles() -> dict[str, str]:
    """Titles of the shipped protocols by id, the blank one last."""
    return {name: load_protocol(name).title for name in sorted(protocol_ids(), key=lambda name: (name == BLANK, name))}


def find_protocol(wanted: str | Path) -> Path:
    """The file of a shipped protocol's id, or the user's own file.

    Raises UserError, naming what is there, if it is neither.
    """
    if str(wanted) in protocol_ids():
        return resource("protocols", f"{wanted}.json")
    path = Path(wanted)
    if path.is_file():
        return path
    raise UserError(f'There is no protocol "{wanted}".', Where(file=path.name),
                    f"Give a protocol file, or one of: {', '.join(protocol_ids())}.")


def load_protocol(wanted: str | Path) -> Protocol:
    """Read a protocol by id ("ketamine") or from a file. Raises UserError as `parse_document` does."""
    path = find_protocol(wanted)
    return parse_document(Protocol, _read(path, "protocol"), "protocol", path.name)


def load_conversion_tables(protocol: Protocol, folder: Path | None = None) -> dict[str, ConversionTable]:
    """The tables a protocol's conversions name, by file name; each beside the protocol (`folder`) or shipped.

    Raises UserError if one is in neither place or is not a conversion table.
    """
    return {conversion.table: _load_table(conversion, folder) for conversion in protocol.conversions}


def _load_table(conversion: Conversion, folder: Path | None) -> ConversionTable:
    path = _find_table(conversion, folder)
    try:
        text = _read(path, "conversion table").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("The conversion table is not UTF-8 text.", Where(file=path.name),
                        "Save it as CSV in UTF-8.") from None
    return read_conversion_table(text, conversion)


def _find_table(conversion: Conversion, folder: Path | None) -> Path:
    name = conversion.table
    if Path(name).name != name:
        raise UserError(f'The conversion table "{name}" must be a file name without folders.',
                        Where(file=name), "Put the table beside the protocol file.")
    places = [*([folder / name] if folder else []), resource("scales", name)]
    for path in places:
        if path.is_file():
            return path
    raise UserError(f"The conversion table from {conversion.source} to {conversion.target} is missing.",
                    Where(file=name), "Put it beside the protocol file.")


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UserError(f"The {what} cannot be read: {fault.strerror or fault}.", Where(file=path.name),
                        "Check that the file exists and that you may read it.") from None

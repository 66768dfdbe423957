"""What the commands take from the line they are called by."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.extras import ABOUT, EXTRAS, Asked

if TYPE_CHECKING:
    from core.session import Session


def analyze_options(parser: argparse.ArgumentParser) -> None:
    """What `analyze` takes."""
    parser.add_argument("input", type=Path, metavar="INPUT")
    parser.add_argument("--plan", type=Path, metavar="PLAN.json")
    parser.add_argument("--reason", default="", metavar="TEXT",
                        help="why the plan is not the one that the project's first run locked")
    run_options(parser)
    protocol_option(parser, "protocol of a pooled table")


def run_options(parser: argparse.ArgumentParser) -> None:
    """What every command takes that computes and writes."""
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder to write into")
    parser.add_argument("--figures", nargs="+", choices=("pdf", "tiff"), default=(), metavar="KIND",
                        help="write the figures as pdf or tiff too, beside png and svg")
    parser.add_argument("--seed", type=_count, metavar="N", help="seed of the random streams")
    parser.add_argument("--also", action="append", default=[], choices=EXTRAS, metavar="WHAT",
                        help=f"write this as well; may be given more than once. {ABOUT}")
    parser.add_argument("--workers", type=_count, metavar="N",
                        help="processes at a time (default: all cores where it pays); the numbers are the same for any")


def rules_options(parser: argparse.ArgumentParser) -> None:
    """What `rules` takes."""
    parser.add_argument("project", type=Path, metavar="P.modscope")
    parser.add_argument("--out", type=Path, metavar="RULES.xlsx", help="write them: a sheet a study, a row a variable")
    parser.add_argument("--take", type=Path, metavar="RULES.xlsx", help="take in the rules of an edited table")
    parser.add_argument("--maelstrom", type=Path, metavar="DIR", help="write a DataSchema and data processing elements")


def kit_options(parser: argparse.ArgumentParser) -> None:
    """What `kit` takes."""
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.xlsx", help="the workbook to write")
    parser.add_argument("--study", default="", metavar="NAME", help="short id of the study that is asked")
    protocol_option(parser, "protocol whose variables are asked for")


def protocol_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Which protocol, and what for."""
    parser.add_argument("--protocol", metavar="ID|FILE", help=f"{what} (default ketamine; beside an exported "
                        "harmonized.csv: the protocol.json there)")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


_count.__name__ = "whole number"  # argparse names the type in its message


def asked_for(options: argparse.Namespace, session: Session | None = None) -> Asked:
    """What is wanted beside what is always written."""
    return Asked(frozenset(options.also), session, tuple(options.figures))

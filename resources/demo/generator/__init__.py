"""Writes the demo: seventeen synthetic study files, `studies.xlsx` and the truth they were made from.

No value in them was observed in a patient. Run from the project's root: `python -m resources.demo.generator`.
Reading order: design (who takes part) -> patients (who they are) -> outcomes (how they fare) -> truth (the harmonized
row each must become) -> recipes (how each team writes its file) -> layout and writing (cells, then bytes).
"""

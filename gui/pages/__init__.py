"""One file a wizard step. To add a page: write it (see `page.py`) and give it its line here, in the wizard's order.

Pages are named, not imported: each is loaded when it is first needed, so that the window shows without them.
"""

from __future__ import annotations

from core.steps import Step

PAGES: dict[Step, str] = {
    Step.START: "gui.pages.start:StartPage",
    Step.STUDIES: "gui.pages.studies:StudiesPage",
    Step.MAP: "gui.pages.map:MapPage",
    Step.CHECK: "gui.pages.check:CheckPage",
    Step.PLAN: "gui.pages.plan:PlanPage",
    Step.RUN: "gui.pages.run:RunPage",
    Step.RESULTS: "gui.pages.results:ResultsPage",
    Step.REPORT: "gui.pages.report:ReportPage",
}

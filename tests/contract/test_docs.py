"""What the pages say is what the code does: their policies and scenarios are usable, their words are all explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from interlock.intake.requests.registry import ACTIONS
from interlock.model.reasons import Outcome, Reason
from interlock.policy.document import THE_SECTIONS, read_policy
from rehearsal.scenario.model import Scenario

ROOT = Path(__file__).parents[2]
CORE = ROOT / "layers/interlock/interlock"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SECTIONS = [
    section for found in THE_SECTIONS.values() for section in ([found] if isinstance(found, type) else found.values())
]
INCIDENTS = sorted((ROOT / "scenarios/incidents").glob("*.yaml"))
OPERATE = (ROOT / "docs/operate.md").read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "docs/policy.md", "docs/monitoring.md", "docs/retraining.md"])
def test_the_policy_of_a_page_is_valid(page: str) -> None:
    (document,) = blocks(ROOT / page, "yaml")

    assert read_policy(document, "churn").stage.endpoint == "churn"


def test_the_scenario_of_the_page_about_rehearsing_can_be_read() -> None:
    (document,) = blocks(ROOT / "docs/rehearse.md", "yaml")

    assert Scenario.model_validate(yaml.safe_load(document)).scenario == "alarm-in-the-night"


@pytest.mark.parametrize("file", INCIDENTS, ids=lambda file: file.stem)
def test_every_incident_says_what_it_is_reconstructed_from_and_stands_beside_it_on_the_page(file: Path) -> None:
    about = yaml.safe_load(file.read_text(encoding="utf-8"))["about"]
    rows = (ROOT / "docs/incidents.md").read_text(encoding="utf-8").splitlines()
    explained = [row for row in rows if f"(../scenarios/incidents/{file.name})" in row]

    assert re.match(r"Reconstructed from https://github\.com/", about)
    assert len(explained) == 1
    assert [link for link in re.findall(r"https://[\w./-]+\w", about) if f"({link})" not in explained[0]] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_on_a_page_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    said = {
        target
        for line in re.findall(r"^make ([^\n#]+)", "\n".join(blocks(page, "sh")), re.MULTILINE)
        for target in line.split()
        if "=" not in target
    }

    assert {target for target in said if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", ["architecture.md", "decisions.md", "ledger.md"])
def test_every_path_on_a_page_exists(page: str) -> None:
    """A path of the core may be written from the core's own folder."""
    quoted = re.findall(r"`([^`\s]+)`", (ROOT / "docs" / page).read_text(encoding="utf-8"))
    named = [word for word in quoted if re.fullmatch(r"[\w.-]+(/[\w.-]+)*(/|\.(py|yaml|md|json|svg|toml))", word)]

    assert named
    assert [path for path in named if not (ROOT / path).exists() and not (CORE / path).exists()] == []


def test_every_decision_has_a_date_an_option_that_was_rejected_and_a_way_to_reverse_it() -> None:
    entries = re.split(r"^## ", (ROOT / "docs/decisions.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:-1]
    parts = (r"\A\d{4}-\d\d-\d\d ", r"\*Rejected:\*", r"\*To\s+reverse:\*")

    assert [entry.splitlines()[0] for entry in entries if not all(re.search(part, entry) for part in parts)] == []


def test_every_machine_and_every_room_is_on_the_page_about_the_architecture() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    machines = {f"statemachines/{path.name}" for path in (ROOT / "statemachines").iterdir()}
    rooms = {f"{path.name}/" for path in CORE.iterdir() if (path / "__init__.py").exists()}

    assert {name for name in machines | rooms if f"| `{name}` |" not in page} == set()


@pytest.mark.parametrize("word", [*Reason, *Outcome])
def test_every_reason_and_outcome_is_explained(word: str) -> None:
    assert re.search(rf"^\|[^|]*\b{word}\b", OPERATE, re.MULTILINE)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_of_a_person_is_explained(action: str) -> None:
    assert f'{{"action": "{action}"' in OPERATE


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_field_of_a_policy_is_explained(section: type[BaseModel]) -> None:
    page = (ROOT / "docs/policy.md").read_text(encoding="utf-8")

    assert [field for field in section.model_fields if not re.search(rf"`[\w.]*\b{field}`|\b{field}:", page)] == []

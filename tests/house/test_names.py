"""Know one noun and you know where everything is: each layer repeats the same ones as file names."""

import re

import pytest

from tests.house.source import ROOT, SourceFile, files, layer

# What the product is about. Any layer may have a file, or a folder, of such a name.
NOUNS = {
    "absences",
    "amendments",
    "approval_plans",
    "approvals",
    "appearances",
    "attachments",
    "backups",
    "budgets",
    "calendar_feeds",
    "calendars",
    "checkpoints",
    "clocks",
    "comments",
    "commitments",
    "copies",
    "cost_centers",
    "decision_links",
    "deliveries",
    "displays",
    "dossiers",
    "erasures",
    "escalating",
    "events",
    "exchange_rates",
    "feeds",
    "files",
    "idempotency",
    "identities",
    "imports",
    "inspections",
    "keys",
    "leavers",
    "mails",
    "replacing",
    "standing_in",
    "natures",
    "order_documents",
    "orders",
    "organisation",
    "passwords",
    "people",
    "policies",
    "prospects",
    "purchases",
    "rehearsals",
    "requests",
    "roles",
    "seals",
    "second_factors",
    "sign_in",
    "spending",
    "subscription_reminders",
    "subscriptions",
    "suggestions",
    "suppliers",
    "taxes",
    "tenants",
    "working_days",
    "webhooks",
}

# What only one layer needs in order to work, beside the nouns.
MACHINERY = {
    "domain": {
        "addresses",
        "amending",
        "amounts",
        "budgeting",
        "charts",
        "conditions",
        "currencies",
        "dates",
        "deciding",
        "drafting",
        "errors",
        "founding",
        "money",
        "parties",
        "planning",
        "policy_checks",
        "policy_differences",
        "registers",
        "reviewing",
        "routing",
        "territories",
        "text",
        "workflow",
    },
    "storage": {
        "bucket",
        "budget_checks",
        "budget_entries",
        "changes",
        "charges",
        "charts",
        "checks",
        "commands",
        "comparing",
        "constraints",
        "database",
        "depots",
        "erasing",
        "folder",
        "forgetting",
        "founding",
        "hanging",
        "hosts",
        "ids",
        "lists",
        "looking_up",
        "merging",
        "migrate",
        "names",
        "pulse",
        "reading",
        "rebuilding",
        "references",
        "registers",
        "rehearsing",
        "replicas",
        "rows",
        "seeds",
        "slowness",
        "spending_checks",
        "spending_counts",
        "spool",
        "stores",
        "takeovers",
        "texts",
        "visibility",
        "writing",
    },
    "formats": {
        "mail_letters",
        "mail_wording",
        "mailing",
        "children",
        "containers",
        "identity_providers",
        "order_signs",
        "order_wording",
        "order_x",
        "pages",
        "places",
        "policy_conditions",
        "policy_reading",
        "policy_steps",
        "policy_templates",
        "posting",
        "press",
        "publications",
        "sniffing",
        "tables",
        "texts",
        "workbench",
        "workshop",
    },
    "services": {
        "mail_trials",
        "mail_wishes",
        "access",
        "amounts",
        "books",
        "budget_imports",
        "charging",
        "checks",
        "commands",
        "conversions",
        "founding",
        "hanging",
        "lookout",
        "memory",
        "planning",
        "plans",
        "policies_in_force",
        "randomness",
        "registers",
        "submitting",
        "takeovers",
        "vat_table",
        "work",
    },
    "http/api": {"amounts", "examples", "lists", "parties", "readable", "references", "replies"},
    "jobs": {"acting", "log_archive", "worker"},
}
DRAWERS = re.compile(r"(^|_)(utils?|helpers?|managers?|process(or|es)?|common|misc|kit|base|stuff)(_|$)")


@pytest.mark.parametrize("name", MACHINERY)
def test_a_layer_has_one_file_a_noun(name: str) -> None:
    known = NOUNS | MACHINERY[name] | {"__init__"}
    # On the wire, what comes in and what goes out of one noun may have a file each.
    nouns = {file.noun if file.noun in known else re.sub("_(in|out)$", "", file.noun) for file in layer(name)}
    assert nouns - known == set(), "name the file after the noun it is about"


@pytest.mark.parametrize("file", files("src", "tests", "scripts", "bench", "torture"), ids=str)
def test_no_file_is_a_drawer(file: SourceFile) -> None:
    assert not DRAWERS.search(file.noun)
    assert not any(DRAWERS.search(folder) for folder in file.path.parts[:-1])


def test_nothing_is_left_to_be_done_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "HA" + "CK")
    words = re.compile(rf"\b({'|'.join(marks)})\b")
    written = [path for folder in ("src", "docs", "tests", "scripts") for path in (ROOT / folder).rglob("*.*")]
    texts = [path for path in written if path.suffix in {".py", ".sql", ".md", ".html", ".sh", ".yaml"}]
    unfinished = [path.name for path in texts if words.search(path.read_text(encoding="utf-8"))]
    assert unfinished == []

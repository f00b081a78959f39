"""Every storage function is for one tenant, which is its first argument after the connection."""

import ast

from tests.house.source import SourceFile, at_fault, layer

# These read and write what belongs to no tenant, or find out which tenant it is: (file, function): why.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("deliveries", "claim"): "Finds for the job worker what is to be told, whosever it is.",
    ("deliveries", "release"): "Gives back what was claimed, whosever it is.",
    ("backups", "hold_sweeping"): "A back-up is of all companies.",
    ("backups", "snapshot"): "As hold_sweeping.",
    ("backups", "heads"): "As hold_sweeping.",
    ("backups", "schema_step"): "As hold_sweeping.",
    ("backups", "known_files"): "As hold_sweeping.",
    ("backups", "files_since"): "As hold_sweeping.",
    ("backups", "beat"): "Writes nothing that is anybody's.",
    ("backups", "fill_piece"): "Writes nothing that is anybody's.",
    ("backups", "is_empty"): "Looks whether there is anything at all.",
    ("backups", "is_half_restored"): "As is_empty.",
    ("backups", "begin_restore"): "As hold_sweeping.",
    ("backups", "end_restore"): "As hold_sweeping.",
    ("checks", "without_key"): "The tables are everybody's.",
    ("subscription_reminders", "companies"): "Finds for the job worker whom to look after, whosever it is.",
    ("escalating", "companies"): "As subscription_reminders.companies.",
    ("erasures", "sweep_up"): "Space belongs to no tenant.",
    ("exchange_rates", "published_until"): "What the bank publishes is everybody's.",
    ("exchange_rates", "loaded_edition"): "As published_until.",
    ("exchange_rates", "load_history"): "As published_until.",
    ("exchange_rates", "load_published"): "As published_until.",
    ("files", "unused"): "Finds for the job worker what is over, whosever it is.",
    ("idempotency", "sweep"): "What is over is removed by the job worker, whosever it was.",
    ("imports", "latest"): "Told to who runs the server, for all companies.",
    ("imports", "count_running"): "As latest.",
    ("inspections", "claim"): "Finds for the job worker whose log is to be verified.",
    ("keys", "sweep_former"): "As idempotency.sweep.",
    ("people", "tenant_of_account"): "Finds out which tenant it is.",
    ("people", "tenant_of_host"): "Finds out which tenant it is.",
    ("mails", "behind"): "Finds for the job worker whose log is to be looked at.",
    ("mails", "claim"): "Finds for the job worker what is to be sent, whosever it is.",
    ("mails", "release"): "Gives back what was claimed, whosever it is.",
    ("mails", "sweep"): "What was sent long ago is removed by the job worker, whosever it was.",
    ("replacing", "companies"): "Finds for the job worker in which companies something waits.",
    ("spending_counts", "behind"): "Finds for the job worker what is to be counted, whosever it is.",
    ("seals", "waiting"): "Finds for the sealer what waits, whosever it is.",
    ("webhooks", "count_all"): "Counts for who runs the server.",
    ("tenants", "all_accounts"): "Lists the companies.",
    ("founding", "is_empty"): "Looks whether there is any tenant.",
    ("founding", "found"): "Makes the first tenant.",
    ("tenants", "create"): "Makes the tenant.",
    ("tenants", "create_among"): "As create.",
    ("tenants", "find_real"): "Looks at all of them.",
    ("tenants", "note_taken"): "Compares with all of them.",
    ("taxes", "seed_rates"): "What the law says is everybody's.",
    ("taxes", "shipped_rates"): "As seed_rates.",
}
MACHINERY = {"database", "hosts", "migrate", "pulse", "replicas", "seeds"}  # No statements about anybody's data.
STATEMENTS = tuple(file for file in layer("storage") if file.noun not in MACHINERY)


def test_a_storage_function_takes_the_connection_and_the_tenant_first() -> None:
    def wrong(file: SourceFile) -> list[str]:
        return [
            node.name
            for node in file.tree.body
            if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
            if (file.noun, node.name) not in EXCEPTIONS
            if [argument.arg for argument in node.args.args[:2]] != ["db", "tenant"]
        ]

    assert at_fault(STATEMENTS, wrong) == {}


def test_no_exception_outlives_its_reason() -> None:
    written = {(file.noun, node.name) for file in STATEMENTS for node in file.functions()}
    assert set(EXCEPTIONS) - written == set()


def test_sql_is_written_in_the_storage_alone() -> None:
    openings = ("select ", "insert into ", "update ", "delete from ", "with go as")

    def statements(file: SourceFile) -> list[str]:
        values = (node.value for node in ast.walk(file.tree) if isinstance(node, ast.Constant))
        texts = [value.strip().lower() for value in values if isinstance(value, str)]
        return [text[:60] for text in texts if text.startswith(openings) and " from " in text]

    assert at_fault(layer("services") + layer("http") + layer("jobs") + layer("cli"), statements) == {}

"""Looking single rows up by their keys, inside a statement about many."""


def one_row(alias: str, table: str, key: str, wanted: str) -> str:
    """Look one row up by its key, for each row that stands before it, however many PostgreSQL expects of either.

    What stands behind JOIN or LEFT JOIN. Joined as it is, a company could be taken for so small, or an id for so
    common, that all rows are read for one of them.

    Args:
        alias: what the row is called from there on.
        table: one of the companies' tables; ``$1`` is the company.
        key: the column that finds it.
        wanted: its value, as SQL over what stands before.
    """
    return f"LATERAL (SELECT * FROM {table} WHERE tenant_id = $1 AND {key} = {wanted} OFFSET 0) AS {alias} ON true"

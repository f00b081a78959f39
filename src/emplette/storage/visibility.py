"""Whose rows a list shows: said of each row, or gone through from the people's side.

Who may list everything reads the index of the whole list. Who may list only what some people own or wrote, or what is
charged to some cost centers, reads each of these in its own index, and merges: what it costs depends on what is theirs,
not on how much there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from emplette.domain.people import Visible
from emplette.storage.database import Session

FEW: Final = 10_000
"""So much is gone through one by one for what is looked for in it; with more, the list is read in its order."""
NO_CENTERS: Final = "NULL::int[]"
"""Stands for the cost centers where what is charged to them makes no difference."""

# What people wrote, they may have written through any of the keys that are bound to them.
_WRITERS: Final = """({people} || ARRAY(
    SELECT k.user_id FROM users k WHERE k.tenant_id = $1 AND k.kind = 'Key' AND k.person_id = ANY ({people})))"""
_MINE: Final = f"(p.owner_id = ANY ({{people}}) OR p.author_id = ANY ({_WRITERS}))"
# OFFSET 0, and a LIMIT, keep the planner to one person at a time, whatever it thinks of how much each of them wrote.
_HOW_MANY: Final = f"""
SELECT count(*) FROM (
    SELECT FROM unnest($4::int[]) AS w (cost_center_id) CROSS JOIN LATERAL (
        SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.cost_center_id = w.cost_center_id LIMIT $3) AS charged
    UNION ALL
    SELECT FROM unnest($2::int[]) AS w (user_id) CROSS JOIN LATERAL (
        SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.owner_id = w.user_id LIMIT $3) AS owned
    UNION ALL
    SELECT FROM unnest({_WRITERS.format(people="$2::int[]")}) AS w (user_id) CROSS JOIN LATERAL (
        SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.author_id = w.user_id LIMIT $3) AS written
    UNION ALL
    SELECT FROM unnest($5::int[]) AS w (user_id) CROSS JOIN LATERAL (
        SELECT FROM request_approvers a WHERE a.tenant_id = $1 AND a.user_id = w.user_id LIMIT $3) AS asked
    LIMIT $3) AS theirs
"""
_HOW_MANY_OWNED: Final = """
SELECT count(*) FROM (
    SELECT FROM unnest($2::int[]) AS w (user_id) CROSS JOIN LATERAL (
        SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.owner_id = w.user_id LIMIT $3) AS owned
    LIMIT $3) AS theirs
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One kind of document: its table, its alias there and its key.

    ``asked`` joins it to a request `q` that somebody was asked to decide: who is asked about a commitment sees what it
    belongs to, until another commitment takes its place. ``asked_of`` finds these requests of one row, by its purchase:
    that is what an index knows all requests by.
    """

    table: str
    alias: str
    key: str
    asked: str
    asked_of: str

    @property
    def is_purchase(self) -> bool:
        """Tell whether it has an owner and an author itself; what hangs on a purchase has the purchase's."""
        return self.alias == "p"

    def condition(self, people: str, asked: str, centers: str = NO_CENTERS) -> str:
        """Say of a row that it is visible; the arguments are parameters of the statement.

        It is looked up for each row: without OFFSET 0 PostgreSQL would first gather all that may be seen.
        """
        mine = f"({_MINE.format(people=people)} OR p.cost_center_id = ANY ({centers}))"
        if not self.is_purchase:
            mine = f"""EXISTS (SELECT FROM purchases p
                WHERE p.tenant_id = $1 AND p.purchase_id = {self.alias}.purchase_id AND {mine} OFFSET 0)"""
        return f"""({mine} OR EXISTS (
            SELECT FROM requests q JOIN request_approvers a ON a.tenant_id = $1 AND a.request_id = q.request_id
            WHERE q.tenant_id = $1 AND {self.asked_of} AND a.user_id = {asked} OFFSET 0))"""

    def rows(
        self,
        people: str,
        asked: str | None,
        centers: str | None,
        *,
        where: str,
        order: str,
        most: str,
        wanted: str | None = None,
    ) -> str:
        """Select `id` and `created_at` of the visible rows that meet a condition, in no order and each once.

        Args:
            people: the parameter that holds whose they are.
            asked: the one that holds who is asked, None when nobody is.
            centers: the one that holds what they are charged to, None when that does not count.
            where: the condition on their company and place in the list, which an index of theirs answers.
            order: ASC or DESC: from which end of the list at least the first rows are wanted.
            most: the parameter that holds how many.
            wanted: a further condition, for which each of theirs is looked at.
        """
        sides = [("owner_id", people), ("author_id", _WRITERS.format(people=people))]
        sides += [] if centers is None else [("cost_center_id", centers)]
        theirs = [
            f"SELECT x.* FROM unnest({side}) AS w (id) CROSS JOIN LATERAL ({x}) AS x"
            for side, x in ((side, self._of(column, where, order, most, wanted)) for column, side in sides)
        ]
        both = where if wanted is None else f"{where} AND {wanted}"
        if asked is not None:
            theirs.append(f"""
                SELECT {self.alias}.{self.key} AS id, {self.alias}.created_at FROM request_approvers a
                JOIN requests q ON q.tenant_id = $1 AND q.request_id = a.request_id
                JOIN {self.table} {self.alias} ON {self.alias}.tenant_id = $1 AND {self.asked}
                WHERE a.tenant_id = $1 AND a.user_id = {asked} AND {both}""")
        return " UNION ".join(theirs)

    def _of(self, column: str, where: str, order: str, most: str, wanted: str | None) -> str:
        if not self.is_purchase:
            theirs = f"SELECT m.purchase_id FROM purchases m WHERE m.tenant_id = $1 AND m.{column} = w.id OFFSET 0"
            both = where if wanted is None else f"{where} AND {wanted}"
            return f"""
                SELECT hanging.* FROM ({theirs}) AS theirs CROSS JOIN LATERAL (
                    SELECT {self.alias}.{self.key} AS id, {self.alias}.created_at FROM {self.table} {self.alias}
                    WHERE {self.alias}.purchase_id = theirs.purchase_id AND {both} OFFSET 0) AS hanging"""
        # An index has one person's in the order of the list: no more of them than a page takes are looked at.
        theirs = f"SELECT p.purchase_id AS id, p.created_at FROM purchases p WHERE p.{column} = w.id AND {where}"
        in_order = f"ORDER BY created_at {order}, id {order}"
        if wanted is None:
            return f"{theirs} {in_order} LIMIT {most}"
        # Each is looked up by its id: what the statistics say of other authors must not lead to another index.
        return f"""
            SELECT theirs.id, theirs.created_at FROM ({theirs} {in_order} OFFSET 0) AS theirs
            WHERE EXISTS (
                SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.purchase_id = theirs.id AND {wanted} OFFSET 0)
            {in_order} LIMIT {most}"""


_OF_ITS_COMMITMENT: Final = "q.purchase_id = {0}.purchase_id AND q.commitment_id = {0}.commitment_id"
PURCHASES: Final = Listed(
    "purchases", "p", "purchase_id", _OF_ITS_COMMITMENT.format("p"), _OF_ITS_COMMITMENT.format("p")
)
REQUESTS: Final = Listed("requests", "r", "request_id", "r.request_id = q.request_id", "q.request_id = r.request_id")
ORDERS: Final = Listed("orders", "o", "order_id", "o.commitment_id = q.commitment_id", _OF_ITS_COMMITMENT.format("o"))


def purchases_of_many(people: str, asked: str, centers: str, where: str) -> str:
    """Select the `purchase_id` of all purchases that somebody may see who may see very many, each once.

    What is there is read once, from end to end, and joined as a whole: looked up one by one, as `Listed.rows` has it,
    a hundred thousand of them take as many look-ups of each kind.

    Args:
        people: the parameter that holds whose they are.
        asked: the one that holds who is asked.
        centers: the one that holds what they are charged to.
        where: a condition of the whole, without which nothing is read.
    """
    return f"""
        WITH bought AS MATERIALIZED (
            SELECT p.purchase_id, p.commitment_id, p.owner_id, p.author_id, p.cost_center_id FROM purchases p
            WHERE p.tenant_id = $1 AND {where}
        ),
        asked AS MATERIALIZED (
            SELECT q.purchase_id, q.commitment_id FROM request_approvers a
            JOIN requests q ON q.tenant_id = $1 AND q.request_id = a.request_id
            WHERE a.tenant_id = $1 AND a.user_id = {asked} AND {where}
        )
        SELECT p.purchase_id FROM bought p WHERE {_MINE.format(people=people)} OR p.cost_center_id = ANY ({centers})
        UNION
        SELECT p.purchase_id FROM bought p JOIN asked q ON {_OF_ITS_COMMITMENT.format("p")}"""


async def sees_few(db: Session, tenant: int, visible: Visible, *, asked_only: bool = False) -> bool:
    """Tell whether what they may list is little enough to go through all of it.

    Args:
        db: what the call says to the database.
        tenant: the company.
        visible: what they may list.
        asked_only: look only at what they are asked about; what is theirs makes no difference.
    """
    theirs = ([], []) if asked_only else (sorted(visible.people), sorted(visible.cost_centers))
    row = await db.fetchrow(_HOW_MANY, tenant, theirs[0], FEW + 1, theirs[1], sorted(visible.asked))
    return row is not None and row[0] <= FEW


async def own_few(db: Session, tenant: int, owners: Sequence[int]) -> bool:
    """Tell whether what some people own is little enough to go through all of it."""
    row = await db.fetchrow(_HOW_MANY_OWNED, tenant, list(owners), FEW + 1)
    return row is not None and row[0] <= FEW

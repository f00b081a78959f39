"""Whose rows a list shows: said of each row, or gone through from the people's side.

Who may list everything reads the index of the whole list. Who may list only what some people own or wrote, or what is
charged to some cost centers, reads each of these in its own index, and merges: what it costs depends on what is theirs,
not on how much there is.
"""

from dataclasses import dataclass
from typing import Final

from emplette.domain.people import Visible
from emplette.storage.database import Session

FEW: Final = 10_000
"""So many purchases are gone through one by one for what hangs on them; with more, the list is read in its order."""
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
    LIMIT $3) AS theirs
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One kind of document: its table, its alias there and its key.

    ``asked`` joins it to a request `q` that somebody was asked to decide: who is asked about a commitment sees what it
    belongs to, until another commitment takes its place.
    """

    table: str
    alias: str
    key: str
    asked: str

    @property
    def is_purchase(self) -> bool:
        """Tell whether it has an owner and an author itself; what hangs on a purchase has the purchase's."""
        return self.alias == "p"

    def condition(self, people: str, asked: str, centers: str = NO_CENTERS) -> str:
        """Say of a row that it is visible; the arguments are parameters of the statement."""
        mine = f"({_MINE.format(people=people)} OR p.cost_center_id = ANY ({centers}))"
        if not self.is_purchase:
            mine = f"""EXISTS (SELECT FROM purchases p
                WHERE p.tenant_id = $1 AND p.purchase_id = {self.alias}.purchase_id AND {mine})"""
        return f"""({mine} OR EXISTS (
            SELECT FROM requests q JOIN request_approvers a ON a.tenant_id = $1 AND a.request_id = q.request_id
            WHERE q.tenant_id = $1 AND {self.asked} AND a.user_id = {asked}))"""

    def rows(self, people: str, asked: str | None, centers: str | None, *, where: str, order: str, most: str) -> str:
        """Select `id` and `created_at` of the visible rows that meet a condition, in no order and each once.

        Args:
            people: the parameter that holds whose they are.
            asked: the one that holds who is asked, None when nobody is.
            centers: the one that holds what they are charged to, None when that does not count.
            where: the condition.
            order: ASC or DESC: from which end of the list at least the first rows are wanted.
            most: the parameter that holds how many.
        """
        sides = [("owner_id", people), ("author_id", _WRITERS.format(people=people))]
        sides += [] if centers is None else [("cost_center_id", centers)]
        theirs = [
            f"SELECT x.* FROM unnest({side}) AS w (id) CROSS JOIN LATERAL ({self._of(column, where, order, most)}) AS x"
            for column, side in sides
        ]
        if asked is not None:
            theirs.append(f"""
                SELECT {self.alias}.{self.key} AS id, {self.alias}.created_at FROM request_approvers a
                JOIN requests q ON q.tenant_id = $1 AND q.request_id = a.request_id
                JOIN {self.table} {self.alias} ON {self.alias}.tenant_id = $1 AND {self.asked}
                WHERE a.tenant_id = $1 AND a.user_id = {asked} AND {where}""")
        return " UNION ".join(theirs)

    def _of(self, column: str, where: str, order: str, most: str) -> str:
        if self.is_purchase:
            # An index has one person's in the order of the list: no more of them than a page takes are looked at.
            return f"""
                SELECT p.purchase_id AS id, p.created_at FROM purchases p WHERE p.{column} = w.id AND {where}
                ORDER BY p.created_at {order}, p.purchase_id {order} LIMIT {most}"""
        return f"""
            SELECT hanging.* FROM (
                SELECT m.purchase_id FROM purchases m
                WHERE m.tenant_id = $1 AND m.{column} = w.id OFFSET 0) AS theirs
            CROSS JOIN LATERAL (
                SELECT {self.alias}.{self.key} AS id, {self.alias}.created_at FROM {self.table} {self.alias}
                WHERE {self.alias}.purchase_id = theirs.purchase_id AND {where} OFFSET 0) AS hanging"""


PURCHASES: Final = Listed(
    "purchases", "p", "purchase_id", "p.purchase_id = q.purchase_id AND p.commitment_id = q.commitment_id"
)
REQUESTS: Final = Listed("requests", "r", "request_id", "r.request_id = q.request_id")
ORDERS: Final = Listed("orders", "o", "order_id", "o.commitment_id = q.commitment_id")


async def owns_few(db: Session, tenant: int, visible: Visible) -> bool:
    """Tell whether what is theirs, or charged to their cost centers, is little enough to go through all of it."""
    row = await db.fetchrow(_HOW_MANY, tenant, sorted(visible.people), FEW + 1, sorted(visible.cost_centers))
    return row is not None and row[0] <= FEW

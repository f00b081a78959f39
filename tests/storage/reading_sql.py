"""Reading our statements with PostgreSQL's own parser: which tables a query joins, and by what the company is carried.

A scope is one SELECT, UPDATE, DELETE or INSERT, without those that are written inside it: each of them is a scope of
its own. In a scope every table of the companies has to be joined to the company that is asked for: by a comparison of
its `tenant_id` with a parameter, with what is around it, or with another table for which the same holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pglast import ast, parse_sql
from pglast.stream import RawStream

COLUMN: Final = "tenant_id"
_ELSEWHERE: Final = "the company that is asked for"
_SCOPES: Final = (ast.SelectStmt, ast.UpdateStmt, ast.DeleteStmt, ast.InsertStmt)


@dataclass
class Scope:
    """One query: its tables by their aliases, and which of them are joined by the company."""

    tables: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    joined: list[set[str]] = field(default_factory=list)
    inserts_into: str | None = None
    columns: list[str] = field(default_factory=list)

    def join(self, *names: str) -> None:
        """Note that these are of the same company."""
        together = {*names}
        for group in [group for group in self.joined if group & together]:
            together |= group
            self.joined.remove(group)
        self.joined.append(together)

    def loose(self, own: Callable[[str], bool]) -> list[str]:
        """List the tables of the companies that nothing joins to the company that is asked for."""
        bound = next((group for group in self.joined if _ELSEWHERE in group), set())
        found = [table for alias, table in self.tables.items() if own(table) and alias not in bound]
        # Where no columns are named, all of them are meant.
        if self.inserts_into and own(self.inserts_into) and self.columns and COLUMN not in self.columns:
            found.append(self.inserts_into)
        return found


def scopes_of(sql: str) -> Iterator[Scope]:
    """Take a statement apart into its scopes."""
    for raw in parse_sql(sql):
        names = {each.ctename for each in _find(raw.stmt, ast.CommonTableExpr)}
        for node in _find(raw.stmt, *_SCOPES):
            yield _Reader(names).read(node)


class _Reader:
    def __init__(self, named_queries: set[str]) -> None:
        self._named = named_queries
        self._scope = Scope()

    def read(self, node: Any) -> Scope:  # noqa: ANN401  any statement
        if isinstance(node, ast.InsertStmt):
            self._scope.inserts_into = str(node.relation.relname) if node.relation else None
            self._scope.columns = [column.name for column in node.cols or ()]
            return self._scope
        if isinstance(node, (ast.UpdateStmt, ast.DeleteStmt)):
            self._take(node.relation)
            sources = node.fromClause if isinstance(node, ast.UpdateStmt) else node.usingClause
        else:
            sources = node.fromClause
        for source in sources or ():
            self._take(source)
        self._compare(node.whereClause)
        return self._scope

    def _take(self, source: Any) -> list[str]:  # noqa: ANN401  any source of rows
        """Take a table, or a join of several, and answer the aliases in it."""
        if isinstance(source, ast.JoinExpr):
            left, right = self._take(source.larg), self._take(source.rarg)
            if any(name.sval == COLUMN for name in source.usingClause or ()):
                self._join([left[-1], right[-1]])
            self._compare(source.quals)
            return left + right
        alias = source.alias.aliasname if source.alias else getattr(source, "relname", "")
        if isinstance(source, ast.RangeVar) and source.relname not in self._named:
            self._scope.tables[alias] = str(source.relname)
        else:
            self._scope.others.add(alias)
        return [alias]

    def _compare(self, condition: Any) -> None:  # noqa: ANN401  any expression
        if condition is None:
            return
        for node in _find(condition, ast.A_Expr, within=_SCOPES):
            if node.name[-1].sval != "=":
                continue
            left, right = _columns(node.lexpr), _columns(node.rexpr)
            if left or right:
                self._join(
                    [self._owner(column) for column in (left[:1] + right[:1])] + ([] if left and right else [""])
                )
        for node in _find(condition, ast.SubLink, within=_SCOPES):
            for column in _columns(node.testexpr):
                self._join([self._owner(column), ""])

    def _owner(self, column: tuple[str, ...]) -> str:
        """Find whose column it is; one without a name before it is the only table's, or of all that are joined."""
        if len(column) > 1:
            return column[0]
        return next(iter(self._scope.tables), "")

    def _join(self, names: list[str]) -> None:
        self._scope.join(*(name if name in self._scope.tables else _ELSEWHERE for name in names))


def _columns(node: Any) -> list[tuple[str, ...]]:  # noqa: ANN401  any expression
    """List the names of the company's columns in an expression, with the table that is named before them."""
    if node is None:
        return []
    found = []
    for column in _find(node, ast.ColumnRef, within=_SCOPES):
        names = tuple(getattr(part, "sval", "*") for part in column.fields)
        if names[-1] == COLUMN:
            found.append(names)
    return found


def _find(node: Any, *kinds: type, within: tuple[type, ...] = ()) -> Iterator[Any]:  # noqa: ANN401
    """Walk through a tree; what is below one of ``within`` is left out."""
    if isinstance(node, kinds):
        yield node
    if isinstance(node, (tuple, list)):
        for each in node:
            yield from _find(each, *kinds, within=within)
    elif isinstance(node, ast.Node) and not isinstance(node, within):
        for name in node:
            yield from _find(getattr(node, name), *kinds, within=within)


def shown(sql: str) -> str:
    """Write a statement on one line, for whoever has to mend it."""
    return str(RawStream()(sql))[:400]

"""Budgets from a table: worked out whole, with all that is wrong in it, then written whole."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from emplette.domain.budgets import Budget
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults, Unavailable
from emplette.domain.money import Money
from emplette.domain.people import Principal, Tenant
from emplette.domain.registers import note_missing
from emplette.domain.text import folded
from emplette.formats.budgets import BudgetRow, read_budgets
from emplette.services.charging import forget_book
from emplette.services.plans import Plan, Source
from emplette.services.registers import ATTEMPTS, BUSY
from emplette.services.takeovers import take_over
from emplette.services.work import Work
from emplette.storage import changes, ids, imports, people, registers
from emplette.storage.budgets import BUDGETS
from emplette.storage.changes import Change
from emplette.storage.commands import Author
from emplette.storage.database import Session, Together
from emplette.storage.imports import Imported
from emplette.storage.keys import command_line_user

_Key = tuple[str, date, date]


async def list_all(db: Session, tenant: Tenant) -> list[Budget]:
    """List the budgets of a company, by id."""
    return await registers.find_every(db, tenant.id, BUDGETS)


async def plan_budgets(db: Session, tenant: Tenant, content: bytes, *, today: date, dry_run: bool) -> Plan:
    """Work out what a file would do, without writing anything; everything that is wrong is named by its place.

    A budget is known again by its id, else by its name and its days; one that is there stays as it is.
    """
    rows, wrong, whole = await asyncio.to_thread(read_budgets, content)
    if whole:
        places = whole.as_dict()
        return Plan(faults=places, wrong_lines=len(places))
    wanted = [reference for row in rows for reference in row.budget.references()]
    known = await registers.names_of(db, tenant.id, BUDGETS, list(dict.fromkeys(wanted)))
    there = await list_all(db, tenant)
    by_id, by_key = {one.id: one for one in there}, {_key(one): one for one in there}
    plan, lines = Plan(), dict[object, int]()
    new: list[BudgetRow] = []
    for row in rows:
        faults = Faults()
        before = by_id.get(row.budget.id) or by_key.get(_key(row.budget))
        double = lines.setdefault(_key(row.budget), row.line)
        if double != row.line:
            faults.add("name", f"Is that of line {double} already, in the same days.")
        if before is not None:
            _note_difference(before, row.budget, faults)
        else:
            note_missing(row.budget.references(), known, faults, today=today)
        if faults:
            wrong[row.line] = faults
        elif before is None:
            new.append(row)
        else:
            plan.same += 1
    for line, faults in sorted(wrong.items()):
        plan.add(line, faults)
    numbers = await _new_ids(db, tenant, there, new, dry_run=dry_run)
    plan.made = [
        Change(None, row.budget if row.budget.id else replace(row.budget, id=number))
        for row, number in zip(new, numbers, strict=True)
    ]
    return plan


async def bring_budgets(work: Work, source: Source, *, dry_run: bool) -> Plan:
    """Make the budgets of a file, each with what hangs on it already, or none when anything is wrong with it.

    Raises:
        Unavailable: too many others change the same just now; nothing was written.
    """
    db, tenant = work.db, work.tenant
    for _ in range(ATTEMPTS):
        plan = await plan_budgets(db, tenant, source.content, today=work.today, dry_run=dry_run)
        if plan.faults or dry_run or not plan.made:
            return plan
        if await write_budgets(db, tenant, plan, source, work.author) is not None:
            forget_book(work)
            return plan
    raise Unavailable(BUSY)


async def command_line(db: Session, tenant: Tenant, now: datetime) -> Author:
    """Name who gives a command at the shell."""
    actor = await command_line_user(db, tenant.id)
    user = (await people.by_id(db, tenant.id, [actor]))[actor]
    return Author(Principal(user, 0, "", {}, auto_approve=False), now, None)


async def write_budgets(db: Session, tenant: Tenant, plan: Plan, source: Source, author: Author) -> int | None:
    """Write the budgets of a file, each with what hangs on it already, or none; answer with the import's number.

    It is None when something has changed meanwhile, and nothing was written.
    """
    number = await ids.Ids().one(db, tenant.id, imports.KIND)
    told = Imported(
        into="budgets",
        source=source.name,
        sha256=source.sha256,
        made=len(plan.made),
        changed=0,
        same=plan.same,
        left_out=plan.wrong_lines,
    )

    async def finish(together: Together) -> None:
        await take_over(together, tenant.id, [change.after for change in plan.made], author)
        await imports.note(together, tenant.id, number, told, author)

    done = await changes.write_many(
        db, tenant.id, BUDGETS, plan.made, author=author, tell=lambda _: None, finish=finish
    )
    return number if done else None


async def _new_ids(
    db: Session, tenant: Tenant, there: Sequence[Budget], new: Sequence[BudgetRow], *, dry_run: bool
) -> Sequence[int]:
    """Draw ids above those that the file gives; a dry run draws none."""
    highest = max((row.budget.id for row in new), default=0)
    if dry_run or not new:
        first = max([highest, *(one.id for one in there)], default=0) + 1
        return range(first, first + len(new))
    if highest:
        await ids.keep_above(db, tenant.id, BUDGETS.kind, highest)
    return await ids.Ids().several(db, tenant.id, BUDGETS.kind, len(new))


def _key(budget: Budget) -> _Key:
    return folded(budget.name), budget.starts_on, budget.ends_on


def _note_difference(before: Budget, said: Budget, faults: Faults) -> None:
    """Note that a budget that is there is another one: a file makes budgets, and corrects none."""
    if before.initial_minor != said.initial_minor or before.currency != said.currency:
        amount = Money(before.initial_minor, CURRENCIES[before.currency])
        faults.add("amount", f"Budget {before.id} is there with {amount}: correct it, for a reason, or leave it out.")
    kept = replace(
        said,
        id=before.id,
        currency=before.currency,
        initial_minor=before.initial_minor,
        corrections=before.corrections,
        reasons=before.reasons,
        numbers=before.numbers,
        version=before.version,
        name=before.name,
    )
    if kept != before:
        faults.add("name", f"Budget {before.id} of this name and these days is there, and is for something else.")

"""The operations on suppliers, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import AsyncListing
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class AsyncSuppliers:
    """The operations on suppliers, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        state: Sequence[models.SupplierState] | Unset = UNSET,
        search_terms: str | Unset = UNSET,
    ) -> AsyncListing[models.Supplier]:
        """List the suppliers, by id.

        `search.terms` looks for every word, or its beginning, in names: case, accents, the order of words and legal forms
        such as SARL do not count.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return AsyncListing(
            self._sender,
            "/cleemy-procurement/api/suppliers",
            models.Supplier,
            {"limit": limit, "page": page, "state": state, "search.terms": search_terms},
        )

    async def create(
        self,
        *,
        name: str,
        state: models.SupplierState | Unset | None = UNSET,
        territory: models.TerritoryInput | Unset = UNSET,
        territory_id: str | Unset = UNSET,
        legal_registration: models.LegalRegistrationInput | Unset | None = UNSET,
        contacts: Sequence[models.ContactInput] | Unset | None = UNSET,
        payment_term: models.PaymentTermInput | Unset | None = UNSET,
        bank_account: models.BankAccountInput | Unset | None = UNSET,
        preferred_nature_id: int | Unset | None = UNSET,
        preferred_payment_method: models.PaymentMethod | Unset | None = UNSET,
        preferred_cost_center_id: int | Unset | None = UNSET,
        flag: models.SupplierFlag | Unset | None = UNSET,
        address: models.AddressInput | Unset | None = UNSET,
        order_conditions: models.ConditionsInput | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Supplier:
        """Put a supplier on the list.

        Two active suppliers can't have the same registration; those that share a VAT number, a bank account or a name are
        named in `likelyDuplicates`. `address` and `orderConditions` are ours: orders print them.

        Needs the permission `manage`.
        """
        ask: Ask[models.Supplier] = Ask(
            method="POST",
            path="/cleemy-procurement/api/suppliers",
            answer=models.Supplier,
            body={
                "name": name,
                "state": state,
                "territory": territory,
                "territoryId": territory_id,
                "legalRegistration": legal_registration,
                "contacts": contacts,
                "paymentTerm": payment_term,
                "bankAccount": bank_account,
                "preferredNatureId": preferred_nature_id,
                "preferredPaymentMethod": preferred_payment_method,
                "preferredCostCenterId": preferred_cost_center_id,
                "flag": flag,
                "address": address,
                "orderConditions": order_conditions,
            },
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return await self._sender.send(ask)

    async def get(self, supplier_id: int) -> models.Supplier:
        """Read a supplier.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Supplier] = Ask(
            method="GET", path=f"/cleemy-procurement/api/suppliers/{quoted(supplier_id)}", answer=models.Supplier
        )
        return await self._sender.send(ask)

    async def update(
        self,
        supplier_id: int,
        *,
        name: str | Unset = UNSET,
        state: models.SupplierState | Unset = UNSET,
        territory: models.TerritoryInput | Unset = UNSET,
        territory_id: str | Unset = UNSET,
        legal_registration: models.LegalRegistrationInput | Unset | None = UNSET,
        contacts: Sequence[models.ContactInput] | Unset | None = UNSET,
        payment_term: models.PaymentTermInput | Unset | None = UNSET,
        bank_account: models.BankAccountInput | Unset | None = UNSET,
        preferred_nature_id: int | Unset | None = UNSET,
        preferred_payment_method: models.PaymentMethod | Unset | None = UNSET,
        preferred_cost_center_id: int | Unset | None = UNSET,
        flag: models.SupplierFlag | Unset = UNSET,
        address: models.AddressInput | Unset | None = UNSET,
        order_conditions: models.ConditionsInput | Unset | None = UNSET,
        if_match: str | Versioned | None = None,
    ) -> models.Supplier:
        """Change what is said of a supplier: what is absent is kept, null clears.

        Needs the permission `manage`.
        """
        ask: Ask[models.Supplier] = Ask(
            method="PUT",
            path=f"/cleemy-procurement/api/suppliers/{quoted(supplier_id)}",
            answer=models.Supplier,
            body={
                "name": name,
                "state": state,
                "territory": territory,
                "territoryId": territory_id,
                "legalRegistration": legal_registration,
                "contacts": contacts,
                "paymentTerm": payment_term,
                "bankAccount": bank_account,
                "preferredNatureId": preferred_nature_id,
                "preferredPaymentMethod": preferred_payment_method,
                "preferredCostCenterId": preferred_cost_center_id,
                "flag": flag,
                "address": address,
                "orderConditions": order_conditions,
            },
            if_match=if_match,
        )
        return await self._sender.send(ask)

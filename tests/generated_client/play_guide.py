"""The guide's three calls with the client that a generator made of our OpenAPI document.

Run in the generator's environment, with the folder of the made package as its path: the address of a server and a key
are its arguments, and what it writes is read by a test.
"""

import datetime as dt
import json
import sys

from spend import Client, models
from spend.api.approval import create_request
from spend.api.orders import read_order
from spend.api.purchases import create_commitment, create_purchase, list_purchases


def main(url: str, key: str) -> None:
    """Make the calls, and write what they led to."""
    client = Client(base_url=url, raise_on_unexpected_status=True)
    who = f"lucca application={key}"
    purchase = create_purchase.sync(
        client=client,
        authorization=who,
        idempotency_key="generated-1",
        body=models.PurchaseIn(
            title="Generated", owner_id=35, nature_id=1, cost_center_id=3, supplier=models.SupplierIn(id=6)
        ),
    )
    assert isinstance(purchase, models.PurchaseOut), purchase
    amount = models.AmountIn(value=120, currency=models.AmountInCurrency.EUR)
    commitment = create_commitment.sync(
        client=client,
        authorization=who,
        body=models.OneTimeOfPurchaseIn(
            type_=models.OneTimeOfPurchaseInType.ONETIMECOMMITMENT,
            purchase_id=purchase.id,
            cost_date=dt.date(2025, 4, 14),
            amount_including_taxes=models.MoneyIn(excluding_taxes=amount),
        ),
    )
    assert isinstance(commitment, models.OneTimeCommitmentOut), commitment
    request = create_request.sync(commitment.id, client=client, authorization=who)
    assert isinstance(request, models.RequestOut), request
    assert isinstance(request.order, models.OrderReferenceOut), request
    order = read_order.sync(request.order.id, client=client, authorization=who)
    assert isinstance(order, models.OrderOut), order
    found = list_purchases.sync(
        client=client, authorization=who, search_terms="Generated", state=[models.PurchaseState.ONGOING]
    )
    assert isinstance(found, models.PurchaseOutList), found
    refused = create_request.sync(commitment.id, client=client, authorization=who)
    assert isinstance(refused, models.Problem), refused
    told = {
        "request": request.state.value,
        "order": order.number,
        "created": order.created_at.tzinfo is not None,
        "amount": order.amount_including_taxes.excluding_taxes.value,
        "found": [each.id for each in found.items] == [purchase.id],
        "refused": refused.code,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Examples of requests, with the ids of the demo company; the reference page shows them and tests send them."""

from typing import Any, Final

_AMOUNT: Final = {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": []}

PURCHASE: Final[dict[str, Any]] = {
    "purchase": {
        "ownerId": 35,
        "natureId": 1,
        "costCenterId": 3,
        "establishmentId": 1,
        "departmentId": 14,
        "supplier": {"id": 6, "name": "Amazon", "territoryId": "FR"},
        "title": "Purchase entry test",
        "axisSectionIds": [361],
    },
    "draft supplier": {
        "ownerId": 35,
        "natureId": 1,
        "costCenterId": 3,
        "supplier": {"name": "La Petite Imprimerie", "territoryId": "FR"},
        "title": "Leaflets for the spring fair",
    },
}

_ONE_TIME: Final[dict[str, Any]] = {
    "type": "OneTimeCommitment",
    "costDate": "2025-04-14",
    "invoiceDate": "2025-04-14",
    "amountIncludingTaxes": _AMOUNT,
    "attachmentIds": [],
    "state": "Created",
    "comment": "Comment",
    "paymentMethod": None,
}
_SUBSCRIPTION: Final[dict[str, Any]] = {
    "type": "SubscriptionCommitment",
    "startDate": "2025-04-14",
    "firstInvoiceDate": "2025-04-14",
    "invoicingFrequency": {"value": 1, "unit": "Month"},
    "subscriptionDuration": {"value": 12, "unit": "Month"},
    "contractualObligation": None,
    "terminationNotice": None,
    "amountIncludingTaxesPerPeriod": {"excludingTaxes": {"value": 1000, "currency": "EUR"}, "taxes": []},
    "attachmentIds": [],
    "state": "Created",
    "comment": "Comment",
    "paymentMethod": None,
}

_WITH_NOTICE: Final[dict[str, Any]] = {
    **_SUBSCRIPTION,
    "startDate": "2035-01-01",
    "firstInvoiceDate": "2035-01-31",
    "subscriptionDuration": {"value": 3, "unit": "Year"},
    "contractualObligation": {"value": 1, "unit": "Year"},
    "terminationNotice": {"value": 3, "unit": "Month"},
}

COMMITMENTS: Final[dict[str, Any]] = {
    "one-time": _ONE_TIME,
    "subscription": _SUBSCRIPTION,
    "subscription of which notice has to be given": _WITH_NOTICE,
}
COMMITMENTS_OF_PURCHASE: Final[dict[str, Any]] = {
    name: {"purchaseId": 1, **example} for name, example in COMMITMENTS.items()
}
DRAFTS: Final[dict[str, Any]] = {
    "one-time": {"purchase": PURCHASE["purchase"], "commitment": _ONE_TIME},
    "subscription": {"purchase": PURCHASE["draft supplier"], "commitment": _SUBSCRIPTION},
}
AMENDMENTS: Final[dict[str, Any]] = {
    "another price": {**_ONE_TIME, "amountIncludingTaxes": {"excludingTaxes": {"value": 150, "currency": "EUR"}}},
    "prolonged": {**_SUBSCRIPTION, "subscriptionDuration": {"value": 3, "unit": "Year"}},
}
SEVERAL_APPROVALS: Final[dict[str, Any]] = {
    "two requests, each as it was shown": {
        "items": [
            {"requestId": 1, "contentHash": "3ba1c0e97d0f5b9f0c5d4a9c9f2d9e4b7f0f4f0e1a5f1d3c6c1b2a7e8d9f0a1b"},
            {"requestId": 2, "contentHash": "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab"},
        ],
        "comment": "All within the plan",
    }
}
COMMENT: Final[dict[str, Any]] = {"with a comment": {"comment": "Comment"}}
PRICE_RISE: Final[dict[str, Any]] = {"an index": {"index": "Syntec", "before": 305.2, "after": 312.4}}
REMARK: Final[dict[str, Any]] = {"a question": {"text": "Do they deliver before the fair?"}}
ATTACHMENT: Final[dict[str, Any]] = {"quote": {"fileId": "6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10"}}
ATTACHED: Final[dict[str, Any]] = {
    "quote": {
        "id": 14810,
        "file": {
            "id": "6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10",
            "href": "/cleemy-procurement/api/files/6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10",
            "name": "Quote 2025-114.pdf",
            "displayHref": "/cleemy-procurement/api/files/6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10/display",
        },
        "createdAt": "2025-04-14T09:31:00+00:00",
        "pages": {
            "displayHrefTemplate": (
                "/cleemy-procurement/api/files/6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10/display/pages/{pageNumber}"
            ),
            "count": 2,
        },
    }
}
CLOSING: Final[dict[str, Any]] = {"closing": {"comment": "Comment", "date": "2025-04-20"}}
SUPPLIER: Final[dict[str, Any]] = {"supplier": {"id": 6}}
NATURE: Final[dict[str, Any]] = {
    "nature": {
        "name": "Software",
        "costFamilyId": None,
        "state": "Enabled",
        "accountingPlans": [{"id": 1, "chargeAccount": "651100"}],
    }
}
COST_CENTER: Final[dict[str, Any]] = {
    "cost center": {"name": "Marketing", "code": "MKT", "ownerId": 35, "state": "Enabled", "establishmentIds": [1]}
}
LISTED_SUPPLIER: Final[dict[str, Any]] = {
    "supplier": {
        "name": "La Petite Imprimerie",
        "state": "Active",
        "territoryId": "FR",
        "legalRegistration": {"identifier": "732829320", "vatNumber": "FR40303265045"},
        "contacts": [
            {
                "firstName": "Jeanne",
                "lastName": "Martin",
                "email": "jeanne.martin@example.org",
                "phone": "+33 1 02 03 04 05",
            }
        ],
        "paymentTerm": {"value": 30, "unit": "Day"},
        "bankAccount": {"iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"},
        "preferredNatureId": 1,
        "preferredPaymentMethod": "BankTransfer",
        "preferredCostCenterId": 3,
    }
}
COST_CENTERS: Final[dict[str, Any]] = {
    "two cost centers": {
        "mode": "SkipInvalidItems",
        "items": [
            {"name": "Marketing", "code": "MKT", "ownerId": 35, "state": "Enabled", "establishmentIds": [1]},
            {"name": "Research", "code": "RES"},
        ],
    }
}
UPLOADED_FILE: Final[dict[str, Any]] = {
    "quote": {
        "id": "6f1c2a54-0a3e-4a0e-9c39-5d1d8b1c7e10",
        "name": "Quote 2025-114.pdf",
        "createdAt": "2025-04-14T09:30:00+00:00",
        "deletedAt": None,
        "contentLength": 48213,
        "contentType": "application/pdf",
        "extension": "pdf",
        "totalPages": 2,
    }
}

WEBHOOK: Final[dict[str, Any]] = {
    "webhook": {
        "webhookUrl": "https://example.com/hooks/emplette",
        "name": "Accounts",
        "topics": ["order.created", "request.approved"],
    },
    "everything from the beginning": {"webhookUrl": "https://example.com/hooks/emplette", "after": "0"},
}
WEBHOOK_CHANGE: Final[dict[str, Any]] = {"pause": {"status": "inactive"}}
SECRET: Final[dict[str, Any]] = {"another secret": {"overlapHours": 24}}
REPLAY: Final[dict[str, Any]] = {"from the beginning": {"after": "0"}}
ABSENCE: Final[dict[str, Any]] = {
    "somebody's": {"userId": 36, "deputyId": 37, "startDate": "2035-07-01", "endDate": "2035-07-21"},
    "for one cost center": {
        "userId": 36,
        "deputyId": 37,
        "startDate": "2036-07-01",
        "endDate": "2036-07-21",
        "costCenterId": 3,
    },
    "up to an amount": {
        "userId": 36,
        "deputyId": 37,
        "startDate": "2037-07-01",
        "endDate": "2037-07-21",
        "atMost": {"value": 500, "currency": "EUR"},
    },
}
WORKING_DAYS: Final[dict[str, Any]] = {
    "Monday to Friday, with the holidays of France": {
        "weekdays": [1, 2, 3, 4, 5],
        "holidaysOf": "FR",
        "daysOff": ["2035-12-24", "2035-12-31"],
    },
    "no public holidays": {"holidaysOf": None},
}
CALENDAR_LINK: Final[dict[str, Any]] = {"make a link": {"isOpen": True}, "end it": {"isOpen": False}}
REASSIGNMENT: Final[dict[str, Any]] = {
    "to a colleague": {"fromUserId": 36, "toUserId": 37, "reason": "Has moved to another department"},
}
BUDGET: Final[dict[str, Any]] = {
    "of a cost center, for a year": {
        "name": "Marketing 2025",
        "startDate": "2025-01-01",
        "endDate": "2025-12-31",
        "amount": {"value": 200000, "currency": "EUR"},
        "kind": "Hard",
        "costCenterId": 3,
    },
    "of a department and a cost family, soft": {
        "name": "General costs of Marketing 2024",
        "startDate": "2024-01-01",
        "endDate": "2024-12-31",
        "amount": {"value": 5000, "currency": "EUR"},
        "kind": "Soft",
        "departmentId": 14,
        "costFamilyId": 1,
    },
}
CORRECTION: Final[dict[str, Any]] = {
    "raise": {"amount": {"value": 2500, "currency": "EUR"}, "reason": "The fair was moved to a larger hall"}
}
CARRY_OVER: Final[dict[str, Any]] = {"all that is free": {"fromBudgetId": 1, "reason": "Carried over from 2024"}}

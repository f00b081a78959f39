"""The contract: the one place that knows the wire.

Operations are declared here once; routes, decoding, answers, problems, the OpenAPI document and the reference page
follow from the declaration. Nothing else in Emplette touches a raw request.
"""

from emplette.http.contract.download import ANY, Download
from emplette.http.contract.fields import (
    Amount,
    Code,
    Comment,
    Count,
    Id,
    Instant,
    Int32,
    Moment,
    Name,
    Reason,
    ShortText,
    Title,
    instant,
)
from emplette.http.contract.gate import Call, Gate
from emplette.http.contract.paging import Cursor, Direction, Listed, PagedQuery, PageNumber, RootField
from emplette.http.contract.registry import (
    EMPTY,
    GET,
    OPTIONAL,
    POST,
    PUT,
    REQUIRED,
    Operation,
    Registry,
    operation,
)
from emplette.http.contract.replies import Reply
from emplette.http.contract.serve import Contract
from emplette.http.contract.structs import Answer, Body, Query
from emplette.http.contract.upload import Upload

__all__ = [
    "ANY",
    "EMPTY",
    "GET",
    "OPTIONAL",
    "POST",
    "PUT",
    "REQUIRED",
    "Amount",
    "Answer",
    "Body",
    "Call",
    "Code",
    "Comment",
    "Contract",
    "Count",
    "Cursor",
    "Direction",
    "Download",
    "Gate",
    "Id",
    "Instant",
    "Int32",
    "Listed",
    "Moment",
    "Name",
    "Operation",
    "PageNumber",
    "PagedQuery",
    "Query",
    "Reason",
    "Registry",
    "Reply",
    "RootField",
    "ShortText",
    "Title",
    "Upload",
    "instant",
    "operation",
]

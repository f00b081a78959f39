"""One line in the log for each call: enough to find it again, and nothing that people wrote."""

import structlog

from emplette.http.contract.exchange import Exchange

log = structlog.get_logger("emplette.http")


def note_call(exchange: Exchange, status: int) -> None:
    """Write the line; who only looks whether we live is noted for debugging alone."""
    operation = exchange.operation
    write = log.debug if operation is not None and operation.public else log.info
    write(
        "call",
        request_id=exchange.request_id,
        method=exchange.scope["method"],
        operation=operation.name if operation else None,
        status=status,
        ms=round(exchange.seconds * 1000, 2),
        tenant=exchange.tenant.account if exchange.tenant else None,
        key=exchange.who.api_key_id if exchange.who else None,
        user=exchange.who.user.id if exchange.who and exchange.who.session_id else None,
    )

"""Emplette: an open, self-hosted procure-to-pay server that speaks the Lucca Invoices HTTP API."""

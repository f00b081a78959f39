"""The wire: the contract, the JSON API and the pages."""

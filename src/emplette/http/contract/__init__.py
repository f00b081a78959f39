"""The one place that knows how a call is read and how an answer is written."""

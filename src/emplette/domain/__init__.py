"""The rules of purchasing: pure functions and frozen values, standard library only."""

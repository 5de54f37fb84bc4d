"""Calculators of what the law gives: exact, with the articles and how each figure came about."""

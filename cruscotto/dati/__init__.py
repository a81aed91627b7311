"""Loaders of the official data and, apart, of the demonstration data (files in `fixtures/`)."""

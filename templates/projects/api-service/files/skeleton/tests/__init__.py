"""Tests: real requests to a whole application, nothing is mocked."""

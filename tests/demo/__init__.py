"""Tests of the demo EHR, its fixtures and its FHIR endpoint."""

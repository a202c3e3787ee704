"""The two pages that the authorization server shows: the patient picker and what went wrong. No scripts."""

from collections.abc import Iterable
from urllib.parse import urlencode

from jinja2 import DictLoader, Environment
from starlette.responses import HTMLResponse

from watchful.demo.smart.launches import PatientChoice

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""`frame-ancestors`: a launch that fails inside the app's panel says so there."""

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %} - Watchful demo EHR</title>
{% if stylesheet %}<link rel="stylesheet" href="{{ stylesheet }}">{% endif %}
</head>
<body>
<header class="top"><p class="name">Watchful <span>demo EHR</span></p>
<p class="notice">Synthetic patients. Not for clinical use.</p></header>
<main class="alone">{% block main %}{% endblock %}</main>
</body>
</html>
"""
_PICKER = """{% extends "frame" %}{% block title %}Pick a patient{% endblock %}
{% block main %}<h1>Pick a patient</h1>
<p>The app opens with this patient's chart. There is no login: this is a demonstration.</p>
<ul class="choices">
{% for choice, link in choices %}<li><a href="{{ link }}">{{ choice.name }}</a>
{% if choice.title %}<small>{{ choice.title }}</small>{% endif %}</li>
{% endfor %}</ul>
<p><a href="{{ back }}">Go back without a patient</a></p>{% endblock %}
"""
_PROBLEM = """{% extends "frame" %}{% block title %}The app cannot be opened{% endblock %}
{% block main %}<h1>The app cannot be opened</h1>
<p>The demo EHR refused what the app asked for: {{ why }}.</p>
<p>Open the app again from the chart.</p>{% endblock %}
"""
_PAGES = Environment(loader=DictLoader({"frame": _FRAME, "picker": _PICKER, "problem": _PROBLEM}), autoescape=True)


def picker_page(patients: Iterable[PatientChoice], ticket: str, stylesheet: str) -> HTMLResponse:
    """Each link works once, and only one of them."""
    choices = [
        (patient, f"authorize/patient?{urlencode({'ticket': ticket, 'patient': patient.id})}")
        for patient in patients
    ]
    back = f"authorize/patient?{urlencode({'ticket': ticket})}"
    return _page("picker", 200, choices=choices, back=back, stylesheet=stylesheet)


def problem_page(why: str, stylesheet: str) -> HTMLResponse:
    return _page("problem", 400, why=why, stylesheet=stylesheet)


def _page(name: str, status: int, **values: object) -> HTMLResponse:
    html = _PAGES.get_template(name).render(values)
    return HTMLResponse(html, status, headers=HEADERS | {"Content-Security-Policy": POLICY})

"""The room's templates."""

from __future__ import annotations

START = '{% extends "page.html" %}{% import "ui.html" as ui with context %}'

TEMPLATES = {
    "notes/list.html": START
    + """{% block title %}Notes{% endblock %}{% block main %}{% block list %}<ul id="list">
{% for note in notes %}<li><a href="{{ url("/notes/" ~ note.id) }}">{{ note.title }}</a></li>{% endfor %}
</ul>{% endblock %}<p>outside</p>{% endblock %}""",
    "notes/new.html": START
    + """{% block title %}New{% endblock %}{% block main %}
{{ ui.form(form, page.path, "Send") }}{% endblock %}""",
    "notes/one.html": START
    + """{% block title %}{{ note.title }}{% endblock %}{% block main %}<p>{{ note.state }}</p>
{{ ui.form(form, page.path, "Change") }}{{ ui.act(page.path ~ "/shut", "Shut", version=note.version) }}
{% endblock %}""",
    "notes/hello.html": """{% extends "public.html" %}{% block title %}Hello{% endblock %}
{% block main %}<p>Hello {{ who }}</p>{% endblock %}""",
}

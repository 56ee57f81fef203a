"""The web: how what the rooms declare becomes pages and an API, in both languages.

Where to look, from a request's way in to its way out:

- the way in: ``edge`` ``incoming`` ``bodies`` ``uploads``, who asks ``callers``, in which language ``languages``, kept
  from being used against its reader ``protection``
- what a room declares: ``pages`` ``routes``, made into handlers by ``handlers``; what a page's function has: ``view``
- pages: ``page_requests`` ``page_replies`` ``shell`` ``navigation``, drawn by ``environment`` ``filters`` ``icons``
- forms: ``forms`` ``forms_kinds`` ``forms_nested``, as they go out ``forms_shown`` and come in ``forms_sent``
- tables: ``tables``, as files ``exports``
- the API: ``openapi``, errors ``problems``, sentences in answers ``wording``
- the way out: ``replies``; files that stay the same ``assets`` ``static_files``
- words: ``i18n`` ``i18n_formats``, kept whole by ``i18n_sources`` ``i18n_upkeep`` ``i18n_french``
- pages of its own: ``public_pages`` ``reference`` ``statements``, and for who draws them ``styleguide``
  ``styleguide_figures``
- the process: ``site`` ``serving``, seen from outside ``health`` ``metrics`` ``request_log``
"""

"""A scope's plugins on its own pages: what they do, what they are set to, how they fare, and switching them off.

Where to look, from what a service does with its plugins to what the operator does, and what runs by itself:

- which plugins: ``service`` (on and off), ``reading`` ``known``, as ``tables`` ``catalogue_tables`` ``name_drawing``
- the consent to what a plugin asks for: ``consenting``, as a form ``consent_drawing``
- its settings: ``settings`` ``settings_checks`` (what other rooms look at first), without its code ``settings_plain``
  ``settings_words``, as a form ``settings_drawing``
- how it fares: ``figures`` ``figure_pages`` ``figure_tables``, its log ``log`` ``log_pages``; a call tried again:
  ``replaying`` ``replay_drawing``
- its end: ``stopping`` (safe mode, and what the operator stops), ``removing``
- what waits for it: ``delivering`` (how it is called), ``deliveries`` ``delivery_pages`` ``delivery_tables`` (seen and
  sent again), ``scheduling`` (its tasks)
- telling it what happened: ``telling`` ``subscribers``
- telling people: ``announcing`` (what the host did to a plugin), ``notifying`` ``messages`` (at their own addresses)
- the operator's: ``allowing`` ``allowing_pages`` (the allow-list), ``recommending`` ``recommending_pages`` and what
  services make of it, ``profiles`` ``profile_plans`` ``using_profiles`` ``profile_pages``; what is installed:
  ``installed_schemas``
- of the whole room: ``models`` ``lifecycle`` ``schemas`` ``routes`` ``pages`` ``words``
"""

"""The contract with plugins, and all that finds, runs, contains and keeps them.

Where to look, from what a plugin's author sees to what only the host knows:

- the contract: ``specs`` ``hearing`` (the hooks), ``types`` ``panels`` ``hr`` ``data`` (what they are given and
  answer), ``manifest`` ``consent`` ``marking`` (what a plugin says of itself), ``days`` ``unreached`` (words for it),
  ``deprecations`` (what of it goes); printed by ``contract`` ``handbook`` ``titles``
- what ``ctx`` gives: ``store`` ``files`` ``http`` ``sockets`` ``notifications`` ``log``; granted by ``granting``, done
  by ``reaching`` for ``http`` and ``sockets``
- which plugins there are: ``registry`` ``inspection``, and in one signed file ``bundles`` ``signing`` ``saying``
- their settings: ``settings_schema`` ``settings_values`` ``shapes``
- what runs for whom: ``service`` (on and off), ``standing`` (what is on, and why not), ``allowing`` ``offering`` (the
  operator's allow-list), ``stops`` ``plans``
- a call: ``host`` ``dispatch`` ``binding`` ``driving`` ``running`` ``judging`` ``checking`` ``answers``
- what holds a plugin back: ``health`` (breakers), ``watchdog``, and the processes of ``sandbox``
- how it fares: ``measuring`` ``noting``; tried again at an invented tenant: ``rehearsing`` ``inventing``
- what is kept: ``records`` (the protocol), ``memory`` and ``database_records`` ``database_store`` ``database_figures``
  ``database_secrets`` (who keeps it), ``models`` (tables), ``removal`` (its end)
- apart from all of these: ``kernel``, by which ``tenants`` and ``auth`` join the application
"""

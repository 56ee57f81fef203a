"""Who may come in, as whom, and with what.

Where to look, from the sign-in to what ends it; the folders hold what a provider, a directory or a second device says:

- signing in: ``chooser`` ``endpoints`` ``sign_in``, the first time ``onboarding``
- while it lasts: ``sessions`` ``own_sessions`` ``devices`` ``secrets``, asking the provider again ``refreshing``
  ``refresh_grants`` ``id_tokens``
- its end: ``leaving`` ``outliving`` ``logouts`` ``backchannel``, and what follows from other rooms ``subscribers``
- who asks, at each request: ``callers`` ``renewals``; programs: ``tokens``, calendars: ``calendar_owners``
- people and what they may: ``people`` ``one_person`` ``roles`` ``holding`` ``keeping`` (somebody can always come in)
- the platform as a provider's client: ``client_secrets`` ``client_keys``
- commands: ``commands`` ``command_line`` ``access_commands`` ``provider_commands`` ``client_key_commands``
- of the whole package: ``plugin`` ``parts`` (what the application is given), ``models`` ``schemas`` ``service``
  ``reading`` ``routes`` ``pages``
"""

"""The relying party: OpenID Connect by authorization code with PKCE, one concern a module."""

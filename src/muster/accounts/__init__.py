"""Who is asking and what they may do: users, API keys, sessions, OIDC, audit."""

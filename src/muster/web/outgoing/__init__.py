"""HTTP to addresses that users name: what may be called, and one call that nobody on the other side can bend.

`addresses` decides which names and networks are called at all, `line` is a socket that never waits longer than it
is told to, `caller` makes the call. Whoever calls addresses from settings or records goes through here.
"""

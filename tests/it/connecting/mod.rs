//! Connecting: keys, permissions, names, tokens, workspaces, secrets.

mod first;

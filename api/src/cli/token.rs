//! `inlet token`

use std::time::Duration;

use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};

use super::opened;
use crate::{
    app::{NewTokenOrder, create_token, list_tokens, revoke_token, rotate_token},
    config::Config,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Makes a token and prints its secret, which is shown this once.
    Create {
        /// The workspace's name; made where it is new.
        #[arg(long)]
        workspace: String,
        /// What to call the token.
        #[arg(long)]
        name: String,
        /// What the token may do; repeat it for several. All without it.
        #[arg(long)]
        scope: Vec<String>,
        /// How long the token is good, e.g. 90d or 12h. For ever without it.
        #[arg(long, value_parser = humantime::parse_duration)]
        expires_in: Option<Duration>,
    },
    /// Lists a workspace's tokens.
    List {
        /// The workspace's name.
        #[arg(long)]
        workspace: String,
    },
    /// Gives a token a new secret and prints it, which is shown this once; the old one is good for a little longer.
    Rotate {
        /// The workspace's name.
        #[arg(long)]
        workspace: String,
        /// The first column of the list.
        id: String,
        /// How long the old secret is good beside the new one, at most 7 days. 0s ends it at once.
        #[arg(long, value_parser = humantime::parse_duration, default_value = "1h")]
        overlap: Duration,
        /// How long the new token is good. As long as the old one would have been without it.
        #[arg(long, value_parser = humantime::parse_duration)]
        expires_in: Option<Duration>,
    },
    /// Revokes a token.
    Revoke {
        /// The workspace's name.
        #[arg(long)]
        workspace: String,
        /// The first column of the list.
        id: String,
    },
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let app = opened(config).await?;
    match command {
        Command::Create {
            workspace,
            name,
            scope,
            expires_in,
        } => {
            let order = NewTokenOrder {
                workspace,
                name,
                scopes: scope,
                expires_in,
            };
            let secret = create_token(&app, order).await?;
            println!("{}", secret.expose_secret());
        }
        Command::List { workspace } => {
            for line in list_tokens(&app, &workspace).await? {
                println!("{line}");
            }
        }
        Command::Rotate {
            workspace,
            id,
            overlap,
            expires_in,
        } => {
            let secret = rotate_token(&app, &workspace, &id, overlap, expires_in).await?;
            println!("{}", secret.expose_secret());
        }
        Command::Revoke { workspace, id } => {
            revoke_token(&app, &workspace, &id).await?;
            println!("revoked {id}");
        }
    }
    Ok(())
}

/// The first workspace's token, for the person at the terminal.
pub(super) fn show_first(token: &SecretString) {
    println!(
        "This is the first start. The API token of the workspace \"default\", shown this once:"
    );
    println!("{}", token.expose_secret());
}

//! The mutations. What a caller can do something about is an error of the payload; then nothing was changed.

mod check_key;
mod connect_key;
mod create_token;
mod disconnect;
mod export;
mod import;
mod notification;
mod oauth;
mod rename;
mod revoke_token;
mod rotate_token;
mod webhook;

use async_graphql::MergedObject;

use super::types::DomainError;

/// What can be changed.
#[derive(Default, MergedObject)]
pub(super) struct Mutation(
    oauth::OAuthMutation,
    connect_key::ConnectKeyMutation,
    check_key::CheckKeyMutation,
    webhook::WebhookMutation,
    rename::RenameMutation,
    import::ImportMutation,
    disconnect::DisconnectMutation,
    create_token::CreateTokenMutation,
    revoke_token::RevokeTokenMutation,
    rotate_token::RotateTokenMutation,
    export::ExportMutation,
    notification::NotificationMutation,
);

/// What a payload holds: what was changed, or what stood in the way.
fn parts<T, R: From<T>>(outcome: Result<T, DomainError>) -> (Option<R>, Vec<DomainError>) {
    match outcome {
        Ok(changed) => (Some(changed.into()), Vec::new()),
        Err(error) => (None, vec![error]),
    }
}

const NO_CONNECTION: &str = "There is no such connection.";

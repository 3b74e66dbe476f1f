//! How a Redis is reached, which need not be up yet.

use std::time::Duration;

use redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::{ExposeSecret, SecretString};

use super::states::StateError;

/// A connection to this Redis (6 or newer) that is made, and made again, when it is needed; whoever asks waits at most
/// this long for it and for each answer.
///
/// Must be called within a Tokio runtime.
pub(super) fn connect(
    url: &SecretString,
    patience: Duration,
) -> Result<ConnectionManager, StateError> {
    let client = Client::open(url.expose_secret()).map_err(|_| StateError::Address)?;
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(patience))
        .set_response_timeout(Some(patience))
        .set_number_of_retries(1);
    Ok(ConnectionManager::new_lazy_with_config(client, config)?)
}

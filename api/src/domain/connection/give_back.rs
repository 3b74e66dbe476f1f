//! Giving OAuth access back at Stripe.

use crate::{
    domain::Gateway,
    ids::ConnectionId,
    storage::{ConnectionRow, ConnectionStatus},
    stripe::Platform,
};

use super::credential::stored_kind;

impl Gateway {
    /// Gives the access of a connection that ends back; false where Stripe may not have let go.
    pub(super) async fn let_go(&self, connection: &ConnectionRow) -> bool {
        let (Some(kind), Some(account)) = (connection.oauth_kind, &connection.stripe_account_id)
        else {
            return true;
        };
        if connection.status == ConnectionStatus::Disconnected {
            return true;
        }
        let platform = self.platform(connection.livemode);
        match platform.filter(|platform| stored_kind(platform.kind) == kind) {
            Some(platform) => {
                let except = Some(ConnectionId(connection.id));
                self.give_back(platform, account, except).await
            }
            None => false,
        }
    }

    /// Gives a grant back, unless another connection acts by it; false where Stripe may not have let go.
    pub(super) async fn give_back(
        &self,
        platform: &Platform,
        account: &str,
        except: Option<ConnectionId>,
    ) -> bool {
        let livemode = platform.key.livemode();
        let elsewhere = self
            .store()
            .is_granted_elsewhere(account, livemode, except)
            .await;
        match elsewhere {
            Ok(false) => {}
            // What others still use stays, and it is as it should be.
            Ok(true) => return true,
            Err(error) => {
                tracing::warn!(%error, "access was not given back: nobody knows who else uses it");
                return false;
            }
        }
        match self.stripe().deauthorize(platform, account).await {
            Ok(()) => {
                tracing::info!("gave the access to an account back");
                true
            }
            Err(error) => {
                tracing::warn!(%error, "Stripe did not take the access to an account back");
                false
            }
        }
    }
}

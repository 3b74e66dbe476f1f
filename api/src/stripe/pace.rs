//! The pace that requests on behalf of a connection keep to.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use super::{
    endpoint::Endpoint,
    error::{RateLimitReason, StripeError, StripeErrorKind},
};

/// How a request waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody waits for the answer: it is sent at once, and those that wait for turns wait for it too.
    AtOnce,
    /// The next turn, before those that have time, whatever is under way: live data.
    Soon,
    /// Its turn, and a place among the requests side by side: imports.
    InTurn,
    /// The same, before the others: what cannot be divided decides when an import ends.
    FirstInTurn,
}

/// Paces the requests of one connection, whoever makes them.
#[async_trait]
pub trait Pace: fmt::Debug + Send + Sync {
    /// Waits until a request may be sent; it ends with the turn.
    async fn turn(&self, endpoint: Endpoint, urgency: Urgency) -> Box<dyn Turn>;
}

/// The right to one request; given back when dropped.
pub trait Turn: Send {
    /// Stripe limited the request: the pace learns from it.
    fn was_limited(&mut self, reason: Option<RateLimitReason>);
}

/// How requests with a credential are paced.
#[derive(Clone, Debug)]
pub(super) struct Paced {
    pub(super) pace: Arc<dyn Pace>,
    pub(super) urgency: Urgency,
}

impl Paced {
    /// Makes one request in its turn, and learns from its answer.
    pub(super) async fn request<T>(
        &self,
        endpoint: Endpoint,
        request: impl Future<Output = Result<T, StripeError>>,
    ) -> Result<T, StripeError> {
        let mut turn = self.pace.turn(endpoint, self.urgency).await;
        let answer = request.await;
        if let Err(error) = &answer
            && let StripeErrorKind::RateLimited { reason, .. } = error.kind
        {
            turn.was_limited(reason);
        }
        answer
    }
}

//! A stream lives no longer than the token that opened it.

use std::time::Duration;

use async_graphql::Context;
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, sleep_until};

use crate::{
    auth::Caller,
    domain::{Gateway, token::AuthenticateError},
    graphql::{context::ContextExt, error::ApiError},
};

/// How soon a token that was revoked is noticed.
#[derive(Clone, Copy)]
pub(in crate::graphql) struct TokenCheck(pub(in crate::graphql) Duration);

struct Watched<S> {
    items: S,
    gateway: Gateway,
    caller: Caller,
    every: Duration,
    check_at: Instant,
    over: bool,
}

/// The items of a stream until the caller's token ends; then one error, and no more.
pub(super) fn while_valid<T, S>(
    ctx: &Context<'_>,
    items: S,
) -> Result<impl Stream<Item = Result<T, ApiError>> + use<T, S>, ApiError>
where
    T: Send + 'static,
    S: Stream<Item = Result<T, ApiError>> + Send + Unpin + 'static,
{
    let (gateway, caller) = (ctx.gateway()?.clone(), ctx.caller()?.clone());
    let TokenCheck(every) = ctx.data_opt().copied().ok_or_else(ApiError::fault)?;
    let watched = Watched {
        check_at: Instant::now() + pause(&gateway, &caller, every),
        items,
        gateway,
        caller,
        every,
        over: false,
    };
    Ok(stream::unfold(watched, |mut watched| async move {
        let item = watched.next().await?;
        Some((item, watched))
    }))
}

impl<S> Watched<S> {
    async fn next<T>(&mut self) -> Option<Result<T, ApiError>>
    where
        S: Stream<Item = Result<T, ApiError>> + Unpin,
    {
        if self.over {
            return None;
        }
        loop {
            tokio::select! {
                // A stream that never rests must not keep the check from its turn.
                biased;
                () = sleep_until(self.check_at) => {
                    // Rare and large: a stream is not to keep room for it.
                    if let Err(ended) = Box::pin(self.check()).await {
                        self.over = true;
                        return Some(Err(ended));
                    }
                }
                item = self.items.next() => {
                    if self.caller.is_expired(self.gateway.clock().now()) {
                        self.over = true;
                        return Some(Err(ApiError::expired()));
                    }
                    self.over = !matches!(item, Some(Ok(_)));
                    return item;
                }
            }
        }
    }

    async fn check(&mut self) -> Result<(), ApiError> {
        self.check_at = Instant::now() + pause(&self.gateway, &self.caller, self.every);
        if self.caller.is_expired(self.gateway.clock().now()) {
            return Err(ApiError::expired());
        }
        match self.gateway.still_valid(&self.caller).await {
            Ok(()) => Ok(()),
            Err(AuthenticateError::Storage(error)) => {
                // The token may well be good; the next check tells.
                tracing::warn!(%error, "the token of an open subscription could not be checked");
                Ok(())
            }
            Err(ended) => Err(ended.into()),
        }
    }
}

/// Until the next check: soon, or at the token's own end where that comes first.
fn pause(gateway: &Gateway, caller: &Caller, every: Duration) -> Duration {
    let left = caller.expires_at.map(|end| end - gateway.clock().now());
    // A moment more, so that the token has ended by then.
    let left = left.map(|left| left.to_std().unwrap_or_default() + Duration::from_millis(1));
    left.map_or(every, |left| left.min(every))
}

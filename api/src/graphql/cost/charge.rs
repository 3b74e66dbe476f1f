//! Taking the cost of an operation from its caller's allowance.

use async_graphql::{Response, value};
use chrono::{DateTime, Utc};

use super::Bill;
use crate::{
    auth::Caller,
    graphql::{ApiError, Code},
    ids::TokenId,
    state::Allowances,
};

/// What was taken for an operation, until it is known what it did cost.
#[derive(Debug)]
pub(in crate::graphql) struct Charge {
    bill: Bill,
    token: TokenId,
    requested: u64,
}

impl Charge {
    /// Takes what an operation costs at most.
    pub(in crate::graphql) fn take(
        bill: Bill,
        caller: &Caller,
        allowances: &Allowances,
        now: DateTime<Utc>,
    ) -> Result<Self, ApiError> {
        let requested = bill.most();
        let token = caller.token;
        let left = allowances.take(token, requested, now);
        left.map_err(|spent| {
            let seconds = spent.retry_after.as_secs().saturating_add(1);
            let limit = allowances.allowance().limit;
            ApiError::new(
                Code::RateLimited,
                format!(
                    "The token has spent its allowance of {limit} for now: this operation may cost {requested}. Try again \
                     in {seconds} s, or ask for less at once."
                ),
            )
            .retry_after(seconds)
        })?;
        Ok(Self {
            bill,
            token,
            requested,
        })
    }

    /// Gives back what the answer did not cost, and tells of it in `extensions.cost`.
    pub(in crate::graphql) fn settle(
        &self,
        answer: Response,
        allowances: &Allowances,
        now: DateTime<Utc>,
    ) -> Response {
        let actual = self.bill.of_answer(&answer.data).min(self.requested);
        let remaining = allowances.give_back(self.token, self.requested - actual, now);
        let allowance = allowances.allowance();
        answer.extension(
            "cost",
            value!({
                "requested": self.requested,
                "actual": actual,
                "limit": allowance.limit,
                "remaining": remaining,
                "restoreRate": allowance.restore_rate,
            }),
        )
    }
}

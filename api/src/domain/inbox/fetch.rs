//! Fetching what events leave open.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{plan::charge_of, subject::Subject, version::settles};
use crate::{
    domain::{
        Gateway,
        import::{PageOrigin, Resource},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{ConnectionRow, EventOutcome, PageRows},
    stripe::{
        Credential, Fetched, ListResource, Outage, Pace, RawObject, StripeError, StripeErrorKind,
    },
};

/// An object whose events leave something open, with the rows of its body where that is not all.
pub(super) struct Open<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) rows: Option<Box<PageRows>>,
}

/// What fetching came to.
#[derive(Debug)]
pub(super) enum Closed {
    /// The newest state.
    Written(PageRows),
    /// There is nothing to write, or not yet.
    Settled(EventOutcome),
}

/// An event that fails so often is given up: with pauses of up to five minutes, about ten minutes.
const MOST_ATTEMPTS: i32 = 8;

/// The longest pause before an event is tried again.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// Fetches on behalf of one connection.
pub(super) struct Fetcher<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) connection: &'a ConnectionRow,
    pub(super) credential: Credential,
    pub(super) pace: Arc<Pace>,
}

impl Fetcher<'_> {
    /// Fetches what events leave open, once their second is over. An error means that Stripe cannot be asked at the
    /// moment, about anything.
    pub(super) async fn close(&self, open: &Open<'_>) -> Result<Closed, StripeError> {
        let subject = open.subject;
        let created = subject.created();
        let now = self.gateway.clock().now();
        if (created..created + TimeDelta::seconds(1)).contains(&now) {
            return Ok(Closed::Settled(after_second(created)));
        }
        let outcome = match (&open.rows, subject.body()) {
            (Some(rows), Some(body)) => Ok((PageRows::clone(rows), body)),
            _ => self.subject(subject, now).await,
        };
        let (rows, body) = match outcome {
            Ok(found) => found,
            Err(Refusal::Away(error)) => return Err(error),
            Err(Refusal::Settled(outcome)) => return Ok(Closed::Settled(outcome)),
        };
        if !subject.touches_payment() {
            return Ok(Closed::Written(rows));
        }
        self.with_payment(subject, rows, &body, now).await
    }

    /// The newest state of what events are about.
    async fn subject(
        &self,
        subject: &Subject<'_>,
        now: DateTime<Utc>,
    ) -> Result<(PageRows, RawObject), Refusal> {
        let attempts = subject.attempts();
        let fetched = self
            .object(subject.resource, subject.list, subject.id)
            .await;
        let fetched = fetched.map_err(|error| refused(error, attempts, now))?;
        if !settles(fetched.observed_at, subject.created()) {
            // The second is not over at Stripe.
            return Err(Refusal::Settled(after_second(now)));
        }
        let deleted = fetched.object.is_deleted();
        let object = if deleted {
            // What it was before is known from its event, if from anywhere.
            let gone = EventOutcome::Ignored("the object was deleted");
            subject.body().ok_or(Refusal::Settled(gone))?
        } else {
            fetched.object
        };
        let mut rows = PageRows::default();
        let origin = self.origin(fetched.observed_at);
        if let Err(why) = subject.resource.record(origin, &object, &mut rows) {
            tracing::warn!(
                stripe.id = subject.id,
                "an object cannot be understood: {why}"
            );
            let outcome = failed(attempts, now, "the object cannot be understood");
            return Err(Refusal::Settled(outcome));
        }
        if deleted {
            mark_deleted(&mut rows);
        }
        Ok((rows, object))
    }

    /// The rows with those of the payment that a refund or dispute is of: it has no event of its own for every change.
    async fn with_payment(
        &self,
        subject: &Subject<'_>,
        mut rows: PageRows,
        body: &RawObject,
        now: DateTime<Utc>,
    ) -> Result<Closed, StripeError> {
        let Some(charge) = charge_of(body) else {
            return Ok(Closed::Written(rows));
        };
        match self
            .object(Resource::Charges, ListResource::Charges, &charge)
            .await
        {
            Ok(fetched) if !settles(fetched.observed_at, subject.created()) => {
                Ok(Closed::Settled(after_second(now)))
            }
            Ok(fetched) => {
                let origin = self.origin(fetched.observed_at);
                if let Err(why) = Resource::Charges.record(origin, &fetched.object, &mut rows) {
                    tracing::warn!(stripe.id = charge, "a charge cannot be understood: {why}");
                }
                Ok(Closed::Written(rows))
            }
            Err(error) => match refused(error, subject.attempts(), now) {
                Refusal::Away(error) => Err(error),
                // The refund or dispute is worth storing without it.
                Refusal::Settled(_) => Ok(Closed::Written(rows)),
            },
        }
    }

    /// Fetches one object in the connection's pace.
    async fn object(
        &self,
        resource: Resource,
        list: ListResource,
        id: &str,
    ) -> Result<Fetched, StripeError> {
        let expand = resource.expansions(self.connection);
        let stripe = self.gateway.stripe();
        let asked = stripe.retrieve(&self.credential, list, id, &expand);
        self.pace.request(asked).await
    }

    fn origin(&self, observed_at: DateTime<Utc>) -> PageOrigin {
        PageOrigin {
            workspace: WorkspaceId(self.connection.workspace_id),
            connection: ConnectionId(self.connection.id),
            observed_at,
        }
    }
}

/// Why an object was not fetched.
enum Refusal {
    /// What becomes of the events.
    Settled(EventOutcome),
    /// Stripe cannot be asked at the moment.
    Away(StripeError),
}

/// Notes on rows that their object was deleted at Stripe.
pub(super) fn mark_deleted(rows: &mut PageRows) {
    for row in &mut rows.stripe_objects {
        row.body["deleted"] = true.into();
    }
}

/// What becomes of events that failed for a reason of their own, not for the first time perhaps.
pub(super) fn failed(attempts: i32, now: DateTime<Utc>, reason: &'static str) -> EventOutcome {
    if attempts + 1 >= MOST_ATTEMPTS {
        return EventOutcome::Dead(reason);
    }
    let pause = TimeDelta::seconds(1 << attempts.clamp(0, 10)).min(LONGEST_PAUSE);
    EventOutcome::Later {
        run_at: now + pause,
        failed: true,
        reason,
    }
}

/// To be tried again when this second is over.
fn after_second(second: DateTime<Utc>) -> EventOutcome {
    EventOutcome::Later {
        run_at: second + TimeDelta::milliseconds(1_050),
        failed: false,
        reason: "waits until everything of its second has happened",
    }
}

fn refused(error: StripeError, attempts: i32, now: DateTime<Utc>) -> Refusal {
    Refusal::Settled(match error.kind {
        StripeErrorKind::NotFound { .. } => EventOutcome::Ignored("Stripe has no such object"),
        StripeErrorKind::MissingPermission { .. } | StripeErrorKind::Refused => {
            EventOutcome::Ignored("the credentials do not grant reading the object")
        }
        StripeErrorKind::Unavailable(Outage::TooLarge) => {
            failed(attempts, now, "the object is too large")
        }
        StripeErrorKind::RateLimited { .. } | StripeErrorKind::Unavailable(_) => {
            return Refusal::Away(error);
        }
        _ if error.ends_connection() => return Refusal::Away(error),
        _ => failed(attempts, now, "Stripe refused to show the object"),
    })
}

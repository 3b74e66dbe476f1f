//! Fetching what events leave open.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    plan::charge_of,
    subject::Subject,
    version::{SECOND, settles},
};
use crate::{
    domain::{
        Gateway,
        import::{Lists, PageOrigin, Resource},
    },
    ids::StripeObjectId,
    storage::{ConnectionRow, EventOutcome, PageRows, StorageError, StripeObjectRow},
    stripe::{Credential, Fetched, ListResource, Outage, RawObject, StripeError, StripeErrorKind},
};

/// An object whose events leave something open, with the rows of its body where that is not all.
pub(super) struct Open<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) rows: Option<Box<PageRows>>,
}

/// Why nothing more is fetched for now.
#[derive(Debug)]
pub(super) enum Unfinished {
    /// Stripe cannot be asked at the moment, about anything.
    Away(StripeError),
    /// The database failed.
    Storage(StorageError),
}

/// What fetching came to.
#[derive(Debug)]
pub(super) enum Closed {
    /// The newest state.
    Written(PageRows),
    /// There is nothing to write, or not yet.
    Settled(EventOutcome),
}

/// An event that fails so often is given up: with pauses that double, after about two minutes.
const MOST_ATTEMPTS: i32 = 8;

/// The longest pause before an event is tried again.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// Fetches on behalf of one connection.
pub(super) struct Fetcher<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) connection: &'a ConnectionRow,
    pub(super) credential: Credential,
}

impl Fetcher<'_> {
    /// Fetches what events leave open, once their second is over.
    pub(super) async fn close(&self, open: &Open<'_>) -> Result<Closed, Unfinished> {
        let subject = open.subject;
        let created = subject.created();
        let now = self.gateway.clock().now();
        if (created..created + SECOND).contains(&now) {
            return Ok(Closed::Settled(after_second(created)));
        }
        let found = match (&open.rows, subject.body()) {
            (Some(rows), Some(body)) => Ok((PageRows::clone(rows), body)),
            _ => self.subject(subject, now).await,
        };
        match found {
            Ok((rows, body)) if subject.touches_payment() => {
                self.with_payment(subject, rows, &body, now).await
            }
            Ok((rows, _)) => Ok(Closed::Written(rows)),
            Err(Refusal::Settled(outcome)) => Ok(Closed::Settled(outcome)),
            Err(Refusal::Unfinished(why)) => Err(why),
        }
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
            return Err(after_second(now).into());
        }
        let origin = PageOrigin::of(self.connection, fetched.observed_at);
        if fetched.object.is_deleted() {
            return self.deleted(subject, fetched.object, origin).await;
        }
        let mut rows = PageRows::default();
        if let Err(why) = subject.resource.record(origin, &fetched.object, &mut rows) {
            tracing::warn!(
                stripe.id = subject.id,
                "an object cannot be understood: {why}"
            );
            let outcome = failed(attempts, now, "the object cannot be understood");
            return Err(outcome.into());
        }
        let lists = Lists {
            stripe: self.gateway.stripe(),
            credential: &self.credential,
        };
        let completed = lists.complete(&mut rows).await;
        completed.map_err(|error| refused(error, attempts, now))?;
        Ok((rows, fetched.object))
    }

    /// What is kept of an object that was deleted: what it was before, from its event or as it is stored.
    async fn deleted(
        &self,
        subject: &Subject<'_>,
        fetched: RawObject,
        origin: PageOrigin,
    ) -> Result<(PageRows, RawObject), Refusal> {
        let nothing = || EventOutcome::Ignored("the object was deleted");
        let mut rows = PageRows::default();
        if let Some(body) = subject.body()
            && subject.resource.record(origin, &body, &mut rows).is_ok()
        {
            mark_deleted(&mut rows);
            return Ok((rows, body));
        }
        let row = StripeObjectId::of(origin.connection, subject.id);
        let stored = self
            .gateway
            .store()
            .find_stripe_object(origin.workspace, row);
        let stored = stored
            .await
            .map_err(|error| Refusal::Unfinished(Unfinished::Storage(error)))?
            .ok_or_else(nothing)?;
        rows.stripe_objects.push(StripeObjectRow {
            observed_at: origin.observed_at,
            ..stored
        });
        mark_deleted(&mut rows);
        Ok((rows, fetched))
    }

    /// The rows with those of the payment that a refund or dispute is of: it has no event of its own for every change.
    async fn with_payment(
        &self,
        subject: &Subject<'_>,
        mut rows: PageRows,
        body: &RawObject,
        now: DateTime<Utc>,
    ) -> Result<Closed, Unfinished> {
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
                let origin = PageOrigin::of(self.connection, fetched.observed_at);
                if let Err(why) = Resource::Charges.record(origin, &fetched.object, &mut rows) {
                    tracing::warn!(stripe.id = charge, "a charge cannot be understood: {why}");
                }
                Ok(Closed::Written(rows))
            }
            Err(error) => match refused(error, subject.attempts(), now) {
                Refusal::Unfinished(why) => Err(why),
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
        stripe.retrieve(&self.credential, list, id, &expand).await
    }
}

/// Why an object was not fetched.
enum Refusal {
    /// What becomes of the events.
    Settled(EventOutcome),
    /// Nothing more is fetched for now.
    Unfinished(Unfinished),
}

impl From<EventOutcome> for Refusal {
    fn from(outcome: EventOutcome) -> Self {
        Self::Settled(outcome)
    }
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
            return away(error);
        }
        _ if error.ends_connection() => return away(error),
        _ => failed(attempts, now, "Stripe refused to show the object"),
    })
}

fn away(error: StripeError) -> Refusal {
    Refusal::Unfinished(Unfinished::Away(error))
}

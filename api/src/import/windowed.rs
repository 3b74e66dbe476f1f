//! A list that is cut by `created`: read page by page, and divided while it is dense.

use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::window_run::{Interruption, WindowRun};
use crate::{
    domain::import::{Remedy, Shape, beginning, cuts, enough, oldest},
    storage::{Division, WindowState, WindowStep},
    stripe::{ListPage, ListRequest, ListResource, Outage, RawObject, StripeError, Urgency},
};

/// A request of the search for the begin of history is tried again so often before the search is given up.
const PATIENCE: i32 = 4;

/// With fewer objects a search for the begin of history would take more requests than the history itself.
const MANY: i64 = 200;

/// What the last page of a list told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Density {
    /// The time between its newest and its oldest object.
    span: TimeDelta,
    /// How long Stripe took for it.
    took: Duration,
}

impl WindowRun {
    /// Fetches and writes the next page, or finds out where the history begins.
    pub(super) async fn next_of_window(
        &mut self,
        list: ListResource,
    ) -> Result<WindowState, Interruption> {
        // A page or two are all that most resources have; where there is more, it is worth knowing where it begins.
        let may_be_long = self.window.cursor.is_some() && self.window.imported_objects >= MANY;
        if self.window.from_at.is_none() && may_be_long {
            return self.bound(list).await;
        }
        let page = self.wanted(self.fetch(&self.request(list))).await?;
        let step = self.step(&page)?;
        let rows = self.rows(&page).await?;
        self.write(rows, step).await
    }

    /// Finds where the resource's history begins, so that it can be divided and its progress told.
    async fn bound(&mut self, list: ListResource) -> Result<WindowState, Interruption> {
        let (to, reached) = (self.window.to_at, self.window.covered_to);
        let search = oldest(beginning(), to, reached, |time| {
            self.newest_before(list, time)
        });
        let from = self.wanted(search).await?;
        self.window.from_at = Some(from);
        let division = self
            .density
            .and_then(|density| self.division(reached, density));
        let (gateway, now) = (&self.engine.gateway, self.now());
        let bounded = gateway
            .store()
            .bound_window(&self.window, from, division.clone(), now);
        let was_divided = bounded.await?;
        self.divided(division.filter(|_| was_divided).as_ref());
        Ok(WindowState::Running)
    }

    async fn newest_before(
        &self,
        list: ListResource,
        time: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StripeError> {
        let request = ListRequest {
            created_lt: Some(whole_second(time)),
            limit: 1,
            ..ListRequest::new(list)
        };
        let page = self.fetch_patiently(&request).await?;
        // An object without a time still tells that there is something.
        let created = |seconds: Option<i64>| {
            seconds
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
                .unwrap_or_else(beginning)
        };
        Ok(page.objects.first().map(|object| created(object.created())))
    }

    /// A request of a search, which would begin again from nothing if it were given up at each passing failure.
    async fn fetch_patiently(&self, request: &ListRequest) -> Result<ListPage, StripeError> {
        let mut failures = 0;
        loop {
            match self.fetch(request).await {
                Err(error) if error.should_retry() && failures < PATIENCE => {
                    failures += 1;
                    let remedy = Remedy::of(&error, failures, self.oauth_kind());
                    if let Remedy::Wait(trouble) = remedy
                        && let Err(error) = self.tell(trouble).await
                    {
                        tracing::debug!(%error, "what the import struggles with is not told");
                    }
                    let asked = error.retry_after().unwrap_or_default();
                    tokio::time::sleep(self.pause(failures).max(asked)).await;
                }
                answer => return answer,
            }
        }
    }

    fn request(&self, list: ListResource) -> ListRequest {
        let window = &self.window;
        // Where the cursor was lost, the list starts again at the last second that was reached.
        let until = match &window.cursor {
            Some(_) => window.to_at,
            None => (window.covered_to + TimeDelta::seconds(1)).min(window.to_at),
        };
        ListRequest {
            created_gte: window.from_at.map(whole_second),
            created_lt: Some(whole_second(until)),
            starting_after: window.cursor.clone(),
            expand: self.expansions(),
            ..ListRequest::new(list)
        }
    }

    /// Where a page leaves the window.
    pub(super) fn step(&mut self, page: &ListPage) -> Result<WindowStep, StripeError> {
        let window = &self.window;
        let within = window.from_at.unwrap_or_else(beginning)..=window.covered_to;
        let times = page.objects.iter().filter_map(RawObject::created);
        let times = times.filter_map(|seconds| DateTime::from_timestamp(seconds, 0));
        // An object may carry a time that is none of the window's: it tells nothing of what is covered.
        let times: Vec<_> = times.filter(|time| within.contains(time)).collect();
        let reached = times.last().copied();
        if !page.has_more {
            return Ok(WindowStep::Done { oldest: reached });
        }
        let Some(cursor) = page.objects.iter().rev().find_map(RawObject::id) else {
            return Err(StripeError::unavailable(Outage::NotUnderstood));
        };
        let covered_to = reached.unwrap_or(window.covered_to);
        let newest = times.first().copied().unwrap_or(covered_to);
        let density = Density {
            span: newest - covered_to,
            took: page.took,
        };
        self.density = Some(density);
        let divisible = density.span > TimeDelta::seconds(1);
        self.queue_as(if divisible {
            Urgency::InTurn
        } else {
            Urgency::FirstInTurn
        });
        Ok(WindowStep::More {
            cursor,
            covered_to,
            division: self.division(covered_to, density),
        })
    }

    /// How the window could be divided, now that it is imported down to a time.
    fn division(&self, reached: DateTime<Utc>, density: Density) -> Option<Division> {
        let divisible = matches!(self.resource.shape(), Shape::Windows(_));
        let from = self.window.from_at.filter(|_| divisible)?;
        let enough = enough(self.budget(), density.took);
        let parts = enough.min(self.engine.width());
        let cuts = cuts(from, reached, density.span, parts);
        let older = self.engine.gateway.older_parts(&self.window, &cuts);
        (!older.is_empty()).then_some(Division { older, enough })
    }
}

/// Stripe counts in whole seconds: an object is at or after a time, or before it, by the next whole one.
fn whole_second(time: DateTime<Utc>) -> i64 {
    let second = TimeDelta::seconds(1);
    let up = time
        .duration_trunc(second)
        .ok()
        .filter(|cut| *cut < time)
        .map(|cut| cut + second);
    up.unwrap_or(time).timestamp()
}

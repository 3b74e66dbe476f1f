//! Which payments are in which payout: Stripe lists the members of automatic payouts (Stripe contract section 7.5).

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::Followed;
use crate::{
    domain::{
        Gateway,
        import::{PageOrigin, Resource},
        inbox::RecoveryError,
    },
    ids::PaymentId,
    storage::{ConnectionRow, LinkStep, PageRows, PayoutLinkRow, TaskRow},
    stripe::{
        Credential, ListPage, ListRequest, ListResource, Outage, RawObject, StripeError,
        StripeErrorKind, Urgency,
    },
};

/// Payouts that are read side by side, a page of each at a time, within the connection's pace.
const SIDE_BY_SIDE: u64 = 4;

/// A payout whose list fails so often in a row is given up: with pauses that double, after about two hours.
const MOST_ATTEMPTS: i32 = 8;

/// The pause after the first failure of a payout's list.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);

impl Gateway {
    /// Reads the lists of all payouts that are due, and notes on every entry and payment which payout it is in.
    ///
    /// Each page is written with the place in the list, so that a list goes on where it stopped, whoever reads it. A
    /// list is read once for each state of its payout, and never again once Stripe has completed it. Without the right
    /// to read the ledger the lists wait. An import may end before its payouts' lists are read: they follow it.
    pub async fn link_payouts(
        &self,
        connection: &ConnectionRow,
        task: &TaskRow,
    ) -> Result<Followed, RecoveryError> {
        let (workspace, id) = (connection.workspace_id.into(), connection.id.into());
        if !Resource::ledger_granted(connection) {
            return Ok(Followed::not_granted(self.clock().now()));
        }
        let credential = self
            .fresh_credential(connection)
            .await?
            .waiting(Urgency::InTurn);
        loop {
            let now = self.clock().now();
            let links = self
                .store()
                .list_due_payout_links(workspace, id, now, SIDE_BY_SIDE)
                .await?;
            if links.is_empty() {
                return Ok(Followed {
                    through: None,
                    next: now,
                });
            }
            let pages = links
                .iter()
                .map(|link| self.link_page(connection, &credential, task, link));
            for linked in join_all(pages).await {
                self.payments_changed(workspace, id, &linked?);
            }
        }
    }

    /// Reads one page of a payout's list; the payments that it changed.
    async fn link_page(
        &self,
        connection: &ConnectionRow,
        credential: &Credential,
        task: &TaskRow,
        link: &PayoutLinkRow,
    ) -> Result<Vec<PaymentId>, RecoveryError> {
        let request = ListRequest {
            payout: Some(link.payout_id.clone()),
            starting_after: link.cursor.clone(),
            ..ListRequest::new(ListResource::BalanceTransactions)
        };
        let answer = self.list_patiently(credential, &request).await;
        let (rows, step) = match answer {
            Ok(page) => read(connection, &page)?,
            Err(error) => (PageRows::default(), self.step_after(link, error)?),
        };
        let written = self.store().write_payout_page(task, link, rows, step);
        Ok(written.await?)
    }

    /// What becomes of a list after an answer that concerns it alone; anything else is an error.
    fn step_after(
        &self,
        link: &PayoutLinkRow,
        error: StripeError,
    ) -> Result<LinkStep, StripeError> {
        let doublings = link.attempts.clamp(0, 16).unsigned_abs();
        let later = self.clock().now() + FIRST_PAUSE * 2_i32.pow(doublings);
        let spent = link.attempts + 1 >= MOST_ATTEMPTS;
        let step = match error.kind {
            StripeErrorKind::BadCursor if !spent => LinkStep::Again(later),
            StripeErrorKind::NotFound { .. } => LinkStep::Done,
            StripeErrorKind::InvalidRequest { .. }
            | StripeErrorKind::Unavailable(Outage::TooLarge | Outage::NotUnderstood)
                if !spent =>
            {
                LinkStep::Later(later)
            }
            StripeErrorKind::BadCursor
            | StripeErrorKind::InvalidRequest { .. }
            | StripeErrorKind::Unavailable(Outage::TooLarge | Outage::NotUnderstood) => {
                LinkStep::Done
            }
            _ => return Err(error),
        };
        tracing::warn!(
            stripe.id = link.payout_id,
            stripe.request_id = error.request_id,
            "a payout's list was not read: {error}"
        );
        Ok(step)
    }
}

/// What a page brings, and where the list goes on.
fn read(connection: &ConnectionRow, page: &ListPage) -> Result<(PageRows, LinkStep), StripeError> {
    let origin = PageOrigin::of(connection, page.observed_at);
    let rows = Resource::BalanceTransactions.records(origin, page);
    if !page.has_more {
        return Ok((rows, LinkStep::Done));
    }
    let last = page.objects.iter().rev().find_map(RawObject::id);
    let cursor = last.ok_or_else(|| StripeError::unavailable(Outage::NotUnderstood))?;
    Ok((rows, LinkStep::More(cursor)))
}

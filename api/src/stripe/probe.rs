//! Finds out what a credential may do, leaving nothing behind (Stripe contract sections 2.2 to 2.5).

use serde::Deserialize;

use super::{
    client::StripeClient,
    credential::Credential,
    error::{StripeError, StripeErrorKind as Kind},
    step::Step,
};

/// The rows of the permission guide, in its order; the last two are for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Probe {
    Balance,
    BalanceTransactionSources,
    BalanceTransfers,
    ChargesAndRefunds,
    Events,
    Files,
    PaymentDisputes,
    PaymentIntents,
    PaymentMethods,
    Payouts,
    Products,
    SetupIntents,
    Sources,
    Tokens,
    CreditNotes,
    Subscriptions,
    /// Not in Stripe's public API, so never asked for.
    TerminalSkus,
    FinancialReports,
    WebhookEndpoints,
    EventDestinations,
}

impl Probe {
    /// Every row, in the guide's order.
    pub const ALL: [Self; 20] = [
        Self::Balance,
        Self::BalanceTransactionSources,
        Self::BalanceTransfers,
        Self::ChargesAndRefunds,
        Self::Events,
        Self::Files,
        Self::PaymentDisputes,
        Self::PaymentIntents,
        Self::PaymentMethods,
        Self::Payouts,
        Self::Products,
        Self::SetupIntents,
        Self::Sources,
        Self::Tokens,
        Self::CreditNotes,
        Self::Subscriptions,
        Self::TerminalSkus,
        Self::FinancialReports,
        Self::WebhookEndpoints,
        Self::EventDestinations,
    ];
}

/// Whether a row is granted; the worst of several answers is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Granted,
    /// There is no harmless way to ask.
    NotChecked,
    /// Stripe's answer proves nothing.
    Inconclusive,
    Missing,
}

/// What a probe found out, beside its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeAnswer {
    pub verdict: Verdict,
    /// Stripe's name of the missing permission, such as `rak_payout_read`.
    pub permission: Option<String>,
    /// The account's id, where the refusal gives it away.
    pub account: Option<String>,
}

/// Any JSON object; HTML from something in between must not count as granted.
#[derive(Debug, Deserialize)]
struct AnyObject {}

/// Asks all that belongs to the row; a row is granted when every part is.
pub(super) async fn run(
    client: &StripeClient,
    credential: &Credential,
    probe: Probe,
) -> Result<ProbeAnswer, StripeError> {
    let mut worst = match probe.steps() {
        [] => return Ok(ProbeAnswer::bare(Verdict::NotChecked)),
        _ => ProbeAnswer::bare(Verdict::Granted),
    };
    for step in probe.steps() {
        let answer = ask(client, credential, step).await?;
        if answer.verdict > worst.verdict {
            worst = answer;
        }
    }
    match probe.fallback() {
        Some(step) if worst.verdict == Verdict::Inconclusive => ask(client, credential, step).await,
        _ => Ok(worst),
    }
}

async fn ask(
    client: &StripeClient,
    credential: &Credential,
    step: &Step,
) -> Result<ProbeAnswer, StripeError> {
    match client.fetch::<AnyObject>(credential, &step.request()).await {
        Ok(AnyObject {}) => Ok(ProbeAnswer::bare(Verdict::Granted)),
        Err(error) => judge(error, step.is_v2()),
    }
}

/// Permissions are checked before the object is looked up, so "no such object" means granted
/// (Stripe contract section 2.3).
fn judge(error: StripeError, v2: bool) -> Result<ProbeAnswer, StripeError> {
    match error.kind {
        Kind::NotFound { .. } => Ok(ProbeAnswer::bare(Verdict::Granted)),
        Kind::MissingPermission {
            permission,
            account,
        } => Ok(ProbeAnswer {
            verdict: Verdict::Missing,
            permission,
            account,
        }),
        Kind::Refused if v2 => Ok(ProbeAnswer::bare(Verdict::Missing)),
        Kind::Refused
        | Kind::UnknownUrl
        | Kind::BadCursor
        | Kind::EndpointLimit
        | Kind::VersionRefused
        | Kind::InvalidRequest { .. } => Ok(ProbeAnswer::bare(Verdict::Inconclusive)),
        _ => Err(error),
    }
}

impl ProbeAnswer {
    /// The answer where nobody asked.
    #[must_use]
    pub fn not_checked() -> Self {
        Self::bare(Verdict::NotChecked)
    }

    fn bare(verdict: Verdict) -> Self {
        Self {
            verdict,
            permission: None,
            account: None,
        }
    }
}

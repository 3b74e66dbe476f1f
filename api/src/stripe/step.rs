//! The requests behind the probes (Stripe contract sections 2.2 and 2.5).

use reqwest::Method;

use super::{
    probe::Probe,
    request::{Body, Request},
};

/// One request of a probe.
#[derive(Debug)]
pub(super) struct Step {
    method: Method,
    path: &'static str,
    query: &'static [(&'static str, &'static str)],
    body: Body,
}

const FIRST: &[(&str, &str)] = &[("limit", "1")];

const fn get(path: &'static str, query: &'static [(&'static str, &'static str)]) -> Step {
    Step {
        method: Method::GET,
        path,
        query,
        body: Body::None,
    }
}

const fn post(path: &'static str, body: Body) -> Step {
    Step {
        method: Method::POST,
        path,
        query: &[],
        body,
    }
}

impl Step {
    pub(super) fn request(&self) -> Request {
        if self.method == Method::POST {
            return Request::post(self.path, self.body.clone());
        }
        let query = self
            .query
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Request::get(self.path, query.collect())
    }

    /// `/v2` names its refusals in ways that are not established: there any 403 counts.
    pub(super) fn is_v2(&self) -> bool {
        self.path.starts_with("/v2/")
    }
}

impl Probe {
    /// What has to be allowed for the row to be granted.
    pub(super) fn steps(self) -> &'static [Step] {
        match self {
            Self::Balance => const { &[get("/v1/balance", &[])] },
            Self::BalanceTransactionSources => const { &[get("/v1/balance_transactions", FIRST)] },
            Self::BalanceTransfers => const { &[get("/v1/transfers", FIRST)] },
            Self::ChargesAndRefunds => {
                const { &[get("/v1/charges", FIRST), get("/v1/refunds", FIRST)] }
            }
            Self::Events => const { &[get("/v1/events", FIRST)] },
            Self::Files => const { &[get("/v1/files", FIRST)] },
            Self::PaymentDisputes => const { &[get("/v1/disputes", FIRST)] },
            Self::PaymentIntents => const { &[get("/v1/payment_intents", FIRST)] },
            Self::PaymentMethods => const { &[get("/v1/payment_methods", FIRST)] },
            Self::Payouts => const { &[get("/v1/payouts", FIRST)] },
            Self::Products => const { &[get("/v1/products", FIRST)] },
            Self::SetupIntents => const { &[get("/v1/setup_intents", FIRST)] },
            Self::Sources => const { &[get("/v1/sources/src_probe_00000000", &[])] },
            Self::Tokens => const { &[get("/v1/tokens/tok_probe_00000000", &[])] },
            Self::CreditNotes => const { &[get("/v1/credit_notes", FIRST)] },
            Self::Subscriptions => {
                const {
                    &[get(
                        "/v1/subscriptions",
                        &[("limit", "1"), ("status", "all")],
                    )]
                }
            }
            Self::TerminalSkus => &[],
            Self::FinancialReports => const { &[get("/v1/reporting/report_runs", FIRST)] },
            Self::WebhookEndpoints => {
                const {
                    &[post(
                        "/v1/webhook_endpoints/we_probe_00000000",
                        Body::Form(&[("description", "probe")]),
                    )]
                }
            }
            Self::EventDestinations => {
                const {
                    &[post(
                        "/v2/core/event_destinations/ed_probe_00000000",
                        Body::Json(r#"{"description":"probe"}"#),
                    )]
                }
            }
        }
    }

    /// What to ask when the steps find out nothing.
    pub(super) fn fallback(self) -> Option<&'static Step> {
        // The list wanted a type or customer in older versions; the object's existence does not matter.
        static METHOD: Step = get("/v1/payment_methods/pm_probe_00000000", &[]);
        (self == Self::PaymentMethods).then_some(&METHOD)
    }
}

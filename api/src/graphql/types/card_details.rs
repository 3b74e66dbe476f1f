use std::sync::Arc;

use async_graphql::{Description, Object, SimpleObject};

use crate::{domain::payment::has_card, graphql::scalar::CountryCode, storage::PaymentRow};

/// How a payment was made.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct PaymentMethodDetails(pub(in crate::graphql) Arc<PaymentRow>);

#[Object(use_type_description)]
impl PaymentMethodDetails {
    /// Stripe's name for the method, e.g. `card` or `sepa_debit`.
    #[graphql(name = "type")]
    async fn kind(&self) -> &str {
        &self.0.method_type
    }

    /// The card; null for other methods.
    async fn card(&self) -> Option<CardDetails> {
        CardDetails::of(&self.0)
    }
}

/// The card that a payment was made with, as Stripe described it at the time.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct CardDetails(Arc<PaymentRow>);

impl CardDetails {
    fn of(row: &Arc<PaymentRow>) -> Option<Self> {
        has_card(row).then(|| Self(Arc::clone(row)))
    }
}

#[Object(use_type_description)]
impl CardDetails {
    /// The brand on the card, e.g. `visa`.
    async fn brand(&self) -> Option<&str> {
        self.0.card_brand.as_deref()
    }

    /// The network that the payment went over, e.g. `cartes_bancaires`.
    async fn network(&self) -> Option<&str> {
        self.0.card_network.as_deref()
    }

    /// The last four digits.
    async fn last4(&self) -> Option<&str> {
        self.0.card_last4.as_deref()
    }

    /// First six to eight digits; null where Stripe withholds it (see `DataHealth`).
    async fn bin(&self) -> Option<&str> {
        self.0.card_bin.as_deref()
    }

    /// Name of the issuing bank; null where Stripe withholds it.
    async fn issuer(&self) -> Option<&str> {
        self.0.card_issuer.as_deref()
    }

    /// The country of the issuing bank.
    async fn country(&self) -> Option<CountryCode> {
        self.0.card_country.clone().map(CountryCode)
    }

    /// `credit`, `debit`, `prepaid` or `unknown`.
    async fn funding(&self) -> Option<&str> {
        self.0.card_funding.as_deref()
    }

    /// The month in which the card expires, 1 to 12.
    async fn exp_month(&self) -> Option<i32> {
        self.0.card_exp_month
    }

    /// The year in which the card expires, with four digits.
    async fn exp_year(&self) -> Option<i32> {
        self.0.card_exp_year
    }

    /// The same for the same card number, within one Stripe account.
    async fn fingerprint(&self) -> Option<&str> {
        self.0.card_fingerprint.as_deref()
    }

    /// The wallet that the card was in, e.g. `apple_pay`.
    async fn wallet(&self) -> Option<&str> {
        self.0.card_wallet.as_deref()
    }

    /// How 3-D Secure went; null where it was not asked for.
    async fn three_d_secure(&self) -> Option<ThreeDSecure> {
        let secure = ThreeDSecure {
            result: self.0.three_d_secure_result.clone(),
            version: self.0.three_d_secure_version.clone(),
            authentication_flow: self.0.three_d_secure_flow.clone(),
        };
        let known = secure.result.is_some()
            || secure.version.is_some()
            || secure.authentication_flow.is_some();
        known.then_some(secure)
    }

    /// What the issuer said of the address and the security code; null where nothing was checked.
    async fn checks(&self) -> Option<CardChecks> {
        let checks = CardChecks {
            address_line1: self.0.check_address_line1.clone(),
            postal_code: self.0.check_postal_code.clone(),
            cvc: self.0.check_cvc.clone(),
        };
        let known =
            checks.address_line1.is_some() || checks.postal_code.is_some() || checks.cvc.is_some();
        known.then_some(checks)
    }
}

/// How the authentication of the cardholder went.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct ThreeDSecure {
    /// E.g. `authenticated`, `attempt_acknowledged` or `failed`.
    result: Option<String>,
    /// The version of the protocol, e.g. `2.2.0`.
    version: Option<String>,
    /// Whether the cardholder had to do something: `challenge` or `frictionless`.
    authentication_flow: Option<String>,
}

/// What the issuer said of details that the customer gave: `pass`, `fail`, `unavailable` or `unchecked`.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct CardChecks {
    /// The first line of the address.
    #[graphql(name = "addressLine1")]
    address_line1: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// The security code.
    cvc: Option<String>,
}

use crate::{
    domain::payment::has_card,
    graphql::{flat::flat_part, scalar::CountryCode},
    storage::PaymentRow,
};

flat_part! {
    /// How a payment was made.
    PaymentMethodDetails of PaymentRow {
        /// Stripe's name for the method, e.g. `card` or `sepa_debit`.
        type: text[MethodType] = |row| &row.method_type;
        /// The card; null for other methods.
        card: optional_part<CardDetails>[MethodType, CardBrand, CardLast4] = CardDetails::of;
    }
}

flat_part! {
    /// The card that a payment was made with, as Stripe described it at the time.
    CardDetails of PaymentRow {
        /// The brand on the card, e.g. `visa`.
        brand: optional_text[CardBrand] = |row| row.card_brand.as_deref();
        /// The network that the payment went over, e.g. `cartes_bancaires`.
        network: optional_text[CardNetwork] = |row| row.card_network.as_deref();
        /// The last four digits.
        last4: optional_text[CardLast4] = |row| row.card_last4.as_deref();
        /// First six to eight digits; null where Stripe withholds it (see `DataHealth`).
        bin: optional_text[CardBin] = |row| row.card_bin.as_deref();
        /// Name of the issuing bank; null where Stripe withholds it.
        issuer: optional_text[CardIssuer] = |row| row.card_issuer.as_deref();
        /// The country of the issuing bank.
        country: scalar[CardCountry] = |row| row.card_country.clone().map(CountryCode);
        /// `credit`, `debit`, `prepaid` or `unknown`.
        funding: optional_text[CardFunding] = |row| row.card_funding.as_deref();
        /// The month in which the card expires, 1 to 12.
        expMonth: scalar[CardExpMonth] = |row| row.card_exp_month;
        /// The year in which the card expires, with four digits.
        expYear: scalar[CardExpYear] = |row| row.card_exp_year;
        /// The same for the same card number, within one Stripe account.
        fingerprint: optional_text[CardFingerprint] = |row| row.card_fingerprint.as_deref();
        /// The wallet that the card was in, e.g. `apple_pay`.
        wallet: optional_text[CardWallet] = |row| row.card_wallet.as_deref();
        /// How 3-D Secure went; null where it was not asked for.
        threeDSecure: optional_part<ThreeDSecure>[ThreeDSecureResult, ThreeDSecureVersion, ThreeDSecureFlow] = ThreeDSecure::of;
        /// What the issuer said of the address and the security code; null where nothing was checked.
        checks: optional_part<CardChecks>[CheckAddressLine1, CheckPostalCode, CheckCvc] = CardChecks::of;
    }
}

flat_part! {
    /// How the authentication of the cardholder went.
    ThreeDSecure of PaymentRow {
        /// E.g. `authenticated`, `attempt_acknowledged` or `failed`.
        result: optional_text[ThreeDSecureResult] = |row| row.three_d_secure_result.as_deref();
        /// The version of the protocol, e.g. `2.2.0`.
        version: optional_text[ThreeDSecureVersion] = |row| row.three_d_secure_version.as_deref();
        /// Whether the cardholder had to do something: `challenge` or `frictionless`.
        authenticationFlow: optional_text[ThreeDSecureFlow] = |row| row.three_d_secure_flow.as_deref();
    }
}

flat_part! {
    /// What the issuer said of details that the customer gave: `pass`, `fail`, `unavailable` or `unchecked`.
    CardChecks of PaymentRow {
        /// The first line of the address.
        addressLine1: optional_text[CheckAddressLine1] = |row| row.check_address_line1.as_deref();
        /// The postal code.
        postalCode: optional_text[CheckPostalCode] = |row| row.check_postal_code.as_deref();
        /// The security code.
        cvc: optional_text[CheckCvc] = |row| row.check_cvc.as_deref();
    }
}

impl CardDetails {
    /// The card, where the payment was made by one.
    fn of(row: &PaymentRow) -> Option<&PaymentRow> {
        has_card(row).then_some(row)
    }
}

impl ThreeDSecure {
    /// How it went, where it was asked for.
    fn of(row: &PaymentRow) -> Option<&PaymentRow> {
        let known = row.three_d_secure_result.is_some()
            || row.three_d_secure_version.is_some()
            || row.three_d_secure_flow.is_some();
        known.then_some(row)
    }
}

impl CardChecks {
    /// What was said, where anything was checked.
    fn of(row: &PaymentRow) -> Option<&PaymentRow> {
        let known = row.check_address_line1.is_some()
            || row.check_postal_code.is_some()
            || row.check_cvc.is_some();
        known.then_some(row)
    }
}

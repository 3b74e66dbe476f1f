//! Giving access back.

use std::time::Duration;

use reqwest::StatusCode;

use super::{bridge::OAuthError, platform::Platform};
use crate::stripe::{StripeClient, StripeError, redact::machine_word};

/// Whoever disconnects waits for it.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why access may still be there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeauthorizeError {
    /// Stripe said no; the word is OAuth's.
    #[error("Stripe refused: {0}")]
    Refused(String),
    /// Stripe did not answer, or not in OAuth's form.
    #[error(transparent)]
    Stripe(#[from] StripeError),
}

impl StripeClient {
    /// Gives a merchant's grant back; fine where there is none any more.
    pub async fn deauthorize(
        &self,
        platform: &Platform,
        account: &str,
    ) -> Result<(), DeauthorizeError> {
        let transport = self.transport();
        let form = [
            ("client_id", platform.client_id.as_str()),
            ("stripe_user_id", account),
        ];
        let request = transport
            .http
            .post(platform.urls.deauthorize.clone())
            .basic_auth(platform.key.expose(), Some(""))
            .timeout(self.patience(PATIENCE))
            .form(&form)
            .build()
            .map_err(|_| StripeError::unavailable(crate::stripe::Outage::Connect))?;
        let answer = transport.send_raw(request).await?;
        if answer.status == StatusCode::OK {
            return Ok(());
        }
        match serde_json::from_slice::<OAuthError>(&answer.body) {
            Ok(refusal) if is_gone(&refusal) => Ok(()),
            Ok(refusal) => {
                let word = machine_word(&refusal.error);
                Err(DeauthorizeError::Refused(
                    word.unwrap_or_else(|| "unknown".to_owned()),
                ))
            }
            Err(_) => Err(transport.refusal(&answer).into()),
        }
    }
}

/// One word stands for four causes; only the description tells that there is nothing to give back.
fn is_gone(refusal: &OAuthError) -> bool {
    let text = refusal.error_description.as_deref().unwrap_or_default();
    refusal.error == "invalid_client" && text.contains("not connected")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_description_tells_that_there_is_nothing_to_give_back() {
        let refusal = |error: &str, description: Option<&str>| OAuthError {
            error: error.to_owned(),
            error_description: description.map(str::to_owned),
        };

        assert!(is_gone(&refusal(
            "invalid_client",
            Some("This application is not connected to stripe account acct_1.")
        )));
        for other in [
            refusal("invalid_client", None),
            refusal("invalid_client", Some("No such application: 'ca_1'")),
            refusal("invalid_request", Some("not connected")),
        ] {
            assert!(!is_gone(&other));
        }
    }
}

use async_graphql::{Context, InputObject, Object, SimpleObject};
use secrecy::SecretString;

use super::connect_key::refusal;
use crate::{
    auth::Scope,
    domain::{connection::ConnectError, permission::KeyReport},
    graphql::{
        context::ContextExt,
        cost::cost,
        error::ApiError,
        types::{DomainError, PermissionGrant, StripeAccount},
    },
};

/// The key to check.
#[derive(InputObject)]
pub(super) struct CheckApiKeyInput {
    /// The restricted key, which starts with `rk_live_` or `rk_test_`.
    #[graphql(secret)]
    api_key: String,
}

/// What a key is good for.
#[derive(Default, SimpleObject)]
pub(super) struct CheckApiKeyPayload {
    /// As much as the key may tell of its account; null where the key was not taken.
    account: Option<StripeAccount>,
    /// Whether it is a key of Stripe's live mode; null where the key was not taken.
    livemode: Option<bool>,
    /// Every permission that is needed, in the dashboard's order, and whether the key grants it.
    permissions: Vec<PermissionGrant>,
    /// What would stand in the way of connecting with this key.
    errors: Vec<DomainError>,
}

#[derive(Default)]
pub(super) struct CheckKeyMutation;

#[Object]
impl CheckKeyMutation {
    /// The same checks as connectWithApiKey, storing nothing: what a form shows while the user is still at it.
    #[graphql(directive = cost::apply(2_000))]
    async fn check_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key.")] input: CheckApiKeyInput,
    ) -> Result<CheckApiKeyPayload, ApiError> {
        ctx.caller_with(Scope::ConnectionsWrite)?;
        match ctx
            .gateway()?
            .check_api_key(SecretString::from(input.api_key))
            .await
        {
            Ok(report) => report.try_into(),
            Err(error) => {
                let errors = vec![refusal(error)?];
                Ok(CheckApiKeyPayload {
                    errors,
                    ..CheckApiKeyPayload::default()
                })
            }
        }
    }
}

impl TryFrom<KeyReport> for CheckApiKeyPayload {
    type Error = ApiError;

    fn try_from(report: KeyReport) -> Result<Self, ApiError> {
        let errors = if report.lacks_required() {
            vec![refusal(ConnectError::MissingPermissions(report.missing()))?]
        } else {
            Vec::new()
        };
        Ok(Self {
            account: Some(report.account.into()),
            livemode: Some(report.livemode),
            permissions: report
                .grants
                .into_iter()
                .map(PermissionGrant::from)
                .collect(),
            errors,
        })
    }
}

use async_graphql::{Interface, SimpleObject};

use super::{
    data_connection::DataConnection, import::Import, permission::StripePermission,
    webhook::ConflictingEndpoint,
};

/// Something that stands in the way of a mutation and that its caller can do something about; nothing was changed.
#[derive(Clone, Debug, Interface)]
#[graphql(
    field(name = "message", ty = "String", desc = "For a person."),
    field(
        name = "path",
        ty = "Option<Vec<String>>",
        desc = "Where in the input, e.g. `[\"input\", \"apiKey\"]`."
    )
)]
pub(in crate::graphql) enum DomainError {
    InvalidInput(InvalidInputError),
    NotFound(NotFoundError),
    InvalidApiKey(InvalidApiKeyError),
    MissingPermissions(MissingPermissionsError),
    AccountAlreadyConnected(AccountAlreadyConnectedError),
    WebhookAlreadyExists(WebhookAlreadyExistsError),
    StripeUnavailable(StripeUnavailableError),
    ImportInProgress(ImportInProgressError),
    LimitReached(LimitReachedError),
}

/// Writes the errors: a sentence, a path, and what a client may need beside them.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, SimpleObject)]
        pub(in crate::graphql) struct $name {
            /// For a person.
            #[graphql(owned)]
            message: String,
            /// Where in the input, e.g. `["input", "apiKey"]`.
            #[graphql(owned)]
            path: Option<Vec<String>>,
            $($(#[$field_doc])* $field: $ty,)*
        }

        impl $name {
            /// The error, at the field of the mutation's input that caused it, if one did.
            pub(in crate::graphql) fn at(
                field: impl Into<Option<&'static str>>,
                message: impl std::fmt::Display,
                $($field: $ty,)*
            ) -> DomainError {
                let field = field.into();
                let path = field.map(|field| vec!["input".to_owned(), field.to_owned()]);
                Self { message: message.to_string(), path, $($field,)* }.into()
            }
        }
    )+};
}

errors! {
    /// A part of the input cannot be taken as it is.
    InvalidInputError {}

    /// There is nothing of this id in the workspace.
    NotFoundError {}

    /// Stripe does not accept the key, or it is of a kind that is not taken (a publishable key, a full secret key where only restricted keys are allowed).
    InvalidApiKeyError {}

    /// The key does not grant what is needed.
    MissingPermissionsError {
        /// Every permission that is missing, in the dashboard's order.
        missing: Vec<StripePermission>,
    }

    /// The Stripe account is connected already.
    AccountAlreadyConnectedError {
        /// The connection that has it.
        connection: DataConnection,
    }

    /// The Stripe account already has a webhook that points at this gateway. Remove it, or call rebuildWebhook.
    WebhookAlreadyExistsError {
        /// The endpoints that point here.
        endpoints: Vec<ConflictingEndpoint>,
    }

    /// Stripe could not be reached or is limiting us: nothing was stored, try again.
    StripeUnavailableError {
        /// How long Stripe asked to wait; null where it did not say.
        retry_after_seconds: Option<i32>,
    }

    /// The workspace has as many of something as it may have at once.
    LimitReachedError {
        /// As many as it may have.
        limit: i32,
    }

    /// An import of the connection is under way already.
    ImportInProgressError {
        /// That import.
        import: Import,
    }
}

use std::{ops::Deref, sync::Arc};

use async_graphql::{SDLExportOptions, SchemaBuilder, ValidationMode};

use super::{
    cost::Prices,
    documents::GoodDocuments,
    flat::Told,
    idempotent::idempotent,
    limits::Limits,
    mutation::Mutation,
    nulls::FieldTypes,
    persisted::TrustedDocuments,
    query::Query,
    scalar::Date,
    subscription::{Subscription, TokenCheck},
};
use crate::{
    domain::Gateway,
    state::{Allowances, Documents},
};

pub(super) type Inner = async_graphql::Schema<Query, Mutation, Subscription>;

/// The API, ready to execute operations. Cheap to clone.
#[derive(Clone)]
pub struct Schema(Arc<Api>);

/// What a schema shares with its clones.
pub struct Api {
    pub(super) inner: Inner,
    /// The same for operations that are known to be valid.
    pub(super) quick: Inner,
    /// Documents that are.
    pub(super) documents: GoodDocuments,
    /// What subscribers were told lately.
    pub(super) told: Arc<Told>,
    pub(super) gateway: Gateway,
    pub(super) types: FieldTypes,
    pub(super) prices: Prices,
    pub(super) shared: Shared,
    pub(super) limits: Limits,
}

impl Deref for Schema {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.0
    }
}

/// What the edges of all processes have in common.
#[derive(Clone, Debug)]
pub struct Shared {
    /// What each token may spend.
    pub allowances: Arc<Allowances>,
    /// Documents that clients name by their hash.
    pub documents: Arc<Documents>,
    /// Where only these documents are executed.
    pub trusted: Option<Arc<TrustedDocuments>>,
}

/// Puts the API over a gateway.
#[must_use]
pub fn build(gateway: Gateway, limits: Limits, shared: Shared) -> Schema {
    let inner = |validation| {
        let builder = builder()
            .data(gateway.clone())
            .data(limits.page_sizes())
            .data(TokenCheck(limits.token_check))
            .limit_depth(limits.max_depth)
            .limit_recursive_depth(limits.max_recursive_depth)
            .limit_directives(limits.max_directives)
            .validation_mode(validation);
        builder.disable_suggestions().finish()
    };
    let sdl = sdl();
    Schema(Arc::new(Api {
        inner: inner(ValidationMode::Strict),
        quick: inner(ValidationMode::Fast),
        documents: GoodDocuments::default(),
        told: Arc::default(),
        gateway,
        types: FieldTypes::read(&sdl),
        prices: Prices::read(&sdl),
        shared,
        limits,
    }))
}

/// The schema in GraphQL's definition language: the same text for the same code, with a line break at the end.
#[must_use]
pub fn sdl() -> String {
    print(builder(), SDLExportOptions::new())
}

/// The same as a subgraph of Apollo Federation 2, to be composed with others for a router.
#[must_use]
pub fn federation_sdl() -> String {
    let builder = builder().enable_subscription_in_federation();
    print(builder, SDLExportOptions::new().federation())
}

fn print(
    builder: SchemaBuilder<Query, Mutation, Subscription>,
    options: SDLExportOptions,
) -> String {
    let options = options.include_specified_by().use_space_ident();
    let text = builder.finish().sdl_with_options(options);
    format!("{}\n", text.trim_end())
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    // No field has a date yet; clients that generate code expect the scalar all the same.
    Inner::build(Query::default(), Mutation::default(), Subscription)
        .register_output_type::<Date>()
        .directive(idempotent)
}

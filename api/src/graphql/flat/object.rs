//! Flat types as the library's own.

use async_graphql::{
    CacheControl, ContainerType, Context, ContextSelectionSet, OutputType, ServerResult, Value,
    registry::{MetaType, MetaTypeId, Registry},
    resolver_utils::resolve_container,
};

use super::{Form, Held, Plan, Selections, Text, Wording, field::Kind, text::as_text};

/// Puts a type into the schema, as its table says.
pub(in crate::graphql) fn register<T: Held + OutputType>(registry: &mut Registry) -> String {
    registry.create_output_type::<T, _>(MetaTypeId::Object, |registry| {
        let mut loaded = T::loaded(registry);
        let fields = T::fields().iter().filter_map(|field| {
            let meta = field.meta(registry).or_else(|| {
                let at = loaded.iter().position(|(name, _)| name == field.name)?;
                Some(loaded.swap_remove(at).1)
            });
            Some((field.name.to_owned(), meta?))
        });
        MetaType::Object {
            name: T::NAME.to_owned(),
            description: Some(T::description().to_owned()),
            fields: fields.collect(),
            cache_control: CacheControl::default(),
            extends: false,
            shareable: false,
            resolvable: true,
            keys: None,
            visible: None,
            inaccessible: false,
            interface_object: false,
            tags: Vec::new(),
            is_subscription: false,
            rust_typename: Some(std::any::type_name::<T>()),
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        }
    })
}

/// An object with its selections.
pub(in crate::graphql) async fn resolve<T: Held + ContainerType>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
) -> ServerResult<Value> {
    let form = Form::of(ctx);
    let wording = ctx.data_opt::<Wording>().filter(|_| form == Form::Text);
    let shared = wording.zip(object.shared());
    let told = shared.as_ref().and_then(|(wording, of)| wording.find(of));
    if let Some(told) = told {
        return Ok(as_text(told));
    }
    let plan = Plan::<T>::kept(ctx);
    let Some(plan) = &*plan else {
        return resolve_container(ctx, object).await;
    };
    let mut text = Text::default();
    plan.show(object.of(), &mut text);
    let Some((wording, of)) = shared else {
        return text.finish(form);
    };
    let json = text.into_json();
    wording.keep(of, json.clone());
    Ok(as_text(json))
}

/// One field of an object, as the ordinary way asks for it.
pub(in crate::graphql) async fn resolve_field<T: Held>(
    object: &T,
    ctx: &Context<'_>,
) -> ServerResult<Option<Value>> {
    let mut text = Text::default();
    let form = match T::field(&ctx.item.node.name.node).map(|field| &field.kind) {
        Some(Kind::Leaf { show, .. }) => {
            show(object.of(), &mut text);
            Form::Values
        }
        Some(Kind::Part { plan, .. }) => {
            let selections = Selections::of(ctx, &ctx.item.node.selection_set.node);
            let Some(show) = plan(&selections) else {
                return object.load(ctx).await;
            };
            show(object.of(), &mut text);
            Form::of(ctx)
        }
        Some(Kind::Loaded) | None => return object.load(ctx).await,
    };
    text.finish(form).map(Some)
}

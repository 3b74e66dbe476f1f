//! How flat types are written down.

/// Declares the fields of a flat type that is [`Held`](super::Held), and makes it an object type of the library:
///
/// ```text
/// flat! {
///     Card of PaymentRow {
///         /// The description of the field.
///         brand: optional_text[CardBrand] = |row| row.card_brand.as_deref();
///     }
/// }
/// ```
///
/// After the name stand the [kind of field](super::Field), the columns that it is told from, and how. A field that needs a
/// loader is only named, with its columns; `@` adds a directive.
macro_rules! flat {
    ($type:ident of $of:ty { $(
        $(#[doc = $doc:literal])*
        $name:ident: $kind:ident $(<$part:ty>)? [$($column:ident),*] $(@ $directive:expr,)? $(= $get:expr)?;
    )+ }) => {
        impl $crate::graphql::flat::Flat for $type {
            type Of = $of;

            const NAME: &'static str = stringify!($type);

            fn fields() -> &'static [$crate::graphql::flat::Field<Self>] {
                use $crate::graphql::flat::Field;
                static FIELDS: std::sync::LazyLock<Vec<Field<$type>>> = std::sync::LazyLock::new(|| vec![$(
                    Field::<$type>::$kind$(::<$part>)?(
                        stringify!($name),
                        concat!($($doc),*).trim_start(),
                        &[$($crate::storage::PaymentColumn::$column),*],
                        $($get,)?
                    )$(.with(|| $directive))?
                ),+]);
                &FIELDS
            }
        }

        impl async_graphql::OutputType for $type {
            fn type_name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(<Self as $crate::graphql::flat::Flat>::NAME)
            }

            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                $crate::graphql::flat::register::<Self>(registry)
            }

            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                $crate::graphql::flat::resolve(self, ctx).await
            }
        }

        impl async_graphql::ContainerType for $type {
            async fn resolve_field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> async_graphql::ServerResult<Option<async_graphql::Value>> {
                $crate::graphql::flat::resolve_field(self, ctx).await
            }
        }

        impl async_graphql::ObjectType for $type {}
    };
}

/// Declares a flat type that is only ever a part of another one: nothing of it has to be held.
macro_rules! flat_part {
    ($(#[$meta:meta])* $type:ident of $of:ty { $($fields:tt)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, async_graphql::Description)]
        pub(in crate::graphql) enum $type {}

        impl $crate::graphql::flat::Held for $type {
            fn of(&self) -> &$of {
                match *self {}
            }
        }

        $crate::graphql::flat::flat! { $type of $of { $($fields)+ } }
    };
}

pub(in crate::graphql) use {flat, flat_part};

//! The fields of flat types, as their tables declare them.

use async_graphql::{
    OutputType,
    registry::{MetaDirectiveInvocation, MetaField, Registry},
};

use super::{Flat, Plan, Selections, Text, columns::columns_of, leaf::Leaf};
use crate::storage::{PaymentColumn, PaymentColumns};

/// Writes a value down.
pub(super) type Show<T> = Box<dyn Fn(&<T as Flat>::Of, &mut Text) + Send + Sync>;

/// Plans how a part is written down.
type Planned<T> = Box<dyn Fn(&Selections<'_>) -> Option<Show<T>> + Send + Sync>;

/// A field of a flat type.
pub(in crate::graphql) struct Field<T: Flat> {
    pub(super) name: &'static str,
    description: &'static str,
    directive: Option<fn() -> MetaDirectiveInvocation>,
    /// The columns that the field is told from, those of its own fields not included.
    pub(super) columns: &'static [PaymentColumn],
    pub(super) kind: Kind<T>,
}

/// How a field is resolved.
pub(super) enum Kind<T: Flat> {
    /// It has no fields of its own.
    Leaf {
        ty: fn(&mut Registry) -> String,
        show: Show<T>,
    },
    /// It is of a flat type as well.
    Part {
        ty: fn(&mut Registry) -> String,
        /// How it is shown with these selections; none where the ordinary way is needed.
        plan: Planned<T>,
        columns: fn(&Selections<'_>) -> PaymentColumns,
    },
    /// It needs a loader.
    Loaded,
}

impl<T: Flat> Kind<T> {
    fn part<P: Flat>(
        ty: fn(&mut Registry) -> String,
        show: impl Fn(&Plan<P>, &T::Of, &mut Text) + Copy + Send + Sync + 'static,
    ) -> Self {
        let plan = move |selections: &Selections<'_>| -> Option<Show<T>> {
            let plan = Plan::<P>::of(selections)?;
            Some(Box::new(move |of, into| show(&plan, of, into)))
        };
        Self::Part {
            ty,
            plan: Box::new(plan),
            columns: columns_of::<P>,
        }
    }
}

impl<T: Flat> Field<T> {
    fn new(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        kind: Kind<T>,
    ) -> Self {
        Self {
            name,
            description,
            directive: None,
            columns,
            kind,
        }
    }

    /// A text that is always there.
    pub(in crate::graphql) fn text(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        get: for<'a> fn(&'a T::Of) -> &'a str,
    ) -> Self {
        let kind = Kind::Leaf {
            ty: String::create_type_info,
            show: Box::new(move |of, into| into.string(get(of))),
        };
        Self::new(name, description, columns, kind)
    }

    /// A text that may be missing.
    pub(in crate::graphql) fn optional_text(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        get: for<'a> fn(&'a T::Of) -> Option<&'a str>,
    ) -> Self {
        let kind = Kind::Leaf {
            ty: Option::<String>::create_type_info,
            show: Box::new(move |of, into| match get(of) {
                Some(text) => into.string(text),
                None => into.null(),
            }),
        };
        Self::new(name, description, columns, kind)
    }

    /// Any other value without fields.
    pub(in crate::graphql) fn scalar<L: Leaf + 'static>(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        get: fn(&T::Of) -> L,
    ) -> Self {
        let kind = Kind::Leaf {
            ty: L::create_type_info,
            show: Box::new(move |of, into| get(of).write(into)),
        };
        Self::new(name, description, columns, kind)
    }

    /// A part that is always there, told from a part of the same value.
    pub(in crate::graphql) fn part<P: Flat + OutputType>(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        get: for<'a> fn(&'a T::Of) -> &'a P::Of,
    ) -> Self {
        let kind = Kind::part(P::create_type_info, move |plan: &Plan<P>, of, into| {
            plan.show(get(of), into);
        });
        Self::new(name, description, columns, kind)
    }

    /// The same, but it may be missing; `columns` are also those that tell whether it is.
    pub(in crate::graphql) fn optional_part<P: Flat + OutputType>(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        get: for<'a> fn(&'a T::Of) -> Option<&'a P::Of>,
    ) -> Self {
        let show = move |plan: &Plan<P>, of: &T::Of, into: &mut Text| match get(of) {
            Some(part) => plan.show(part, into),
            None => into.null(),
        };
        let kind = Kind::part(Option::<P>::create_type_info, show);
        Self::new(name, description, columns, kind)
    }

    /// A part that is always there, told from a value that is made for it.
    pub(in crate::graphql) fn made<P: Flat + OutputType>(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        make: fn(&T::Of) -> P::Of,
    ) -> Self {
        let kind = Kind::part(P::create_type_info, move |plan: &Plan<P>, of, into| {
            plan.show(&make(of), into);
        });
        Self::new(name, description, columns, kind)
    }

    /// The same, but it may be missing.
    pub(in crate::graphql) fn optional_made<P: Flat + OutputType>(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        make: fn(&T::Of) -> Option<P::Of>,
    ) -> Self {
        let show = move |plan: &Plan<P>, of: &T::Of, into: &mut Text| match make(of) {
            Some(part) => plan.show(&part, into),
            None => into.null(),
        };
        let kind = Kind::part(Option::<P>::create_type_info, show);
        Self::new(name, description, columns, kind)
    }

    /// A list of parts.
    pub(in crate::graphql) fn parts<P: Flat + OutputType>(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
        get: for<'a> fn(&'a T::Of) -> &'a [P::Of],
    ) -> Self {
        let show = move |plan: &Plan<P>, of: &T::Of, into: &mut Text| {
            into.push("[");
            for (at, part) in get(of).iter().enumerate() {
                if at > 0 {
                    into.push(",");
                }
                plan.show(part, into);
            }
            into.push("]");
        };
        let kind = Kind::part(Vec::<P>::create_type_info, show);
        Self::new(name, description, columns, kind)
    }

    /// A field that needs a loader: [`Held::loaded`](super::Held::loaded) describes it.
    pub(in crate::graphql) fn loaded(
        name: &'static str,
        description: &'static str,
        columns: &'static [PaymentColumn],
    ) -> Self {
        Self::new(name, description, columns, Kind::Loaded)
    }

    /// The same field with a directive in the schema.
    pub(in crate::graphql) fn with(self, directive: fn() -> MetaDirectiveInvocation) -> Self {
        Self {
            directive: Some(directive),
            ..self
        }
    }

    /// What the schema says of the field; none of one that needs a loader.
    pub(super) fn meta(&self, registry: &mut Registry) -> Option<MetaField> {
        let (Kind::Leaf { ty, .. } | Kind::Part { ty, .. }) = &self.kind else {
            return None;
        };
        let directives = self.directive.iter().map(|directive| directive());
        Some(MetaField {
            name: self.name.to_owned(),
            description: Some(self.description.to_owned()),
            args: async_graphql::indexmap::IndexMap::new(),
            ty: ty(registry),
            deprecation: async_graphql::registry::Deprecation::NoDeprecated,
            cache_control: async_graphql::CacheControl::default(),
            external: false,
            requires: None,
            provides: None,
            visible: None,
            shareable: false,
            inaccessible: false,
            tags: Vec::new(),
            override_from: None,
            compute_complexity: None,
            directive_invocations: directives.collect(),
            requires_scopes: Vec::new(),
        })
    }
}

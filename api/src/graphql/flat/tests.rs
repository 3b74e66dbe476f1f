//! The walk against the library: the same types once flat and once ordinary, and random queries to both.

#![expect(clippy::unused_async, reason = "resolvers are asynchronous")]

use async_graphql::{
    ComplexObject, Context, Description, EmptyMutation, EmptySubscription, Error, ID, Interface,
    Object, ObjectType, Request, Response, Schema, ServerResult, SimpleObject, Value, Variables,
    parser::parse_query,
    registry::{MetaField, Registry},
    value,
};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{Held, Kept, Rows, Whole, flat, flat_part};
use crate::graphql::{merging::merges, written::data};

/// What both kinds of types show.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct Row {
    number: i32,
    name: Option<String>,
    below: Option<Box<Row>>,
}

fn row(number: i32, depth: i32) -> Row {
    Row {
        number,
        name: (number % 2 == 0).then(|| format!("\"{number}\"")),
        below: (depth > 0).then(|| Box::new(row(number + 1, depth - 1))),
    }
}

fn rows() -> Vec<Row> {
    (0..4).map(|number| row(number, number)).collect()
}

/// The ordinary types.
mod ordinary {
    use super::*;

    #[derive(SimpleObject)]
    #[graphql(complex)]
    pub(super) struct Thing {
        /// Its id.
        pub(super) id: ID,
        name: Option<String>,
        odd: bool,
        part: Part,
        maybe: Option<Part>,
    }

    #[derive(SimpleObject)]
    pub(super) struct Part {
        word: String,
        number: i32,
        again: Option<Box<Part>>,
    }

    #[ComplexObject]
    impl Thing {
        async fn loaded(&self) -> Result<i32, Error> {
            super::loaded(&self.id, self.odd)
        }
    }

    #[derive(Interface)]
    #[graphql(field(name = "id", ty = "&ID"))]
    pub(super) enum Node {
        Thing(Thing),
    }

    impl From<&Row> for Thing {
        fn from(row: &Row) -> Self {
            Self {
                id: ID(row.number.to_string()),
                name: row.name.clone(),
                odd: row.number % 2 != 0,
                part: row.into(),
                maybe: row.below.as_deref().map(Part::from),
            }
        }
    }

    impl From<&Row> for Part {
        fn from(row: &Row) -> Self {
            Self {
                word: format!("word {}", row.number),
                number: row.number,
                again: row.below.as_deref().map(|row| Box::new(row.into())),
            }
        }
    }

    pub(super) struct Query;

    #[Object]
    impl Query {
        async fn thing(&self) -> Thing {
            (&row(0, 3)).into()
        }

        async fn none(&self) -> Option<Thing> {
            None
        }

        async fn things(&self) -> Vec<Thing> {
            rows().iter().map(Thing::from).collect()
        }

        async fn node(&self) -> Node {
            Thing::from(&row(2, 2)).into()
        }
    }
}

/// The same, flat.
mod walked {
    use super::*;

    /// Something with a row of its own.
    #[derive(Clone, Debug, Description)]
    pub(super) struct Thing(Row);

    flat! {
        Thing of Row {
            /// Its id.
            id: scalar[] = |row| ID(row.number.to_string());
            name: optional_text[] = |row| row.name.as_deref();
            odd: scalar[] = |row| row.number % 2 != 0;
            part: part<Part>[] = |row| row;
            maybe: optional_part<Part>[] = |row| row.below.as_deref();
            loaded: loaded[];
        }
    }

    flat_part! {
        /// A part of a row.
        Part of Row {
            word: scalar[] = |row| format!("word {}", row.number);
            number: scalar[] = |row| row.number;
            again: optional_part<Part>[] = |row| row.below.as_deref();
        }
    }

    impl Held for Thing {
        fn of(&self) -> &Row {
            &self.0
        }

        fn loaded(registry: &mut Registry) -> Vec<(String, MetaField)> {
            <Self as ComplexObject>::fields(registry)
        }

        async fn load(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
            ComplexObject::resolve_field(self, ctx).await
        }
    }

    #[ComplexObject]
    impl Thing {
        async fn loaded(&self) -> Result<i32, Error> {
            super::loaded(&self.0.number.to_string(), self.0.number % 2 != 0)
        }
    }

    impl Thing {
        async fn id(&self, _: &Context<'_>) -> Result<ID, Error> {
            Ok(ID(self.0.number.to_string()))
        }
    }

    #[derive(Interface)]
    #[graphql(field(name = "id", ty = "ID"))]
    pub(super) enum Node {
        Thing(Thing),
    }

    pub(super) struct Query;

    #[Object]
    impl Query {
        async fn thing(&self) -> Thing {
            Thing(row(0, 3))
        }

        async fn none(&self) -> Option<Thing> {
            None
        }

        async fn things(&self) -> Rows<Thing> {
            rows().into_iter().map(Thing).collect()
        }

        async fn node(&self) -> Node {
            Thing(row(2, 2)).into()
        }
    }
}

/// A field that needs a loader, which fails for every other row.
fn loaded(id: &str, fails: bool) -> Result<i32, Error> {
    if fails {
        return Err(Error::new(format!("{id} cannot be loaded")));
    }
    Ok(id.len().try_into()?)
}

fn answer<Q: ObjectType + 'static>(query: Q, text: &str) -> Response {
    answer_to(query, Request::new(text))
}

/// The same where the walk may hand over text; none where something has to be merged.
fn answer_in_text<Q: ObjectType + 'static>(query: Q, text: &str) -> Option<Response> {
    let whole = !merges(&parse_query(text).unwrap());
    whole.then(|| answer_to(query, Request::new(text).data(Whole)))
}

/// The second answer to a document that selects the same each time.
fn answer_again(text: &str) -> Option<Response> {
    let kept = Kept::default();
    let ask = || answer_to(walked::Query, Request::new(text).data(kept.clone()));
    (!text.contains('@')).then(|| {
        ask();
        ask()
    })
}

fn answer_to<Q: ObjectType + 'static>(query: Q, request: Request) -> Response {
    let schema = Schema::build(query, EmptyMutation, EmptySubscription).finish();
    let variables = Variables::from_value(value!({ "yes": true, "no": false }));
    let request = request.variables(variables);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(schema.execute(request))
}

/// The fields of each type: those without fields, and those with fields of which type.
type Fields = (
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

fn fields_of(ty: &str) -> Fields {
    match ty {
        "Query" => (
            &["__typename"],
            &[
                ("thing", "Thing"),
                ("none", "Thing"),
                ("things", "Thing"),
                ("node", "Node"),
            ],
        ),
        "Thing" => (
            &["__typename", "id", "name", "odd", "loaded"],
            &[("part", "Part"), ("maybe", "Part")],
        ),
        "Part" => (&["__typename", "word", "number"], &[("again", "Part")]),
        _ => (&["__typename", "id"], &[]),
    }
}

/// The types that a fragment within a type may be on.
fn conditions_of(ty: &str) -> &'static [&'static str] {
    match ty {
        "Thing" | "Node" => &["", "... on Thing ", "... on Node "],
        "Part" => &["", "... on Part "],
        _ => &["", "... on Query "],
    }
}

/// Named fragments, by the types within which they may stand.
const FRAGMENTS: [(&str, &str, &str); 5] = [
    (
        "Names",
        "Thing",
        "fragment Names on Thing { id other: name part { ...Words } ...Ids }",
    ),
    (
        "Names",
        "Node",
        "fragment Names on Thing { id other: name part { ...Words } ...Ids }",
    ),
    ("Ids", "Thing", "fragment Ids on Node { __typename id }"),
    ("Ids", "Node", "fragment Ids on Node { __typename id }"),
    (
        "Words",
        "Part",
        "fragment Words on Part { word again @skip(if: $no) { number again { word } } }",
    ),
];

/// The keys under which a field may answer: each is of one field only, so that the same may come twice.
fn keyed(name: &'static str) -> impl Strategy<Value = String> {
    select(vec![0, 0, 1, 2]).prop_map(move |alias| match alias {
        0 => name.to_owned(),
        alias => format!("{name}_{alias}: {name}"),
    })
}

fn directive() -> impl Strategy<Value = &'static str> {
    let all = [
        "",
        "",
        "",
        "",
        "@skip(if: true)",
        "@include(if: $yes)",
        "@skip(if: $no)",
        "@include(if: $no)",
    ];
    select(all.to_vec())
}

fn selection(ty: &'static str, depth: u32) -> BoxedStrategy<String> {
    let (leaves, objects) = fields_of(ty);
    let leaf = select(leaves).prop_flat_map(|name| (keyed(name), directive()));
    let leaf = leaf
        .prop_map(|(key, directive)| format!("{key} {directive}"))
        .boxed();
    if depth == 0 {
        return leaf;
    }
    let mut all = vec![leaf.clone(), leaf];
    if !objects.is_empty() {
        let object = select(objects)
            .prop_flat_map(move |(name, ty)| (keyed(name), directive(), set(ty, depth - 1)));
        let object = object.prop_map(|(key, directive, set)| format!("{key} {directive} {set}"));
        all.push(object.boxed());
    }
    let inline = select(conditions_of(ty)).prop_flat_map(move |condition| {
        let on = condition.trim_start_matches("... on ").trim();
        let inner = ["Thing", "Node", "Part"]
            .into_iter()
            .find(|ty| *ty == on)
            .unwrap_or(ty);
        (Just(condition), directive(), set(inner, depth - 1))
    });
    let inline = inline.prop_map(|(condition, directive, set)| {
        let start = if condition.is_empty() {
            "... "
        } else {
            condition
        };
        format!("{start} {directive} {set}")
    });
    all.push(inline.boxed());
    let named: Vec<_> = FRAGMENTS
        .iter()
        .filter(|(_, within, _)| *within == ty)
        .collect();
    if !named.is_empty() {
        let spread = (select(named), directive())
            .prop_map(|((name, ..), directive)| format!("...{name} {directive}"));
        all.push(spread.boxed());
    }
    proptest::strategy::Union::new(all).boxed()
}

/// Something of each set is never skipped: where nothing is left of one of the sets under a key, the library tells nothing
/// of the others either, and the walk what the specification says (section 6.3.2).
fn set(ty: &'static str, depth: u32) -> BoxedStrategy<String> {
    let all = vec(selection(ty, depth), 1..5);
    all.prop_map(|all| format!("{{ {} always: __typename }}", all.join(" ")))
        .boxed()
}

/// A document with the fragments and variables that it uses.
fn document() -> impl Strategy<Value = String> {
    set("Query", 5).prop_map(|set| {
        let mut text = set;
        for (name, _, definition) in FRAGMENTS {
            if text.contains(&format!("...{name} ")) && !text.contains(definition) {
                text.push_str(definition);
            }
        }
        let used = ["yes", "no"]
            .into_iter()
            .filter(|name| text.contains(&format!("${name}")));
        let variables: Vec<_> = used.map(|name| format!("${name}: Boolean!")).collect();
        if variables.is_empty() {
            return text;
        }
        format!("query({}) {text}", variables.join(", "))
    })
}

#[test]
fn a_walk_tells_what_was_asked_for() {
    let query =
        "{ things { n: name ... on Node { id } part { word } part { again { number } } loaded } }";
    let flat = "{ things { n: name ... on Node { id } part { word } part { again { number } } __typename } }";

    let answer = |text| answer(walked::Query, text);

    let told = data(&answer(flat).data).unwrap();
    let thing = r#"{"n":"\"2\"","id":"2","part":{"word":"word 2","again":{"number":3}},"__typename":"Thing"}"#;
    assert!(told.contains(thing), "{told}");
    assert!(
        answer_in_text(walked::Query, flat).is_none(),
        "parts have to be merged"
    );
    let whole = "{ things { n: name id part { word again { number } } __typename } }";
    let in_text = answer_in_text(walked::Query, whole).unwrap().data;
    assert!(format!("{in_text:?}").contains("Binary"), "{in_text:?}");
    assert_eq!(data(&in_text).unwrap(), told);
    let mixed = answer(query);
    assert_eq!(mixed.errors.len(), 2, "{:?}", mixed.errors);
    assert_eq!(mixed.data.into_json().unwrap()["things"][2]["loaded"], 1);
}

proptest! {
    #[test]
    fn a_walk_tells_what_the_library_tells(query in document()) {
        let expected = answer(ordinary::Query, &query);
        // Whatever is not valid is refused before either way begins.
        prop_assume!(expected.errors.iter().all(|error| !error.path.is_empty()));

        let walked = answer(walked::Query, &query);

        prop_assert_eq!(&walked.errors, &expected.errors, "{}", query);
        let again = answer_again(&query);
        if let Some(again) = &again {
            prop_assert_eq!(&again.errors, &expected.errors, "{}", query);
        }
        let text = |answer: Response| data(&answer.data).unwrap();
        let expected = text(expected);
        prop_assert_eq!(&text(walked), &expected, "{}", query);
        if let Some(in_text) = answer_in_text(walked::Query, &query) {
            prop_assert_eq!(&text(in_text), &expected, "{}", query);
        }
        if let Some(again) = again {
            prop_assert_eq!(&text(again), &expected, "{}", query);
        }
    }
}

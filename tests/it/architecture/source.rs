//! What the rules need to know of one source file.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItem, Item, ItemMod, Meta, Signature, UseTree};

use super::tokens::{self, Found};

/// A source file outside its tests; `#[allow]` and its length are of the whole file.
pub(super) struct SourceFile {
    pub(super) path: String,
    /// The crate's folder: `api`.
    pub(super) crate_name: String,
    /// The file's module: `["http", "graphql"]`; empty for the crate's root.
    pub(super) module: Vec<String>,
    pub(super) lines: usize,
    /// Paths of two or more segments, aliases, `self` and `super` resolved.
    pub(super) paths: Vec<Found>,
    pub(super) functions: Vec<Function>,
    pub(super) allows: Vec<usize>,
    pub(super) unwraps: Vec<usize>,
    /// Modules of other files that are compiled for tests only.
    pub(super) test_modules: Vec<Vec<String>>,
}

pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) lines: usize,
}

impl SourceFile {
    pub(super) fn read(path: &str, text: &str) -> syn::Result<Self> {
        let all: TokenStream = text.parse()?;
        let file = syn::parse_file(text)?;
        let (crate_name, module) = place_of(path);

        let mut reader = Reader {
            module: module.clone(),
            ..Reader::default()
        };
        reader.visit_file(&file);

        Ok(Self {
            path: path.to_owned(),
            crate_name,
            module,
            lines: text.lines().count(),
            paths: reader.resolved(),
            functions: reader.functions,
            allows: tokens::allows(all),
            unwraps: reader.unwraps,
            test_modules: reader.test_modules,
        })
    }
}

/// `api/src/http/graphql/mod.rs` is module `http::graphql` of crate `api`.
fn place_of(path: &str) -> (String, Vec<String>) {
    let mut parts: Vec<String> = path
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    let crate_name = parts.remove(0);
    parts.remove(0);
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    (crate_name, parts)
}

#[derive(Default)]
struct Reader {
    module: Vec<String>,
    imports: Vec<Found>,
    paths: Vec<Found>,
    /// What a name at the start of a path stands for in this file.
    names: HashMap<String, Vec<String>>,
    functions: Vec<Function>,
    unwraps: Vec<usize>,
    test_modules: Vec<Vec<String>>,
}

impl Reader {
    /// Everything found, with the names of imports and of child modules written out.
    fn resolved(&mut self) -> Vec<Found> {
        let mut all = std::mem::take(&mut self.imports);
        all.append(&mut self.paths);
        for found in &mut all {
            if let Some(full) = self.names.get(&found.segments[0]) {
                found.segments.splice(..1, full.iter().cloned());
            }
        }
        all.retain(|found| found.segments.len() > 1);
        all.sort_by_key(|found| found.line);
        all
    }

    /// `self::` and `super::` as paths from the crate's root.
    fn absolute(&self, segments: Vec<String>) -> Vec<String> {
        let mut module = self.module.clone();
        let mut rest = segments.as_slice();
        let mut relative = false;
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "self" => {}
                "super" => drop(module.pop()),
                _ => break,
            }
            relative = true;
            rest = others;
        }
        if !relative {
            return segments;
        }
        std::iter::once("crate".to_owned())
            .chain(module)
            .chain(rest.iter().cloned())
            .collect()
    }

    fn import(&mut self, tree: &UseTree, before: &[String], line: usize) {
        let joined = |name: &dyn ToString| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(
                &path.tree,
                &joined(&path.ident),
                path.ident.span().start().line,
            ),
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|item| self.import(item, before, line)),
            UseTree::Glob(_) => self.imported(None, before.to_vec(), line),
            UseTree::Name(name) if name.ident == "self" => {
                self.imported(before.last().cloned(), before.to_vec(), line);
            }
            UseTree::Name(name) => {
                self.imported(Some(name.ident.to_string()), joined(&name.ident), line);
            }
            UseTree::Rename(name) if name.ident == "self" => {
                self.imported(Some(name.rename.to_string()), before.to_vec(), line);
            }
            UseTree::Rename(name) => {
                self.imported(Some(name.rename.to_string()), joined(&name.ident), line);
            }
        }
    }

    fn imported(&mut self, name: Option<String>, segments: Vec<String>, line: usize) {
        if segments.is_empty() {
            return;
        }
        let segments = self.absolute(segments);
        if let Some(name) = name {
            self.names.insert(name, segments.clone());
        }
        self.imports.push(Found { segments, line });
    }

    fn read_tokens(&mut self, stream: &TokenStream) {
        for found in tokens::paths(stream.clone()) {
            let segments = self.absolute(found.segments);
            self.paths.push(Found {
                segments,
                line: found.line,
            });
        }
        self.unwraps.extend(tokens::unwraps(stream.clone()));
    }

    fn read_function(&mut self, signature: &Signature, block: &Block) {
        let line = signature.fn_token.span.start().line;
        let last = block.brace_token.span.close().end().line;
        self.functions.push(Function {
            name: signature.ident.to_string(),
            line,
            lines: last - line + 1,
        });
    }

    fn read_test_module(&mut self, module: &ItemMod) {
        if module.content.is_none() {
            self.test_modules
                .push([self.module.as_slice(), &[module.ident.to_string()]].concat());
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => self.read_test_module(module),
            _ if is_for_tests(attributes_of(item)) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.module.push(module.ident.to_string());
        let path = std::iter::once("crate".to_owned())
            .chain(self.module.clone())
            .collect();
        self.names.insert(module.ident.to_string(), path);
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_for_tests(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&item.tree, &[], item.use_token.span.start().line);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let line = line_of(path.segments.first().map(|segment| segment.ident.span()));
        let segments = self.absolute(segments);
        self.paths.push(Found { segments, line });
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.read_tokens(&mac.tokens);
        visit::visit_macro(self, mac);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.read_tokens(&list.tokens);
        }
        visit::visit_attribute(self, attribute);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "unwrap" && call.args.is_empty() {
            self.unwraps.push(call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.read_function(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.read_function(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.read_function(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

fn line_of(span: Option<Span>) -> usize {
    span.map_or(0, |span| span.start().line)
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]`; not `#[cfg(not(test))]`.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let tokens = &list.tokens;
            tokens::mentions(tokens.clone(), "test") && !tokens::mentions(tokens.clone(), "not")
        }
        meta => meta
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "test"),
    })
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

//! What can be seen in raw tokens, where the syntax tree stops: macro bodies and attributes.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path such as `a::b::c`, with the line on which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

/// The paths of two or more segments anywhere in the tokens.
pub(super) fn paths(tokens: TokenStream) -> Vec<Found> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(first) => {
                let mut segments = vec![first.to_string()];
                let line = first.span().start().line;
                while let Some(next) = segment_after(&tokens[at + 1..]) {
                    segments.push(next);
                    at += 3;
                }
                if segments.len() > 1 {
                    found.push(Found { segments, line });
                }
            }
            TokenTree::Group(group) => found.extend(paths(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
    found
}

fn segment_after(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [
            TokenTree::Punct(one),
            TokenTree::Punct(two),
            TokenTree::Ident(name),
            ..,
        ] if one.as_char() == ':' && two.as_char() == ':' => Some(name.to_string()),
        _ => None,
    }
}

/// The lines of `.unwrap()` anywhere in the tokens.
pub(super) fn unwraps(tokens: TokenStream) -> Vec<usize> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut lines = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match (token, &tokens[at + 1..]) {
            (TokenTree::Punct(dot), [TokenTree::Ident(name), TokenTree::Group(arguments), ..])
                if dot.as_char() == '.' && name == "unwrap" && arguments.stream().is_empty() =>
            {
                lines.push(name.span().start().line);
            }
            (TokenTree::Group(group), _) => lines.extend(unwraps(group.stream())),
            _ => {}
        }
    }
    lines
}

/// The lines of `#[allow(…)]`, `#![allow(…)]` and `#[cfg_attr(…, allow(…))]`.
pub(super) fn allows(tokens: TokenStream) -> Vec<usize> {
    let mut lines = Vec::new();
    let mut in_attribute = false;
    for token in tokens {
        match token {
            TokenTree::Punct(punct) => {
                in_attribute = punct.as_char() == '#' || (in_attribute && punct.as_char() == '!');
            }
            TokenTree::Group(group) => {
                if in_attribute
                    && group.delimiter() == Delimiter::Bracket
                    && allows_something(group.stream())
                {
                    lines.push(group.span_open().start().line);
                }
                lines.extend(allows(group.stream()));
                in_attribute = false;
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => in_attribute = false,
        }
    }
    lines
}

fn allows_something(attribute: TokenStream) -> bool {
    match attribute.into_iter().collect::<Vec<_>>().as_slice() {
        [TokenTree::Ident(name), TokenTree::Group(_), ..] if name == "allow" => true,
        [TokenTree::Ident(name), TokenTree::Group(inner), ..] if name == "cfg_attr" => inner
            .stream()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(name) if name == "allow")),
        _ => false,
    }
}

/// Whether the identifier occurs anywhere in the tokens.
pub(super) fn mentions(tokens: TokenStream, wanted: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == wanted,
        TokenTree::Group(group) => mentions(group.stream(), wanted),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

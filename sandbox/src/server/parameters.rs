//! Form-encoded parameters with brackets, as queries and bodies have them.

use url::form_urlencoded;

use super::error::StripeError;
use crate::account::{Cursor, Selection};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: i64 = 100;

/// The parameters of a request in their order.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn parse(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    pub(super) fn of_query(query: Option<&str>) -> Self {
        Self::parse(query.unwrap_or_default().as_bytes())
    }

    /// Refuses every parameter whose name before the bracket is not among these.
    pub(super) fn allow(&self, known: &[&[&str]]) -> Result<(), StripeError> {
        let is_known = |name: &str| known.iter().any(|names| names.contains(&stem(name)));
        match self.0.iter().find(|(name, _)| !is_known(name)) {
            Some((name, _)) => Err(StripeError::unknown_parameter(name)),
            None => Ok(()),
        }
    }

    /// The value of a plain parameter; of several the last one.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The values of `name[]`, `name[0]` and so on.
    pub(super) fn many<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| stem(known) == name)
            .map(|(_, value)| value.as_str())
    }

    /// The pairs of `name[key]`.
    pub(super) fn map<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(known, value)| {
            let key = known
                .strip_prefix(name)?
                .strip_prefix('[')?
                .strip_suffix(']')?;
            Some((key, value.as_str()))
        })
    }

    /// The part of a list that is asked for, narrowed by these fields.
    pub(super) fn selection(
        &self,
        filters: &'static [&'static str],
    ) -> Result<Selection, StripeError> {
        let values = filters
            .iter()
            .filter_map(|name| Some((*name, self.one(name)?.to_owned())));
        Ok(Selection {
            limit: self.limit()?,
            cursor: self.cursor()?,
            created: self.created()?,
            filters: values.collect(),
            except: None,
        })
    }

    pub(super) fn limit(&self) -> Result<usize, StripeError> {
        let Some(text) = self.one("limit") else {
            return Ok(DEFAULT_LIMIT);
        };
        let limit = integer(text, "limit")?;
        let bound = match limit {
            ..1 => format!("greater than or equal to 1 (it currently is '{limit}')."),
            1..=MAX_LIMIT => return Ok(usize::try_from(limit).unwrap_or(DEFAULT_LIMIT)),
            _ => format!("less than or equal to {MAX_LIMIT} (it currently is '{limit}')."),
        };
        Err(StripeError::invalid_integer(
            format!("This value must be {bound}"),
            "limit",
        ))
    }

    pub(super) fn cursor(&self) -> Result<Option<Cursor>, StripeError> {
        match (self.one("starting_after"), self.one("ending_before")) {
            (None, None) => Ok(None),
            (Some(id), None) => Ok(Some(Cursor::StartingAfter(id.to_owned()))),
            (None, Some(id)) => Ok(Some(Cursor::EndingBefore(id.to_owned()))),
            (Some(_), Some(_)) => Err(StripeError::bad_request(
                "You cannot parameterize both starting_after and ending_before.",
            )),
        }
    }

    /// The first and last second of `created`, both included.
    pub(super) fn created(&self) -> Result<(i64, i64), StripeError> {
        let (mut first, mut last) = (i64::MIN, i64::MAX);
        if let Some(text) = self.one("created") {
            let second = integer(text, "created")?;
            (first, last) = (second, second);
        }
        for (bound, text) in self.map("created") {
            let name = format!("created[{bound}]");
            let second = integer(text, &name)?;
            match bound {
                "gt" => first = first.max(second.saturating_add(1)),
                "gte" => first = first.max(second),
                "lt" => last = last.min(second.saturating_sub(1)),
                "lte" => last = last.min(second),
                _ => return Err(StripeError::unknown_parameter(&name)),
            }
        }
        Ok((first, last))
    }
}

fn stem(name: &str) -> &str {
    name.split_once('[').map_or(name, |(stem, _)| stem)
}

fn integer(text: &str, param: &str) -> Result<i64, StripeError> {
    text.parse()
        .map_err(|_| StripeError::invalid_integer(format!("Invalid integer: {text}"), param))
}

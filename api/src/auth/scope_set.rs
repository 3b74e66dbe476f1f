use std::fmt;

use super::scope::{Scope, UnknownScope};

/// A set of scopes, in the order of the schema.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u8);

impl ScopeSet {
    /// No scope at all.
    pub const EMPTY: Self = Self(0);

    /// Every scope there is.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Reads scopes that a person named; one that is unknown refuses them all.
    pub fn parse<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, UnknownScope> {
        names
            .into_iter()
            .map(|name| name.as_ref().parse::<Scope>())
            .collect()
    }

    /// Reads scopes as they are stored; one that this version does not know grants nothing.
    #[must_use]
    pub fn from_stored<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        names
            .into_iter()
            .filter_map(|name| name.as_ref().parse::<Scope>().ok())
            .collect()
    }

    /// The names as they are stored.
    #[must_use]
    pub fn to_stored(self) -> Vec<String> {
        self.iter().map(|scope| scope.as_str().to_owned()).collect()
    }

    /// Whether the scope is in the set.
    #[must_use]
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Whether every scope of the other set is in this one.
    #[must_use]
    pub fn contains_all(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether the set has no scope.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes of the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}

fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_the_order_of_the_schema() {
        let set = ScopeSet::parse(["payments:read", "CONNECTIONS_READ", "PAYMENTS_READ"]).unwrap();

        assert_eq!(set.to_stored(), ["CONNECTIONS_READ", "PAYMENTS_READ"]);
        assert_eq!(ScopeSet::from_stored(set.to_stored()), set);
        assert!(!set.contains(Scope::TokensManage));
        assert!(ScopeSet::all().contains_all(set));
        assert!(!set.contains_all(ScopeSet::all()));
        assert!(set.contains_all(ScopeSet::EMPTY) && ScopeSet::EMPTY.is_empty());
    }

    #[test]
    fn an_unknown_scope_is_refused_from_a_person_and_dropped_from_storage() {
        let names = ["PAYMENTS_READ", "PAYOUTS_READ"];

        assert_eq!(ScopeSet::parse(names), Err(UnknownScope));
        assert_eq!(ScopeSet::from_stored(names).to_stored(), ["PAYMENTS_READ"]);
    }
}

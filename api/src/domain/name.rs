//! Names that people give: any script, no control characters, compared without regard to case.

use unicode_normalization::UnicodeNormalization;

/// The most characters of a name.
const LONGEST: usize = 100;

/// A name that a connection, a token or a workspace may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// As it is shown: trimmed, otherwise as given.
    pub(super) text: String,
    /// What makes it unique: compatibility forms and case do not matter.
    pub(super) key: String,
}

/// Why a text cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing to see.
    #[error("The name is empty: give it 1 to 100 characters.")]
    Empty,
    /// More than 100 characters.
    #[error("The name is too long: it may have at most 100 characters.")]
    TooLong,
    /// A character that would break lines or reverse the text around it.
    #[error("The name contains a control character: use only letters, digits, signs and spaces.")]
    Control,
}

impl Name {
    pub(super) fn parse(text: &str) -> Result<Self, NameProblem> {
        let text = text.trim();
        if text.chars().any(breaks_text) {
            return Err(NameProblem::Control);
        }
        if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
            return Err(NameProblem::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(NameProblem::TooLong);
        }
        // Up and down again, since some letters have several lower cases: Σ, ß.
        let upper = text.nfkc().flat_map(char::to_uppercase);
        let key: String = upper.flat_map(char::to_lowercase).nfkc().collect();
        Ok(Self {
            text: text.to_owned(),
            key,
        })
    }

    pub(super) fn into_pair(self) -> (String, String) {
        (self.text, self.key)
    }
}

/// Controls, line and paragraph separators, and what overrides the direction of text.
fn breaks_text(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Joiners, marks and fillers that scripts and emoji need, but that show nothing by themselves.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_script_is_a_name_and_is_kept_as_given() {
        for text in ["Läden Süd", "متجر", "東京店", "👩‍💻 shop", "Ω"] {
            assert_eq!(
                Name::parse(&format!("  {text}\t")).map(|name| name.text),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn case_and_compatibility_forms_make_no_difference() {
        let key = |text| Name::parse(text).unwrap().key;

        assert_eq!(key("ŁÓDŹ Shop"), key("łódź sHOP"));
        assert_eq!(key("Ｓｈｏｐ"), key("shop"));
        assert_eq!(key("Cafe\u{301}"), key("CAFÉ"));
        assert_eq!(key("ΟΔΟΣ"), key("Οδος"));
        assert_eq!(key("STRASSE"), key("Straße"));
        assert_ne!(key("Shop"), key("Shop 2"));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert_eq!(Name::parse(" \u{3000} "), Err(NameProblem::Empty));
        assert_eq!(Name::parse("\u{200b}"), Err(NameProblem::Empty));
        assert_eq!(Name::parse("a\0b"), Err(NameProblem::Control));
        assert_eq!(Name::parse("a\nb"), Err(NameProblem::Control));
        assert_eq!(Name::parse("a\u{202e}b"), Err(NameProblem::Control));
        assert_eq!(Name::parse(&"é".repeat(101)), Err(NameProblem::TooLong));
        assert!(Name::parse(&"é".repeat(100)).is_ok());
    }
}

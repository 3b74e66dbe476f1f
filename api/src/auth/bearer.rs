use thiserror::Error;

use super::token_secret::{TOKEN_CHARS, TokenFormatError, TokenSecret};

const SCHEME: &[u8] = b"Bearer";

/// The scheme, the token and some blanks between; nothing longer is looked at.
const MAX_BYTES: usize = SCHEME.len() + TOKEN_CHARS + 16;

/// Why an `Authorization` value gives no token.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BearerError {
    /// It is longer than any such value.
    #[error("the Authorization value is too long")]
    TooLong,
    /// It is of another scheme.
    #[error("the Authorization value must be Bearer and an API token")]
    NotBearer,
    /// What follows the scheme is no token.
    #[error(transparent)]
    NotAToken(#[from] TokenFormatError),
}

/// Takes the token out of an `Authorization` value: `Bearer inl_…`, the scheme in any case.
pub fn parse_bearer(value: &[u8]) -> Result<TokenSecret, BearerError> {
    if value.len() > MAX_BYTES {
        return Err(BearerError::TooLong);
    }
    let (scheme, rest) = value
        .trim_ascii()
        .split_at_checked(SCHEME.len())
        .ok_or(BearerError::NotBearer)?;
    let separated = rest
        .first()
        .is_some_and(|byte| matches!(byte, b' ' | b'\t'));
    if !scheme.eq_ignore_ascii_case(SCHEME) || !separated {
        return Err(BearerError::NotBearer);
    }
    let token = str::from_utf8(rest.trim_ascii()).map_err(|_| TokenFormatError)?;
    Ok(TokenSecret::parse(token)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "inl_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn parse(value: &str) -> Result<String, BearerError> {
        parse_bearer(value.as_bytes()).map(|token| token.reveal().to_owned())
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        for scheme in ["Bearer ", "bearer ", "BEARER  ", " Bearer\t"] {
            assert_eq!(parse(&format!("{scheme}{TOKEN} ")).as_deref(), Ok(TOKEN));
        }
    }

    #[test]
    fn every_other_value_is_told_apart() {
        let not_a_token = BearerError::NotAToken(TokenFormatError);
        for (value, error) in [
            (String::new(), BearerError::NotBearer),
            (TOKEN.to_owned(), BearerError::NotBearer),
            ("Bearer".to_owned(), BearerError::NotBearer),
            (format!("Bearer{TOKEN}"), BearerError::NotBearer),
            (format!("Basic {TOKEN}"), BearerError::NotBearer),
            (format!("Bearer {}", &TOKEN[..40]), not_a_token),
            (
                format!("Bearer {TOKEN} x"),
                BearerError::NotAToken(TokenFormatError),
            ),
            (
                format!("Bearer {}", "a".repeat(10_000)),
                BearerError::TooLong,
            ),
        ] {
            assert_eq!(parse(&value), Err(error), "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(value in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(parse_bearer(&value).is_err());
        }
    }
}

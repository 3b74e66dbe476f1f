use thiserror::Error;

use super::{
    host::{MAX_JWT_BYTES, looks_like_jwt},
    token_secret::{TokenFormatError, TokenSecret},
};

const SCHEME: &[u8] = b"Bearer";

/// The scheme, the longest token and some blanks between; nothing longer is looked at.
const MAX_BYTES: usize = SCHEME.len() + MAX_JWT_BYTES + 16;

/// What a client calls with.
#[derive(Debug)]
pub enum Bearer<'a> {
    /// An API token.
    Token(TokenSecret),
    /// What may be a token of the host application.
    Jwt(&'a str),
}

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

/// Takes the token out of an `Authorization` value: `Bearer inl_…` or `Bearer ey….….…`, the scheme in any case.
pub fn parse_bearer(value: &[u8]) -> Result<Bearer<'_>, BearerError> {
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
    if looks_like_jwt(token) {
        return Ok(Bearer::Jwt(token));
    }
    Ok(Bearer::Token(TokenSecret::parse(token)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "inl_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn parse(value: &str) -> Result<String, BearerError> {
        parse_bearer(value.as_bytes()).map(|bearer| match bearer {
            Bearer::Token(token) => token.reveal().to_owned(),
            Bearer::Jwt(jwt) => format!("JWT {jwt}"),
        })
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        for scheme in ["Bearer ", "bearer ", "BEARER  ", " Bearer\t"] {
            assert_eq!(parse(&format!("{scheme}{TOKEN} ")).as_deref(), Ok(TOKEN));
        }
    }

    #[test]
    fn what_may_be_a_jwt_is_told_apart() {
        assert_eq!(parse("bearer ey.x.y ").as_deref(), Ok("JWT ey.x.y"));
        assert!(parse("Bearer eyxy").is_err() && parse("Bearer x.y.z").is_err());
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

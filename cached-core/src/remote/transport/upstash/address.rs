//! Where an Upstash database is and the token that opens it. The token is shown to nobody else.

use crate::error::{Error, ErrorKind};
use http::{HeaderValue, Uri};
use std::fmt;
use std::net::IpAddr;

pub(crate) const URL_VARIABLE: &str = "UPSTASH_REDIS_REST_URL";
pub(crate) const TOKEN_VARIABLE: &str = "UPSTASH_REDIS_REST_TOKEN";

pub(crate) struct Address {
    /// `POST` here runs a pipeline.
    pub(super) pipeline: Uri,
    /// `Bearer <token>`.
    pub(super) authorization: HeaderValue,
    token: String,
}

impl Address {
    /// As the variables of the environment say it that Upstash' console gives.
    pub(crate) fn from_env() -> Result<Self, Error> {
        let variable = |name: &str| match std::env::var(name) {
            Ok(value) if !value.is_empty() => Ok(value),
            _ => Err(config(format!(
                "`{name}` is not set: copy it from the database's page, REST API"
            ))),
        };
        Self::new(&variable(URL_VARIABLE)?, &variable(TOKEN_VARIABLE)?)
    }

    /// Neither the URL nor the token is repeated in an error: either may hold the secret.
    pub(crate) fn new(url: &str, token: &str) -> Result<Self, Error> {
        let unusable = || {
            config(
                "the Upstash REST URL cannot be used: write it as https://name.upstash.io, without the token",
            )
        };
        let url = url.trim().trim_end_matches('/');
        let given: Uri = url.parse().map_err(|_| unusable())?;
        let known = matches!(given.scheme_str(), Some("http" | "https"));
        let secret = given.authority().is_none_or(|host| host.as_str().contains('@'));
        if !known || secret || given.query().is_some() {
            return Err(unusable());
        }
        if given.scheme_str() == Some("http") && !given.host().is_some_and(is_loopback) {
            return Err(config(
                "the Upstash REST URL would send the token unencrypted: write https://. http:// is for a front on this machine (localhost, 127.0.0.1, [::1])",
            ));
        }
        let pipeline = format!("{url}/pipeline").parse().map_err(|_| unusable())?;
        let token = token.trim().to_owned();
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}"))
            .ok()
            .filter(|_| !token.is_empty())
            .ok_or_else(|| config("the Upstash REST token is empty or no header can carry it"))?;
        authorization.set_sensitive(true);
        Ok(Self { pipeline, authorization, token })
    }

    /// A text of the server without the token, should it repeat it.
    pub(super) fn redact(&self, text: &str) -> String {
        text.replace(&self.token, "<token>")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}

/// Whether a URL's host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pipeline_is_below_the_url() {
        for (url, pipeline) in [
            ("https://eu1-a-1.upstash.io", "https://eu1-a-1.upstash.io/pipeline"),
            (" https://eu1-a-1.upstash.io/\n", "https://eu1-a-1.upstash.io/pipeline"),
            ("http://127.0.0.1:8079/redis", "http://127.0.0.1:8079/redis/pipeline"),
        ] {
            assert_eq!(Address::new(url, "t").unwrap().pipeline.to_string(), pipeline);
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_and_not_repeated() {
        for (url, token) in [
            ("", "s3cret"),
            ("s3cret.upstash.io", "s3cret"),
            ("rediss://default:s3cret@a.upstash.io:6379", "s3cret"),
            ("https://default:s3cret@a.upstash.io", "s3cret"),
            ("https://a.upstash.io?_token=s3cret", "s3cret"),
            ("https://a.upstash.io", ""),
            ("https://a.upstash.io", "s3cret\nx"),
        ] {
            let error = Address::new(url, token).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn without_encryption_the_token_goes_to_this_machine_only() {
        for host in ["localhost", "LocalHost:80", "127.0.0.1:8079", "127.1.2.3", "[::1]:8079"] {
            assert!(Address::new(&format!("http://{host}"), "t").is_ok(), "{host}");
        }
        for host in ["a.upstash.io", "10.0.0.7:80", "[fe80::1]", "localhost.example", "127.0.0.1.x"]
        {
            let error = Address::new(&format!("http://{host}"), "t").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains("write https://"), "{error}");
            assert!(Address::new(&format!("https://{host}"), "t").is_ok(), "{host}");
        }
    }

    #[test]
    fn the_token_is_shown_nowhere() {
        let address = Address::new("https://a.upstash.io", "s3cret").unwrap();
        assert!(!format!("{address:?} {:?}", address.authorization).contains("s3cret"));
        assert_eq!(address.redact("no such token: s3cret"), "no such token: <token>");
    }
}

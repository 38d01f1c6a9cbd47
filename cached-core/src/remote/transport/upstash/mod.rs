//! Upstash over its REST API: pipelines as HTTP requests, for where only HTTP gets through. It cannot block, so the
//! backplane polls; its arguments are text, so what is stored is text.

mod address;
mod http;
mod repeat;
mod sync_token;
mod wire;

pub(crate) use address::Address;

use self::http::{Answer, Broken, Http};
use super::settings::Settings;
use super::{Command, Fault, Reply, Resends, Transport, TransportFuture};
use crate::error::{Error, ErrorKind};
use ::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use ::http::{Method, Request, StatusCode};
use hyper::body::Bytes;
use repeat::{Attempts, Failure};
use std::time::Duration;
use sync_token::{Sent, SyncToken};

pub(crate) struct Upstash {
    address: Address,
    http: Http,
    sync: SyncToken,
    timeout: Duration,
}

impl Upstash {
    /// Connects to nothing yet.
    pub(crate) fn new(address: Address, settings: &Settings) -> Result<Self, Error> {
        let http = Http::new(&address.pipeline, settings).map_err(|error| {
            let advice = "TLS cannot be used: check the PEM files given, or install the system's ca-certificates";
            Error::new(ErrorKind::Config, advice).with(error)
        })?;
        Ok(Self { address, http, sync: SyncToken::default(), timeout: settings.timeout })
    }

    async fn run(&self, commands: &[Command]) -> Result<Vec<Reply>, Fault> {
        let body = Bytes::from(wire::body(commands)?);
        let mut attempts = Attempts::of(commands, self.timeout);
        loop {
            let sent = self.sync.send(commands);
            match self.attempt(body.clone(), &sent).await {
                Ok(replies) => return Ok(replies),
                Err(failure) => tokio::time::sleep(attempts.next(failure)?).await,
            }
        }
    }

    async fn attempt(&self, body: Bytes, sent: &Sent) -> Result<Vec<Reply>, Failure> {
        let mut request = Request::new(body.into());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.address.pipeline.clone();
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.address.authorization.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("upstash-encoding", HeaderValue::from_static("base64"));
        // Empty at first, as the official client sends it.
        let token = sent.token.clone().unwrap_or(HeaderValue::from_static(""));
        headers.insert(sync_token::HEADER, token);
        match self.http.send(request).await {
            Ok(answer) => self.read(&answer, sent),
            Err(Broken::NotSent(fault)) => Err(Failure::NotRun(fault, None)),
            Err(Broken::Lost(fault)) => Err(Failure::MaybeRun(fault, None)),
        }
    }

    fn read(&self, answer: &Answer, sent: &Sent) -> Result<Vec<Reply>, Failure> {
        let Answer { status, headers, body } = answer;
        let redact = |text: &str| self.address.redact(text);
        if status.is_success() {
            self.sync.receive(sent, headers.get(sync_token::HEADER));
            return wire::replies(body, redact).map_err(Failure::Final);
        }
        let why = wire::refusal(body).unwrap_or_default();
        let said = redact(&format!("HTTP {status}: {why}"));
        Err(match *status {
            StatusCode::TOO_MANY_REQUESTS => {
                Failure::NotRun(Fault::Refused(said), retry_after(headers))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Failure::Final(Fault::Refused(format!("{said}: is it this database's token?")))
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                Failure::MaybeRun(Fault::Io(said), retry_after(headers))
            }
            status if status.is_server_error() => Failure::MaybeRun(Fault::Io(said), None),
            _ => Failure::Final(Fault::Refused(said)),
        })
    }
}

impl Transport for Upstash {
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>> {
        Box::pin(async move { self.run(&commands).await })
    }

    /// Connections that wait idle may hang as well: others are made.
    fn reset(&self) {
        self.http.reset();
    }

    fn block(&self, _: Command, _: Duration) -> Option<TransportFuture<'_, Result<Reply, Fault>>> {
        None
    }

    /// See `repeat`. What stands before the database may fail while it still has the request.
    fn resends(&self) -> Resends {
        Resends::Late
    }

    fn text_only(&self) -> bool {
        true
    }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3); as a date it is not kept to.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::transport::Tls;

    /// What a transport whose token is `s3cret` makes of an answer.
    fn read(status: u16, retry_after: Option<&str>, body: &str) -> Result<Vec<Reply>, Failure> {
        let address = Address::new("http://127.0.0.1:1", "s3cret").unwrap();
        let settings = Settings { timeout: Duration::from_secs(1), tls: Tls::default() };
        let upstash = Upstash::new(address, &settings).unwrap();
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().unwrap());
        }
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) };
        upstash.read(&answer, &upstash.sync.send(&[]))
    }

    #[test]
    fn no_answer_shows_the_token() {
        let error = r#"{"error":"no user s3cret"}"#;
        let told = "no user <token>".to_owned();
        let replies = read(200, None, &format!(r#"[{{"result":"OK"}},{error}]"#)).unwrap();
        assert_eq!(replies, [Reply::Bytes("OK".into()), Reply::Error(told.clone())]);
        let whole = read(200, None, error).unwrap_err();
        assert!(matches!(whole, Failure::Final(Fault::Refused(said)) if said == told));
        for status in [400, 401, 429, 500, 503] {
            let failure = format!("{:?}", read(status, None, error).unwrap_err());
            assert!(failure.contains(&told), "{failure}");
        }
    }

    #[test]
    fn a_server_that_is_busy_or_away_says_for_how_long() {
        let wait = |status, retry_after| match read(status, Some(retry_after), "") {
            Err(Failure::NotRun(_, wait) | Failure::MaybeRun(_, wait)) => wait,
            other => panic!("{other:?}"),
        };
        for status in [429, 503] {
            assert_eq!(wait(status, "1"), Some(Duration::from_secs(1)));
            assert_eq!(wait(status, "Wed, 21 Oct 2015 07:28:00 GMT"), None);
        }
        assert_eq!(wait(500, "1"), None);
    }
}

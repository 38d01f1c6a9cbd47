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
use super::{Command, Fault, Reply, Transport, TransportFuture};
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
}

impl Upstash {
    /// Connects to nothing yet.
    pub(crate) fn new(address: Address, settings: &Settings) -> Result<Self, Error> {
        let http = Http::new(&address.pipeline, settings).map_err(|error| {
            let advice = "TLS cannot be used: check the PEM files given, or install the system's ca-certificates";
            Error::new(ErrorKind::Config, advice).with(error)
        })?;
        Ok(Self { address, http, sync: SyncToken::default() })
    }

    async fn run(&self, commands: &[Command]) -> Result<Vec<Reply>, Fault> {
        let body = Bytes::from(wire::body(commands)?);
        let mut attempts = Attempts::of(commands);
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
            Err(Broken::Lost(fault)) => Err(Failure::MaybeRun(fault)),
        }
    }

    fn read(&self, answer: &Answer, sent: &Sent) -> Result<Vec<Reply>, Failure> {
        let Answer { status, headers, body } = answer;
        if status.is_success() {
            self.sync.receive(sent, headers.get(sync_token::HEADER));
            return wire::replies(body).map_err(Failure::Final);
        }
        let why = wire::refusal(body).unwrap_or_default();
        let said = self.address.redact(&format!("HTTP {status}: {why}"));
        Err(match *status {
            StatusCode::TOO_MANY_REQUESTS => {
                Failure::NotRun(Fault::Refused(said), retry_after(headers))
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Failure::Final(Fault::Refused(format!("{said}: is it this database's token?")))
            }
            status if status.is_server_error() => Failure::MaybeRun(Fault::Io(said)),
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

    fn text_only(&self) -> bool {
        true
    }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

//! HTTP to one server: connections that are kept and replaced, over TLS or not. What is asked is not known here.

use crate::remote::transport::settings::Settings;
use crate::remote::transport::{Fault, Tls};
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error as StdError;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Connections that nobody used for so long are closed: a network forgets them silently.
const IDLE: Duration = Duration::from_secs(15);

type Connector = HttpsConnector<HttpConnector>;

pub(super) struct Http {
    connector: Connector,
    client: Mutex<Client<Connector, Full<Bytes>>>,
}

/// Why there is no whole answer.
pub(super) enum Broken {
    /// There was no connection.
    NotSent(Fault),
    /// The connection broke: the request may have arrived.
    Lost(Fault),
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Http {
    /// Connects to nothing yet.
    pub(super) fn new(uri: &Uri, settings: &Settings) -> Result<Self, rustls::Error> {
        let is_plain = uri.scheme_str() == Some("http");
        // Who speaks plain HTTP needs no certificates to be on this machine.
        let tls = if is_plain { Tls::nobody() } else { settings.tls.config() }?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(settings.timeout));
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        let connector = https.enable_http1().wrap_connector(tcp);
        Ok(Self { client: Mutex::new(client(&connector)), connector })
    }

    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, Broken> {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let response = client.request(request).await.map_err(|error| {
            let fault = fault(&error);
            if error.is_connect() { Broken::NotSent(fault) } else { Broken::Lost(fault) }
        })?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| Broken::Lost(fault(&error)))?;
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
    }

    /// No connection that was made until now is used for another request.
    pub(super) fn reset(&self) {
        let fresh = client(&self.connector);
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}

fn client(connector: &Connector) -> Client<Connector, Full<Bytes>> {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector.clone())
}

/// What went wrong in the first place; nothing here repeats headers.
fn fault(error: &(dyn StdError + 'static)) -> Fault {
    let cause = std::iter::successors(error.source(), |&error| error.source()).last();
    Fault::Io(cause.map_or(error.to_string(), |cause| format!("{error}: {cause}")))
}

//! TLS by rustls: whom to trust, and how to say who we are. The system's certificates unless told otherwise.

use std::fmt;

/// How a cache checks its server and shows itself to it. Needed only where the server's certificate is not signed
/// by somebody whom the system trusts, or where the server asks for a certificate.
///
/// ```
/// use cached_core::Cache;
/// use cached_core::remote::transport::Tls;
/// # let (ca, certificate, key) = (Vec::new(), Vec::new(), Vec::new());
/// let tls = Tls::new().ca_pem(ca).client_pem(certificate, key);
/// let builder = Cache::builder().redis("rediss://redis.internal:6380").tls(tls);
/// ```
#[derive(Clone, Default)]
pub struct Tls {
    ca: Option<Vec<u8>>,
    client: Option<(Vec<u8>, Vec<u8>)>,
}

impl Tls {
    /// The system's certificates, and none of our own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certificates of a PEM file, in place of the system's.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca = Some(pem.into());
        self
    }

    /// Shows this certificate to a server that asks for one. Both are the contents of PEM files.
    #[must_use]
    pub fn client_pem(mut self, certificate: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        self.client = Some((certificate.into(), key.into()));
        self
    }

    /// For redis-rs; `None` leaves it to the system's certificates.
    #[cfg(feature = "redis")]
    pub(super) fn certificates(&self) -> Option<redis::TlsCertificates> {
        if self.ca.is_none() && self.client.is_none() {
            return None;
        }
        let client = self.client.clone();
        let client_tls = client
            .map(|(client_cert, client_key)| redis::ClientTlsConfig { client_cert, client_key });
        Some(redis::TlsCertificates { client_tls, root_cert: self.ca.clone() })
    }
}

#[cfg(feature = "upstash")]
impl Tls {
    /// For rustls itself.
    pub(super) fn config(&self) -> Result<rustls::ClientConfig, rustls::Error> {
        use rustls::pki_types::pem::PemObject as _;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let unreadable = |error| rustls::Error::General(format!("unreadable PEM: {error}"));
        let certificates = |pem: &[u8]| {
            let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            all.map_err(unreadable)
        };
        let mut roots = rustls::RootCertStore::empty();
        match &self.ca {
            Some(ca) => certificates(ca)?.into_iter().try_for_each(|root| roots.add(root))?,
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            return Err(rustls::Error::General("no certificate to trust was found".into()));
        }
        let builder = Self::builder()?.with_root_certificates(roots);
        match &self.client {
            Some((certificate, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key).map_err(unreadable)?;
                builder.with_client_auth_cert(certificates(certificate)?, key)
            }
            None => Ok(builder.with_no_client_auth()),
        }
    }

    /// For where nothing is encrypted.
    pub(super) fn nobody() -> Result<rustls::ClientConfig, rustls::Error> {
        let nobody = Self::builder()?.with_root_certificates(rustls::RootCertStore::empty());
        Ok(nobody.with_no_client_auth())
    }

    fn builder()
    -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, rustls::Error>
    {
        let ring = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        rustls::ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions()
    }
}

/// Sees to it that rustls has cryptography to work with. An application that installed its own keeps it.
pub(super) fn ensure_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody may be faster, with a provider that serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// Keys are secrets.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("own_ca", &self.ca.is_some())
            .field("client_certificate", &self.client.is_some())
            .finish()
    }
}

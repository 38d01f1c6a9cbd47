//! Certificates for one test: an authority of its own, a server on loopback, a client. Made anew each time.

use std::io;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// The PEM files of a private authority and of those that it vouches for.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(crate) ca: String,
    pub(crate) client: (String, String),
    folder: PathBuf,
}

impl Certificates {
    /// Makes them and writes what a server needs into `folder`.
    pub(crate) fn write(folder: &Path) -> io::Result<Self> {
        let made = make().map_err(io::Error::other)?;
        let (ca, server, client) = made;
        for (name, text) in [("ca.pem", &ca), ("server.pem", &server.0), ("server.key", &server.1)]
        {
            std::fs::write(folder.join(name), text)?;
        }
        Ok(Self { ca, client, folder: folder.to_path_buf() })
    }

    /// The path of a file that was written.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }
}

type Pair = (String, String);

fn make() -> Result<(String, Pair, Pair), rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, "cached-testkit authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let sign = |names: &[&str]| {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut certificate = CertificateParams::new(names.clone())?;
        // Of another name than the authority, else OpenSSL takes it for one that signed itself.
        certificate.distinguished_name.push(DnType::CommonName, &*names[0]);
        let certificate = certificate.signed_by(&key, &authority)?;
        Ok::<_, rcgen::Error>((certificate.pem(), key.serialize_pem()))
    };
    Ok((authority.pem(), sign(&["localhost", "127.0.0.1"])?, sign(&["client"])?))
}

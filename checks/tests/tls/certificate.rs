//! A new self-signed certificate for a server on this machine.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;

pub(crate) struct Certificate {
    pub(crate) pem: String,
    pub(crate) config: Arc<ServerConfig>,
}

impl Certificate {
    /// For a server that offers these protocols by ALPN, in the order of preference.
    pub(crate) fn new(protocols: &[&str]) -> Result<Self, Box<dyn std::error::Error>> {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der())?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(vec![cert.der().clone()], key)?;
        let protocols = protocols.iter().map(|name| name.as_bytes().to_vec());
        config.alpn_protocols = protocols.collect();
        Ok(Self {
            pem: cert.pem(),
            config: Arc::new(config),
        })
    }
}
